"""Real WebSockets to a real threaded server: who gets in, what is published, and how streams end."""

from __future__ import annotations

import base64
import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from websocket import ABNF, WebSocket, WebSocketBadStatusException, create_connection
from werkzeug.serving import make_server

from dashboard.calls.events import Track
from dashboard.errors import StoreBusyError
from dashboard.media import receiver
from dashboard.media.meter import StreamLevels
from dashboard.media.registry import StreamRegistry
from dashboard.media.tokens import StreamTokens
from dashboard.web import errors, media, security_headers
from dashboard.web.context import set_context

CALL, OTHER_CALL = "v3:EXAMPLE-call-control-id_0001", "v3:EXAMPLE-call-control-id_0002"
WAIT_S = 10.0


@dataclass
class Place:
    """A served application, and everything it published."""

    url: str
    tokens: StreamTokens
    streams: StreamRegistry
    published: queue.Queue[StreamLevels] = field(default_factory=queue.Queue)
    known: set[str] = field(default_factory=lambda: {CALL})
    store_is_busy: bool = False
    clients: list[WebSocket] = field(default_factory=list)

    def connect(self, token: str | None = None, *, call_id: str = CALL, **options: Any) -> WebSocket:
        token = self.tokens.issue(call_id) if token is None else token
        options.setdefault("header", [f"x-telnyx-streaming-auth-token: {token}"] if token else [])
        self.clients.append(create_connection(self.url, timeout=WAIT_S, **options))
        return self.clients[-1]

    def await_measured(self, wanted: Callable[[StreamLevels], bool]) -> StreamLevels:
        while True:
            measured = self.published.get(timeout=WAIT_S)
            if wanted(measured):
                return measured


def is_known(place: Place, call_id: str) -> bool:
    if place.store_is_busy:
        raise StoreBusyError("The store is busy.")
    return call_id in place.known


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    app = Flask(__name__)
    security_headers.init_app(app, external_script_url=None, is_https=False)
    errors.init_app(app)
    app.register_blueprint(media.bp)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    place = Place(f"ws://127.0.0.1:{server.port}/media/telnyx", StreamTokens("a key"), StreamRegistry(limit=3))

    def publish(measured: Sequence[StreamLevels]) -> None:
        for one in measured:
            place.published.put(one)

    receives = receiver.MediaReceiver(
        tokens=place.tokens, is_known=lambda call: is_known(place, call), publish=publish, streams=place.streams
    )
    services: Any = SimpleNamespace(media=receives)
    set_context(app, SimpleNamespace(services=services))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield place
    for client in place.clients:
        client.shutdown()
    server.shutdown()
    thread.join()
    server.server_close()


def start(call_id: str = CALL, stream_id: str = "S-1", encoding: str = "PCMU") -> str:
    told = {
        "call_control_id": call_id,
        "media_format": {"encoding": encoding, "sample_rate": 8000, "channels": 1},
    }
    return json.dumps({"event": "start", "sequence_number": "1", "stream_id": stream_id, "start": told})


def sound(number: int, track: str = "inbound", payload: bytes = b"\xff" * 160) -> str:
    told = {
        "track": track,
        "chunk": str(number),
        "timestamp": str(number * 20),
        "payload": base64.b64encode(payload).decode(),
    }
    return json.dumps({"event": "media", "sequence_number": str(number + 1), "stream_id": "S-1", "media": told})


def close_code(socket: WebSocket) -> int:
    """Read until the server says goodbye."""
    while True:
        opcode, content = socket.recv_data()
        if opcode == ABNF.OPCODE_CLOSE:
            socket.shutdown()
            return int.from_bytes(content[:2], "big")


def refusal(place: Place, *args: Any, **options: Any) -> int:
    with pytest.raises(WebSocketBadStatusException) as refused:
        place.connect(*args, **options)
    return refused.value.status_code


def until_free(place: Place) -> None:
    released = threading.Event()
    for _ in range(int(WAIT_S / 0.01)):
        if place.streams.count == 0:
            return
        released.wait(0.01)
    raise AssertionError("the stream keeps its place")


