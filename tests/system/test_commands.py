"""What leaves this server for the provider when a button is pressed, to the letter.

Source of methods, paths and bodies: Telnyx API reference, Call Control commands.
"""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from simple_websocket import ConnectionClosed
from simple_websocket import Server as MediaSocket

from dashboard.simulator import Simulator
from tests.conftest import CALL_ID, Signer
from tests.system.conftest import TOKEN
from tests.system.provider import RecordingProvider, error_body
from tests.system.server import Server, Watcher, free_port

KEY = "KEY_of_the_test"
ODD_CALL = "v3:odd?b#c%d"
FORK = {"rx": "udp:198.51.100.20:40000", "tx": "udp:198.51.100.20:40002"}
STREAM = {
    "stream_url": "wss://dash.example.com/media/telnyx",
    "stream_track": "both_tracks",
    "stream_codec": "PCMU",
    "stream_auth_token": "one-time-secret-for-this-call",
    "custom_parameters": [{"name": "dashboard_call", "value": "c1"}],
}
TRANSCRIPTION = {
    "transcription_engine": "Deepgram",
    "transcription_engine_config": {
        "transcription_engine": "Deepgram",
        "transcription_model": "deepgram/nova-3",
        "language": "en-US",
        "interim_results": True,
        "smart_format": True,
    },
    "transcription_tracks": "both",
}
STREAM_ID = {"stream_id": "3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10"}
BUTTONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("fork_start", FORK, {**FORK, "stream_type": "decrypted"}),
    ("fork_stop", {}, {"stream_type": "decrypted"}),
    ("streaming_start", STREAM, STREAM),
    ("streaming_stop", {}, {}),
    ("streaming_stop", STREAM_ID, STREAM_ID),
    ("transcription_start", TRANSCRIPTION, TRANSCRIPTION),
    ("transcription_start", {}, {}),
    ("transcription_stop", {}, {}),
    ("transcription_stop", {"client_state": "café"}, {"client_state": "Y2Fmw6k="}),
    ("answer", {}, {}),
    ("reject", {"cause": "USER_BUSY"}, {"cause": "USER_BUSY"}),
    ("hangup", {}, {}),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, RecordingProvider]]:
    """One server for all buttons: each test presses on a call of its own."""
    signer = Signer()
    database = tmp_path_factory.mktemp("commands") / "dashboard.sqlite3"
    with (
        RecordingProvider() as provider,
        Server(
            TELNYX_API_KEY=KEY,
            TELNYX_PUBLIC_KEY=signer.public_key,
            TELNYX_BASE_URL=provider.base_url,
            DATABASE_URL=f"sqlite:///{database}",
            DASHBOARD_API_TOKEN=TOKEN,
        ) as server,
    ):
        for number in range(len(BUTTONS)):
            server.deliver_webhook(signer, "call.initiated", call_id=f"{CALL_ID}-{number}")
            server.deliver_webhook(signer, "call.answered", call_id=f"{CALL_ID}-{number}")
        server.deliver_webhook(signer, "call.initiated", call_id=ODD_CALL)
        yield server, provider


@pytest.mark.parametrize("number", range(len(BUTTONS)), ids=[f"{name}-{n}" for n, (name, *_) in enumerate(BUTTONS)])
def test_button_sends_exactly_the_documented_request(recorded: tuple[Server, RecordingProvider], number: int) -> None:
    server, provider = recorded
    name, parameters, expected = BUTTONS[number]
    before = len(provider.commands)
    command_id = str(uuid.uuid4())
    status, answer = server.send_command(f"{CALL_ID}-{number}", name, {**parameters, "command_id": command_id}, TOKEN)
    assert (status, answer["command"]["id"], answer["command"]["name"]) == (202, command_id, name)
    [asked] = provider.commands[before:]
    assert (asked.method, asked.path) == ("POST", f"/v2/calls/{CALL_ID}-{number}/actions/{name}")
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.headers["Content-Type"] == "application/json"
    assert "Cookie" not in asked.headers
    assert asked.body == {**expected, "command_id": command_id}


def test_id_of_a_call_is_quoted_in_the_address(recorded: tuple[Server, RecordingProvider]) -> None:
    server, provider = recorded
    status, _ = server.send_command(quote(ODD_CALL), "hangup", {}, TOKEN)
    assert status == 202
    assert provider.commands[-1].path == "/v2/calls/v3:odd%3Fb%23c%25d/actions/hangup"


def test_temporary_failure_is_tried_again_with_the_same_command_id(recorded: tuple[Server, RecordingProvider]) -> None:
    server, provider = recorded
    before = len(provider.commands)
    provider.next_responses.append((503, error_body("10007")))
    status, answer = server.send_command(f"{CALL_ID}-0", "hangup", {}, TOKEN)
    assert (status, answer["command"]["attempts"]) == (202, 2)
    first, second = provider.commands[before:]
    assert first.body == second.body and first.path == second.path


