"""An application and a simulated provider in one process, talking over real sockets in both directions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard import create_app
from dashboard.settings import Settings
from dashboard.simulator import SimCall, Simulator
from dashboard.simulator.rest.server import ReceivedRequest
from dashboard.telnyx.api.client import TelnyxClient
from tests.conftest import services_of
from tests.system.server import free_port, wait_until

TOKEN = "a token for the scripts of the test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
READ_TIMEOUT_S = 0.4


@dataclass
class SimulatorHarness:
    """`apps` share one database; the simulator's webhooks go to them in turn."""

    simulator: Simulator
    apps: list[Flask]
    retry_pauses: list[float] = field(default_factory=list)

    @property
    def app(self) -> Flask:
        return self.apps[0]

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def place_answered_call(self, **options: Any) -> SimCall:
        """A call that is answered, says nothing by itself, and is known here."""
        call = self.simulator.place_call(**({"auto_answer": 0.0, "paced": False} | options))
        assert call.wait_until(lambda seen: seen.is_answered)
        assert self.simulator.drain()
        assert self.get_call(call)["state"] == "answered"
        return call

    @contextmanager
    def divert_webhooks(self) -> Iterator[None]:
        """What happens now is told to nobody: the application's webhooks go elsewhere."""
        target = self.simulator.target + "/webhooks/telnyx"
        for address in ("http://127.0.0.1:9/", target):
            changed = requests.patch(
                f"{self.simulator.base_url}/call_control_applications/{self.simulator.connection_id}",
                json={"webhook_event_url": address},
                headers={"Authorization": f"Bearer {self.simulator.api_key}"},
                timeout=5,
            )
            assert changed.status_code == 200, changed.text
            if address != target:
                yield

    def send_command(self, call: SimCall, name: str, parameters: dict[str, Any] | None = None) -> Any:
        address = f"/api/calls/{call.call_control_id}/actions/{name}"
        return self.client.post(address, json=parameters or {}, headers=BEARER)

    def get_call(self, call: SimCall) -> dict[str, Any]:
        answer = self.client.get(f"/api/calls/{call.call_control_id}", headers=BEARER)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()["call"]
        return found

    def switch_state(self, call: SimCall, name: str) -> str:
        state: str = self.get_call(call)["switches"][name]["state"]
        return state

    def wait_for_switch(self, call: SimCall, name: str, state: str) -> bool:
        wait_until(
            lambda: self.switch_state(call, name) == state, f"{name} {state}, is {self.switch_state(call, name)}"
        )
        return True

    def get_commands(self, call: SimCall) -> list[dict[str, Any]]:
        address = f"/api/calls/{call.call_control_id}/commands"
        listed: list[dict[str, Any]] = self.client.get(address, headers=BEARER).get_json()["commands"]
        return listed

    def received_commands(self, call: SimCall, name: str) -> list[ReceivedRequest]:
        """What reached the provider of one command on one call."""
        ending = f"{call.call_control_id}/actions/{name}"
        return [asked for asked in self.simulator.requests if asked.path.endswith(ending)]


@contextmanager
def run_with_simulator(settings: Settings, *, instances: int = 1, **options: Any) -> Iterator[SimulatorHarness]:
    """Both, running. `settings` get the simulator's address and keys; `options` are the simulator's."""
    port = free_port()
    with Simulator(f"http://127.0.0.1:{port}", **({"auto_answer": 0.0, "dial_answer": 0.0} | options)) as simulator:
        settings = _with_simulator_settings(settings, simulator)
        pauses: list[float] = []
        apps = [create_app(settings, client=_impatient_client(settings, pauses)) for _ in range(instances)]
        running = SimulatorHarness(simulator=simulator, apps=apps, retry_pauses=pauses)
        with _serve_apps(apps, port):
            yield running
        for app in apps:
            services_of(app).close()


def _with_simulator_settings(settings: Settings, simulator: Simulator) -> Settings:
    return replace(
        settings,
        telnyx_base_url=simulator.base_url,
        telnyx_api_key=simulator.api_key,
        telnyx_public_key=simulator.public_key,
        telnyx_connection_id=simulator.connection_id,
        dashboard_api_token=TOKEN,
    )


def _impatient_client(settings: Settings, pauses: list[float]) -> TelnyxClient:
    """A client with a short time-out, which only notes the pauses between attempts."""
    return TelnyxClient(
        api_key=settings.telnyx_api_key or "",
        base_url=settings.telnyx_base_url,
        timeout=(1.0, READ_TIMEOUT_S),
        sleep=pauses.append,
    )


class _QuietRequestHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """The simulator keeps its own record."""


@contextmanager
def _serve_apps(apps: list[Flask], port: int) -> Iterator[None]:
    turn = iter(range(1_000_000))

    def serve_in_turn(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return apps[next(turn) % len(apps)](environ, start_response)

    server = make_server("127.0.0.1", port, serve_in_turn, threaded=True, request_handler=_QuietRequestHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