def test_a_stream_is_measured_and_told(place: Place) -> None:
    socket = place.connect()
    socket.send('{"event":"connected","version":"1.0.0"}')
    socket.send(start())
    for number in range(1, 21):
        socket.send(sound(number))
        if number not in (7, 8):
            socket.send(sound(number, "outbound", b"\x00" * 160))
    socket.send('{"event":"dtmf","occurred_at":"2026-08-21T10:15:40.698408Z","dtmf":{"digit":"1"}}')
    socket.send('{"event":"stop","stop":{}}')

    done = place.await_measured(
        lambda told: all(level.level_db is None for level in told.tracks.values()) and len(told.tracks) == 2
    )

    assert (done.call_id, done.stream_id, done.codec, done.sample_rate_hz) == (CALL, "S-1", "PCMU", 8000)
    inbound, outbound = done.tracks[Track.INBOUND], done.tracks[Track.OUTBOUND]
    assert (inbound.frames, inbound.gaps, inbound.bytes) == (20, 0, 3_200)
    assert (outbound.frames, outbound.gaps, outbound.late) == (18, 2, 0)
    assert [key.digit for key in done.digits] == ["1"]
    assert close_code(socket) == 1000


def test_levels_are_told_while_the_stream_runs(place: Place) -> None:
    socket = place.connect()
    socket.send(start())
    for number in range(10):
        socket.send(sound(number, payload=b"\x00" * 160))

    told = place.await_measured(lambda told: bool(told.tracks) and told.tracks[Track.INBOUND].level_db is not None)
    gone = place.await_measured(lambda told: told.tracks[Track.INBOUND].level_db is None)

    assert told.tracks[Track.INBOUND].level_db == pytest.approx(-0.2, abs=0.1)
    assert gone.tracks[Track.INBOUND].frames == 10
    socket.close()


def test_what_arrives_together_with_the_goodbye_still_counts(place: Place) -> None:
    socket = place.connect()
    frames = [start(), *(sound(number) for number in range(1, 21)), '{"event":"stop"}']
    wire = b"".join(ABNF.create_frame(text, ABNF.OPCODE_TEXT).format() for text in frames)
    goodbye = ABNF.create_frame(b"", ABNF.OPCODE_CLOSE).format()
    socket.sock.sendall(wire + goodbye)

    assert place.await_measured(lambda told: bool(told.tracks)).tracks[Track.INBOUND].frames == 20


def test_without_the_token_nobody_gets_in(place: Place) -> None:
    assert refusal(place, "") == 403
    assert refusal(place, "nonsense") == 403
    assert refusal(place, StreamTokens("another key").issue(CALL)) == 403
    assert place.streams.count == 0


def test_a_plain_request_is_told_that_a_websocket_lives_here(place: Place) -> None:
    import http.client

    host, port = place.url.removeprefix("ws://").split("/")[0].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=WAIT_S)
    token = {"x-telnyx-streaming-auth-token": place.tokens.issue(CALL)}
    statuses = []
    for extra in ({}, {"Connection": "Upgrade", "Upgrade": "websocket"}):
        connection.request("GET", "/media/telnyx", headers=token | extra)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [400, 400]
    assert place.streams.count == 0


@pytest.mark.parametrize("call_id", [OTHER_CALL, "v3:nobody-knows"])
def test_a_stream_of_another_call_than_the_tokens_is_closed(place: Place, call_id: str) -> None:
    place.known.add(OTHER_CALL)
    socket = place.connect()
    socket.send(start(call_id))

    assert close_code(socket) == 1008
    until_free(place)
    assert place.published.empty()


def test_a_stream_of_an_unknown_call_is_closed(place: Place) -> None:
    place.known.clear()
    socket = place.connect()
    socket.send(start())

    assert close_code(socket) == 1008


def test_a_busy_store_says_come_again(place: Place) -> None:
    place.store_is_busy = True
    socket = place.connect()
    socket.send(start())

    assert close_code(socket) == 1013


def test_a_stream_that_never_starts_is_closed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "START_WITHIN_S", 0.0)
    socket = place.connect()
    socket.send('{"event":"connected"}')

    assert close_code(socket) == 1008


def test_sound_before_the_start_is_not_measured(place: Place) -> None:
    socket = place.connect()
    socket.send(sound(1))
    socket.send(start())
    socket.send(sound(2))

    assert place.await_measured(lambda told: bool(told.tracks)).tracks[Track.INBOUND].frames == 1
    socket.close()


