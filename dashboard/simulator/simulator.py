"""A Telnyx on this machine: puts the parts together and gives tests one object to drive."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from nacl.signing import SigningKey

from .call import SimCall
from .call_plan import CallPlan
from .context import SimulationContext
from .ids import fictional_number, new_api_key, new_event_id, to_iso
from .media.sinks import MediaPacer
from .rest import commands
from .rest.application import CallControlApplication
from .rest.body_fields import BodyFields
from .rest.engines import DEFAULT_TRANSCRIPTION_BODY, TranscriptionOptions, parse_transcription_options
from .rest.faults import Fault, FaultQueue
from .rest.routes import RestApi
from .rest.server import ReceivedRequest, RestServer
from .scheduler import Scheduler
from .speech.script import SCRIPTS, Script, speak_script
from .webhooks import payloads
from .webhooks.delivery import DeliveryOptions, Webhook, WebhookDelivery, new_webhook

DEFAULT_CONNECTION_ID = "2400000000000000017"
WEBHOOK_PATH = "/webhooks/telnyx"
# The data of an ended call stays readable for ten minutes.
_ENDED_CALL_TTL_S = 600.0


class Simulator:
    """Serves the REST API and delivers signed webhooks to `target` + `/webhooks/telnyx`.

    `speed` is how many times faster than people the calls talk. `auto_answer` is after how many seconds a ringing call
    is answered by itself (None: never), `dial_answer` after how many the far end picks up. `seed` repeats the same
    choices (never the same ids). `private_key_seed` is 32 bytes. `history` bounds `requests` and `webhooks`.
    """

    def __init__(
        self,
        target: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str | None = None,
        seed: int | None = None,
        speed: float = 1.0,
        delivery_options: DeliveryOptions | None = None,
        auto_answer: float | None = 15.0,
        dial_answer: float | None = 3.0,
        connection_id: str = DEFAULT_CONNECTION_ID,
        private_key_seed: bytes | None = None,
        workers: int = 8,
        rate_limit: int = 3_000,
        history: int = 20_000,
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        key = SigningKey(private_key_seed) if private_key_seed is not None else SigningKey.generate()
        self.target = target.rstrip("/")
        self.api_key = api_key or new_api_key()
        self.public_key = base64.b64encode(key.verify_key.encode()).decode("ascii")
        self.connection_id = connection_id
        self.calls: dict[str, SimCall] = {}
        self._host = host
        self._auto_answer = auto_answer
        self._dial_answer = dial_answer
        self._rng = random.Random(seed)
        self._state_changed = threading.Condition()
        self._scheduler = Scheduler()
        self._delivery = WebhookDelivery(
            key=key,
            scheduler=self._scheduler,
            options=delivery_options or DeliveryOptions(),
            rng=random.Random(self._rng.random()),
            state_changed=self._state_changed,
            workers=workers,
            history=history,
        )
        self._context = SimulationContext(
            state_changed=self._state_changed,
            scheduler=self._scheduler,
            delivery=self._delivery,
            pacer=MediaPacer(),
            speed=speed,
            application=CallControlApplication(connection_id, self.target + WEBHOOK_PATH),
            log=log,
        )
        self._faults = FaultQueue()
        api = RestApi(self, self._context, self._faults, rate_limit=rate_limit)
        self._rest_server = RestServer(api, host=host, port=port, state_changed=self._state_changed, history=history)

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The value for TELNYX_BASE_URL."""
        return f"http://{self._host}:{self._rest_server.port}/v2"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every REST request received, oldest first."""
        with self._state_changed:
            return list(self._rest_server.received_requests)

    @property
    def webhooks(self) -> list[Webhook]:
        """Every webhook sent or still on its way, in the order in which the events happened."""
        with self._state_changed:
            return list(self._delivery.webhooks)

    @property
    def active_calls(self) -> list[SimCall]:
        with self._state_changed:
            return [call for call in self.calls.values() if call.is_alive]

    def start(self) -> None:
        self._scheduler.start()
        self._delivery.start()
        self._context.pacer.start()
        self._rest_server.start()

    def stop(self) -> None:
        """End at once: calls fall silent without a hang-up, and no thread or socket is left."""
        self._scheduler.stop()
        self._rest_server.stop()
        self._context.join_background_threads()
        self._context.pacer.stop()
        self._delivery.stop()

    def drain(self, timeout: float = 5.0) -> bool:
        """Wait until every webhook was delivered or given up; False if that took too long."""
        return self._delivery.drain(timeout)

    def wait_until(self, predicate: Callable[[Simulator], bool], timeout: float = 5.0) -> bool:
        """Wait for any state of the simulator, e.g. a number of webhooks; False if it did not come in time."""
        with self._state_changed:
            return self._state_changed.wait_for(lambda: predicate(self), timeout)

    def run_later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do something quick after a while, on the thread of the calls; forgotten if the simulator stops first."""
        self._scheduler.run_after(delay_s, action)

    def place_call(
        self,
        script: str | Script | None = None,
        direction: Literal["incoming", "outgoing"] = "incoming",
        *,
        auto_answer: float | None | Literal["default"] = "default",
        transcribe: bool | Mapping[str, Any] = False,
        start_at: float = 0.0,
        ring_timeout: float = 60.0,
        from_number: str | None = None,
        to_number: str | None = None,
        client_state: str | None = None,
        extras: bool = False,
        paced: bool = True,
    ) -> SimCall:
        """Let a call come in or go out.

        `script` is a name of `SCRIPTS`, a Script or None for any. `transcribe` (True, or a body of
        `transcription_start`) begins at the answer. `start_at` skips the first seconds of the conversation. `extras`
        adds keys pressed, costs and the like. `paced` false: nothing is said until `say_next`. Raises ApiError for a
        body that the API would refuse.
        """
        with self._state_changed:
            rng = random.Random(self._rng.random())
            plan = CallPlan(
                spoken_script=speak_script(self._choose_script(script, rng), rng),
                direction=direction,
                from_number=from_number or fictional_number(rng),
                to_number=to_number or fictional_number(rng),
                answer_after_s=self._auto_answer if auto_answer == "default" else auto_answer,
                ring_timeout_s=ring_timeout,
                start_at_s=start_at,
                transcription=_transcription_options(transcribe),
                client_state=client_state,
                has_extras=extras,
                is_paced=paced,
            )
            return self._add_call(plan, rng)

    def dial_call(self, fields: BodyFields) -> SimCall:
        """Place the call that a body of `POST /v2/calls` asks for. Raises ApiError."""
        with self._state_changed:
            rng = random.Random(self._rng.random())
            performance = speak_script(self._choose_script(None, rng), rng)
            plan = commands.parse_dial_plan(
                fields, connection_id=self.connection_id, spoken_script=performance, answer_after_s=self._dial_answer
            )
            return self._add_call(plan, rng)

    def inject_fault(
        self, action: str, status: int = 422, code: str = "90045", times: int = 1, *,
        headers: Mapping[str, str] | None = None, body: dict[str, Any] | None = None, raw: bytes | None = None,
        reset: bool = False, hang_s: float = 0.0, effect: bool = False,
    ) -> None:  # fmt: skip
        """Make the next `times` answers of an action fail; `Fault` says how."""
        fault = Fault(
            action=action, status=status, code=code, times=times, headers=headers or {}, body=body, raw=raw,
            reset=reset, hang_s=hang_s, effect=effect,
        )  # fmt: skip
        self._faults.add_fault(fault)

    def clear_faults(self) -> None:
        """Forget every refusal that has not happened yet."""
        self._faults.clear()

    def send_webhook(
        self,
        event_type: str,
        call: SimCall | None = None,
        payload: Mapping[str, Any] | None = None,
        *,
        event_id: str | None = None,
        occurred_at: str | float | None = None,
        timestamp: int | None = None,
        bare: bool = False,
    ) -> Webhook:
        """Send a hand-made webhook, spared from bad manners, and return it at once; `drain` waits for it.

        The common fields of `call` come first unless `bare`. `occurred_at` is ISO 8601 or seconds since 1970;
        `timestamp` is the moment that is signed, for stale signatures.
        """
        common = payloads.common_fields(call) if call is not None and not bare else {}
        webhook = new_webhook(
            id=event_id or new_event_id(),
            event_type=event_type,
            occurred_at=occurred_at if isinstance(occurred_at, str) else to_iso(occurred_at),
            payload=common | dict(payload or {}),
            call_control_id=call.call_control_id if call is not None else None,
            url=self._context.application.webhook_url,
            timestamp=timestamp,
        )
        return self._delivery.send(webhook, without_delay=True)

    def _choose_script(self, script: str | Script | None, rng: random.Random) -> Script:
        if isinstance(script, Script):
            return script
        return SCRIPTS[script or rng.choice(list(SCRIPTS))]

    def _add_call(self, plan: CallPlan, rng: random.Random) -> SimCall:
        call = SimCall(self._context, plan, rng)
        self.calls[call.call_control_id] = call
        self._remove_ended_calls()
        call.ring()
        return call

    def _remove_ended_calls(self) -> None:
        ended_before = time.time() - _ENDED_CALL_TTL_S
        gone = [call for call in self.calls.values() if call.ended_at is not None and call.ended_at < ended_before]
        for call in gone:
            del self.calls[call.call_control_id]


def _transcription_options(transcribe: bool | Mapping[str, Any]) -> TranscriptionOptions | None:
    if transcribe is False:
        return None
    return parse_transcription_options(
        BodyFields(DEFAULT_TRANSCRIPTION_BODY if transcribe is True else dict(transcribe))
    )