def test_key_of_the_account_is_never_logged(recorded: tuple[Server, RecordingProvider]) -> None:
    server, provider = recorded
    provider.next_responses.append((401, error_body("10009", detail=f"bad key {KEY}")))
    status, answer = server.send_command(f"{CALL_ID}-0", "answer", {}, TOKEN)
    assert status == 502 and KEY not in str(answer)
    assert KEY not in server.log and TOKEN not in server.log and "one-time-secret" not in server.log


class Ear:
    """A media server for one stream: takes the WebSocket and counts what it hears."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._heard = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __enter__(self) -> Ear:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(5)

    def frames_arrived(self, count: int = 5) -> bool:
        return all(self._heard.acquire(timeout=5) for _ in range(count))

    def _listen(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            environ = {"werkzeug.socket": connection, **_request_headers(connection)}
            stream = MediaSocket(environ)
            try:
                while (frame := stream.receive()) is not None:
                    if json.loads(frame)["event"] == "media":
                        self._heard.release()
            except ConnectionClosed:
                return


def _request_headers(connection: socket.socket) -> dict[str, str]:
    """The opening request as WSGI would tell it."""
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        request += connection.recv(4_096)
    lines = request.decode().split("\r\n")[1:]
    pairs = (line.split(": ", 1) for line in lines if line)
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in pairs}


@pytest.fixture
def call_at_simulator(simulated: Callable[..., tuple[Server, Simulator]]) -> Iterator[Any]:
    server, simulator = simulated(seed=3)
    call = simulator.place_call(auto_answer=0.0)
    with Watcher(server, token=TOKEN) as watcher:
        assert call.wait_until(lambda seen: seen.is_answered)
        assert simulator.drain()
        watcher.watch_call(call.call_control_id)
        yield server, simulator, call, watcher


def test_switches_show_what_is_true_all_the_way(call_at_simulator: Any) -> None:
    server, simulator, call, watcher = call_at_simulator

    def press(name: str, parameters: dict[str, Any] | None = None) -> tuple[int, Any]:
        answered: tuple[int, Any] = server.send_command(call.call_control_id, name, parameters or {}, TOKEN)
        return answered

    def shows(name: str, states: list[str]) -> bool:
        return bool(watcher.wait_for(lambda seen: seen.switch_states(name)[-len(states) :] == states))

    assert press("transcription_start", TRANSCRIPTION)[0] == 202
    assert shows("transcription", ["starting", "on"]), watcher.switch_states("transcription")
    assert call.is_transcribing
    assert press("transcription_stop")[0] == 202
    assert shows("transcription", ["starting", "on", "stopping", "off"]), watcher.switch_states("transcription")
    assert not call.is_transcribing

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(5)
        here = f"udp:127.0.0.1:{ear.getsockname()[1]}"
        assert press("fork_start", {"rx": here, "tx": here})[0] == 202
        assert shows("fork", ["off", "starting", "on"]), watcher.switch_states("fork")
        assert ear.recv(2_048)[0] & 0xC0 == 0x80  # RTP, version 2

        status, answer = press("streaming_start", {"stream_url": f"ws://127.0.0.1:{free_port()}/"})
        assert (status, answer["error"]["details"]["provider_code"]) == (409, "90045")
        assert answer["error"]["hint"]
        assert shows("streaming", ["starting", "failed"]), watcher.switch_states("streaming")

        assert press("fork_stop")[0] == 202
        assert shows("fork", ["starting", "on", "stopping", "off"]), watcher.switch_states("fork")

    assert press("streaming_start", {"stream_url": f"ws://127.0.0.1:{free_port()}/"})[0] == 202
    assert watcher.wait_for(lambda seen: seen.call["switches"]["streaming"]["reason"] == "connection_failed"), (
        watcher.call["switches"]["streaming"]
    )
    assert watcher.call["switches"]["streaming"]["state"] == "failed"

    assert press("hangup")[0] == 202
    assert watcher.wait_for(lambda seen: seen.call["state"] == "ended")
    assert simulator.drain()
    assert {webhook.state for webhook in simulator.webhooks} == {"delivered"}


def test_streaming_is_on_when_the_sound_flows_and_forking_beside_it_is_refused(call_at_simulator: Any) -> None:
    server, _, call, watcher = call_at_simulator
    with Ear() as ear:
        status, _ = server.send_command(call.call_control_id, "streaming_start", {"stream_url": ear.address}, TOKEN)
        assert status == 202
        assert watcher.wait_for(lambda seen: seen.switch_states("streaming")[-2:] == ["starting", "on"])
        assert ear.frames_arrived()
        status, answer = server.send_command(call.call_control_id, "fork_start", FORK, TOKEN)
        assert (status, answer["error"]["details"]["provider_code"]) == (409, "90045")
        assert answer["error"]["hint"]
        status, _ = server.send_command(call.call_control_id, "streaming_stop", {}, TOKEN)
        assert status == 202
        assert watcher.wait_for(lambda seen: seen.switch_states("streaming")[-2:] == ["stopping", "off"])