def test_the_newest_stream_of_a_call_wins(place: Place) -> None:
    token = place.tokens.issue(CALL)
    older = place.connect(token)
    older.send(start(stream_id="older"))
    older.send(sound(1))
    place.await_measured(lambda told: told.stream_id == "older")
    newer = place.connect(token)
    newer.send(start(stream_id="newer"))
    newer.send(sound(1))

    assert close_code(older) == 1000
    assert place.await_measured(lambda told: told.stream_id == "newer").call_id == CALL
    newer.send(sound(2))
    newer.close()
    until_free(place)


def test_a_token_is_spent_when_its_stream_has_ended(place: Place) -> None:
    token = place.tokens.issue(CALL)
    broken = place.connect(token)
    broken.send(start())
    broken.shutdown()
    until_free(place)
    back = place.connect(token)
    back.send(start())
    back.send('{"event":"stop"}')
    assert close_code(back) == 1000
    until_free(place)

    assert refusal(place, token) == 403


def test_the_number_of_streams_is_bounded(place: Place) -> None:
    held = [place.connect() for _ in range(3)]

    assert refusal(place) == 503
    for socket in held:
        socket.close()
    until_free(place)
    place.connect().close()


def test_hostile_frames_are_passed_over(place: Place) -> None:
    socket = place.connect()
    socket.send(start())
    for text in ("", "[" * 10_000, "{}", '{"event":"media","media":{"track":[],"payload":"*"}}', start(OTHER_CALL)):
        socket.send(text)
    socket.send(sound(1, payload=b""))

    assert place.await_measured(lambda told: bool(told.tracks)).tracks[Track.INBOUND].frames == 1
    socket.close()


def test_somebody_who_sends_only_nonsense_is_cut_off(place: Place) -> None:
    socket = place.connect()
    socket.send(start())
    for _ in range(receiver.MAX_UNREADABLE_FRAMES + 1):
        socket.send("nonsense")

    assert close_code(socket) == 1007


@pytest.mark.parametrize(
    ("content", "opcode", "code"),
    [
        (b"\x00" * 10, ABNF.OPCODE_BINARY, 1003),
        (b"\xff\xfe", ABNF.OPCODE_TEXT, 1007),
        (b"x" * 70_000, ABNF.OPCODE_TEXT, 1009),
    ],
)
def test_what_is_no_text_of_reasonable_length_ends_the_stream(
    place: Place, content: bytes, opcode: int, code: int
) -> None:
    socket = place.connect(skip_utf8_validation=True)
    socket.send_frame(ABNF.create_frame(content, opcode))

    assert close_code(socket) == code
    until_free(place)


def test_pings_are_answered(place: Place) -> None:
    socket = place.connect()
    socket.ping(b"still there?")

    assert socket.recv_data_frame(control_frame=True)[1].data == b"still there?"
    socket.close()


def test_a_silent_sender_is_asked_and_then_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "IDLE_S", 0.05)
    monkeypatch.setattr(receiver, "PING_AFTER_S", 0.1)
    monkeypatch.setattr(receiver, "DEAD_AFTER_S", 0.5)
    socket = place.connect()
    raw = bytearray()
    while chunk := socket.sock.recv(4_096):
        raw += chunk

    assert raw.startswith(b"\x89\x00")
    assert raw.endswith(b"\x88\x02" + (1001).to_bytes(2, "big"))
    until_free(place)


def test_compression_is_declined(place: Place) -> None:
    socket = place.connect(
        header=[
            f"x-telnyx-streaming-auth-token: {place.tokens.issue(CALL)}",
            "Sec-WebSocket-Extensions: permessage-deflate",
        ]
    )

    assert "sec-websocket-extensions" not in (socket.headers or {})
    socket.close()


def test_logs_hold_no_token_and_no_call(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="dashboard")
    token = place.tokens.issue(CALL)
    refusal(place, token[:-4])
    socket = place.connect(token)
    socket.send(start())
    socket.send('{"event":"stop"}')
    close_code(socket)
    until_free(place)

    assert "media stream S-1 begins" in caplog.text
    assert token[:20] not in caplog.text
    assert "/////" not in caplog.text
