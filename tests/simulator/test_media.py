"""Sound on its way: frames over a real WebSocket server that shares no code with the client, packets over real UDP."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from simple_websocket import ConnectionClosed, Server

from dashboard.simulator import SimCall, Simulator
from dashboard.simulator.media.voice import SILENCE, encode_mulaw

from .conftest import Api, Sink


class MediaServer:
    """Accepts media sockets one after the other and keeps what they sent."""

    def __init__(self) -> None:
        self.frames: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.handshakes: list[dict[str, str]] = []
        self.sockets: list[Server] = []
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}/media?call=1"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            head = connection.recv(4_096)
            if not head.startswith(b"GET "):
                connection.close()
                continue
            while b"\r\n\r\n" not in head:
                head += connection.recv(4_096)
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
            self.handshakes.append({"path": head.split(b" ")[1].decode()} | fields)
            environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
            ws = Server.accept(environ | {"werkzeug.socket": connection})
            self.sockets.append(ws)
            try:
                while not self._closing.is_set():
                    # With a time-out: the library may forget to wake a reader when its socket is closed meanwhile.
                    if (text := ws.receive(timeout=0.1)) is not None:
                        self.frames.put(json.loads(text))
            except ConnectionClosed:
                self.frames.put(None)

    def next(self, event: str) -> dict[str, Any]:
        """The next frame of a kind; skips others."""
        while (frame := self.frames.get(timeout=5.0)) is not None:
            if frame["event"] == event:
                return frame
        raise AssertionError(f"the socket closed before a frame {event!r}")

    def wait_for_close(self) -> None:
        while self.frames.get(timeout=5.0) is not None:
            continue

    def leave(self) -> None:
        """Cut every media socket, as a crash would."""
        for ws in self.sockets:
            with contextlib.suppress(OSError):  # it may be closed already
                ws.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # First the thread that accepts: it may be about to add one more socket to those that are cut.
        self._thread.join()
        self.leave()
        for ws in self.sockets:
            ws.thread.join()


@pytest.fixture
def media() -> Iterator[MediaServer]:
    server = MediaServer()
    yield server
    server.close()


def test_a_stream_opens_with_token_then_connected_then_start(
    api: Api, live: SimCall, media: MediaServer, sink: Sink
) -> None:
    state = base64.b64encode(b"c1").decode()
    reply = api.act(
        live, "streaming_start", stream_url=media.url, stream_track="both_tracks", stream_auth_token="secret",
        custom_parameters=[{"name": "dashboard_call", "value": "c1"}], client_state=state,
    )  # fmt: skip
    assert reply.status == 200
    assert media.frames.get(timeout=5.0) == {"event": "connected", "version": "1.0.0"}
    start = media.frames.get(timeout=5.0)
    assert start is not None
    assert start["event"] == "start" and start["sequence_number"] == "1"
    assert start["stream_id"] == start["stream_id"].upper()
    assert start["start"]["call_control_id"] == live.call_control_id
    assert start["start"]["custom_parameters"] == {"dashboard_call": "c1"}
    assert start["start"]["client_state"] == state
    assert start["start"]["media_format"] == {"encoding": "PCMU", "sample_rate": 8000, "channels": 1}
    assert media.handshakes[0]["x-telnyx-streaming-auth-token"] == "secret"
    assert media.handshakes[0]["path"] == "/media?call=1"
    assert sink.wait_for("streaming.started")[0]["payload"]["stream_url"] == media.url
    assert live.is_streaming


def test_both_tracks_come_every_20_ms_in_numbered_frames(api: Api, live: SimCall, media: MediaServer) -> None:
    api.act(live, "streaming_start", stream_url=media.url, stream_track="both_tracks")
    frames = [media.next("media") for _ in range(20)]
    assert [frame["media"]["track"] for frame in frames] == ["inbound", "outbound"] * 10
    assert [frame["sequence_number"] for frame in frames] == [str(number) for number in range(2, 22)]
    assert [frame["media"]["chunk"] for frame in frames[::2]] == [str(number) for number in range(1, 11)]
    assert [frame["media"]["timestamp"] for frame in frames[::2]] == [str(ms) for ms in range(0, 200, 20)]
    assert {len(base64.b64decode(frame["media"]["payload"])) for frame in frames} == {160}


def test_frames_keep_pace_with_the_clock(api: Api, live: SimCall, media: MediaServer) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    media.next("media")
    began = time.monotonic()
    for _ in range(50):
        last = media.next("media")
    elapsed_ms = (time.monotonic() - began) * 1000
    assert last["media"]["timestamp"] == "1000"
    assert abs(elapsed_ms - 1000) < 300


def test_only_the_speaker_is_heard(api: Api, simulate: Callable[..., Simulator], media: MediaServer) -> None:
    simulator = simulate(speed=1.0)
    call = simulator.place_call("parcel", auto_answer=0.0, start_at=2.0)
    assert call.wait_until(lambda c: c.is_answered)
    Api(simulator).act(call, "streaming_start", stream_url=media.url, stream_track="both_tracks")
    frames = [media.next("media")["media"] for _ in range(40)]
    loud = {frame["track"] for frame in frames if base64.b64decode(frame["payload"]) != SILENCE}
    assert loud == {"outbound"}


def test_one_track_is_the_inbound_one(api: Api, live: SimCall, media: MediaServer) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    assert {media.next("media")["media"]["track"] for _ in range(6)} == {"inbound"}


def test_a_key_press_is_a_frame_and_a_webhook(api: Api, live: SimCall, media: MediaServer, sink: Sink) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    media.next("media")
    live.press_key("7")
    frame = media.next("dtmf")
    event = sink.wait_for("call.dtmf.received")[0]
    assert frame["dtmf"] == {"digit": "7"}
    assert frame["occurred_at"] == event["occurred_at"]


def test_a_mark_is_echoed_and_nonsense_is_an_error(api: Api, live: SimCall, media: MediaServer) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    media.next("media")
    media.sockets[0].send(json.dumps({"event": "mark", "mark": {"name": "here"}}))
    assert media.next("mark")["mark"] == {"name": "here"}
    media.sockets[0].send("not json")
    assert media.next("error")["payload"]["code"] == 100003


def test_stop_says_stop_closes_and_tells(api: Api, live: SimCall, media: MediaServer, sink: Sink) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    stream_id = media.next("media")["stream_id"]
    assert api.act(live, "streaming_start", stream_url=media.url).code == "90045"
    assert api.act(live, "streaming_stop", stream_id="3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10").code == "90048"
    assert api.act(live, "streaming_stop", stream_id=stream_id.lower()).status == 200
    assert media.next("stop")["stop"]["call_control_id"] == live.call_control_id
    media.wait_for_close()
    assert media.sockets[0].close_reason == 1005
    sink.wait_for("streaming.stopped")
    assert not live.is_streaming


def test_a_hang_up_stops_the_stream_first(api: Api, live: SimCall, media: MediaServer, sink: Sink) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    media.next("media")
    api.act(live, "hangup")
    media.next("stop")
    sink.wait_for("call.hangup")
    assert [item.event["event_type"] for item in sink.received][-2:] == ["streaming.stopped", "call.hangup"]


def test_a_server_that_leaves_ends_the_stream(api: Api, live: SimCall, media: MediaServer, sink: Sink) -> None:
    api.act(live, "streaming_start", stream_url=media.url)
    media.next("media")
    media.leave()
    sink.wait_for("streaming.stopped")
    assert live.is_alive and live.stream_session is None
    assert api.act(live, "streaming_start", stream_url=media.url).status == 200
    assert len(sink.wait_for("streaming.started", 2)) == 2


def test_nobody_there_is_a_failed_stream(api: Api, live: SimCall, sink: Sink) -> None:
    api.act(live, "streaming_start", stream_url="ws://127.0.0.1:9/x", stream_track="both_tracks")
    payload = sink.wait_for("streaming.failed")[0]["payload"]
    assert payload["failure_reason"] == "connection_failed"
    assert payload["stream_params"] == {"stream_url": "ws://127.0.0.1:9/x", "track": "both_tracks"}
    assert payload["stream_type"] == "websocket" and "stream_url" not in payload
    assert live.stream_session is None


def test_a_server_that_refuses_the_upgrade_is_a_failed_stream(api: Api, live: SimCall, sink: Sink) -> None:
    # The webhook receiver knows no GET: it answers 501 to the handshake.
    api.act(live, "streaming_start", stream_url=sink.url.replace("http", "ws"))
    sink.wait_for("streaming.failed")


def test_a_handshake_that_hangs_holds_up_nobody(
    api: Api, simulator: Simulator, live: SimCall, media: MediaServer
) -> None:
    # Connections to it are accepted by the system, but nobody reads their handshakes.
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        waiting = simulator.place_call(auto_answer=0.0, paced=False)
        assert waiting.wait_until(lambda c: c.is_answered)
        assert api.act(waiting, "streaming_start", stream_url=f"ws://127.0.0.1:{deaf.getsockname()[1]}/").status == 200
        api.act(live, "streaming_start", stream_url=media.url)
        assert media.next("media")
        assert waiting.stream_session is not None and not waiting.is_streaming
        # Stopping one that still opens is possible too.
        assert api.act(waiting, "streaming_stop").status == 200


def test_a_fork_sends_rtp_for_each_direction(api: Api, live: SimCall, sink: Sink) -> None:
    with _udp() as rx, _udp() as tx:
        addresses = {name: f"udp:127.0.0.1:{sock.getsockname()[1]}" for name, sock in (("rx", rx), ("tx", tx))}
        assert api.act(live, "fork_start", stream_type="decrypted", **addresses).status == 200
        flows = [[sock.recv(2_048) for _ in range(5)] for sock in (rx, tx)]
        api.act(live, "fork_stop", stream_type="decrypted")
    headers = [[struct.unpack("!BBHII", packet[:12]) for packet in packets] for packets in flows]
    for flow, packets in zip(headers, flows, strict=True):
        assert {len(packet) for packet in packets} == {172}
        assert all(first == 0x80 and second & 0x7F == 0 for first, second, *_ in flow)
        assert len({ssrc for *_, ssrc in flow}) == 1
        for earlier, later in itertools.pairwise(flow):
            assert (later[2] - earlier[2]) % 65_536 == 1
            assert (later[3] - earlier[3]) % 2**32 == 160
    assert headers[0][0][4] != headers[1][0][4]
    sink.wait_for("call.fork.started")
    sink.wait_for("call.fork.stopped")


def test_a_fork_ends_with_its_call(api: Api, live: SimCall, sink: Sink) -> None:
    api.act(live, "fork_start", rx="udp:127.0.0.1:9", tx="udp:127.0.0.1:9")
    api.act(live, "hangup")
    sink.wait_for("call.hangup")
    assert [item.event["event_type"] for item in sink.received][-2:] == ["call.fork.stopped", "call.hangup"]


@pytest.mark.parametrize(
    ("sample", "byte"), [(0, 0xFF), (-1, 0x7F), (32_767, 0x80), (-32_768, 0x00), (1_000, 0xCE), (-1_000, 0x4E)]
)
def test_mulaw_is_g711(sample: int, byte: int) -> None:
    assert encode_mulaw(sample) == byte


def _udp() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    listener.settimeout(5.0)
    return listener


def test_a_secure_stream_does_not_fall_back_to_a_plain_one(
    api: Api, live: SimCall, sink: Sink, media: MediaServer
) -> None:
    api.act(live, "streaming_start", stream_url=media.url.replace("ws://", "wss://"))
    sink.wait_for("streaming.failed")
    assert media.handshakes == []
