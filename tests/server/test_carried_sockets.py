"""Sockets without threads: a real Engine.IO server and real WebSocket frames, on a wire that only remembers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from engineio import Server
from engineio.packet import MESSAGE, Packet
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from dashboard.server.carried_sockets import HAND_OVER, INBOX_LIMIT, Carried, carry, lag_of, ping

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPTED = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, section 1.3."""


class Wire:
    """Remembers what was written; `hear` is what the other side understands of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_open = True
        self.lag = 0
        self.receive: Any = None

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def follow(self, receive: Any) -> None:
        self.receive = receive

    def close(self) -> None:
        self.is_open = False

    def hear(self) -> list[Any]:
        client = Connection(ConnectionType.CLIENT)
        client.receive_data(b"".join(frame for frame in self.written if not frame.startswith(b"HTTP/1.1")))
        return list(client.events())

    def texts(self) -> list[str]:
        return [event.data for event in self.hear() if isinstance(event, TextMessage)]


class Browser:
    """The other end: what it says comes in as masked frames."""

    def __init__(self, carried: Carried) -> None:
        self._carried = carried
        self._protocol = Connection(ConnectionType.CLIENT)

    def say(self, *events: Any) -> None:
        self._carried.take(b"".join(map(self._protocol.send, events)))

    def text(self, *texts: str) -> None:
        self.say(*(TextMessage(data=text) for text in texts))


@pytest.fixture
def server() -> Iterator[Server]:
    # Messages are dealt with where they are read, as python-socketio has it.
    server = Server(
        async_mode="threading", async_handlers=False, ping_interval=20, ping_timeout=20, monitor_clients=False
    )
    server.heard = []
    server.gone = []
    server.on("connect", lambda sid, environ: None)
    server.on("message", lambda sid, text: server.heard.append(text))
    server.on("disconnect", lambda sid, reason: server.gone.append(reason))
    yield server


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def carried(server: Server, wire: Wire) -> Carried:
    carried = Carried(server, "sid", wire)  # type: ignore[arg-type]
    server.sockets["sid"] = carried
    return carried


def until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_messages_are_dealt_with_in_order_however_they_are_cut(server: Server, carried: Carried) -> None:
    browser = Browser(carried)
    browser.text("4one", "4two")
    browser.say(
        TextMessage(data="4th", message_finished=False),
        Ping(payload=b"still there?"),
        TextMessage(data="ree", message_finished=True),
    )
    frames = Connection(ConnectionType.CLIENT).send(TextMessage(data="4four"))
    for number in range(len(frames)):
        carried.take(frames[number : number + 1])
    until(lambda: len(server.heard) == 4)
    assert server.heard == ["one", "two", "three", "four"]


def test_a_slow_message_holds_up_those_behind_it_and_nobody_who_writes(server: Server, carried: Carried) -> None:
    reached, go_on = Event(), Event()

    def deal(sid: str, text: str) -> None:
        if text == "slow":
            reached.set()
            assert go_on.wait(5)
        server.heard.append(text)

    server.on("message", deal)
    Browser(carried).text("4slow", "4next")
    assert reached.wait(5)
    carried.send(Packet(MESSAGE, "news"))
    assert server.heard == []
    go_on.set()
    until(lambda: server.heard == ["slow", "next"])


def test_a_frame_is_made_once_for_everybody(server: Server) -> None:
    wires = [Wire() for _ in range(3)]
    news = Packet(MESSAGE, 'é {"seq": 16}' * 100)
    for number, wire in enumerate(wires):
        Carried(server, str(number), wire).send(news)  # type: ignore[arg-type]
    assert wires[0].texts() == ["4" + 'é {"seq": 16}' * 100]
    assert all(wire.written[0] is wires[0].written[0] for wire in wires)


def test_pings_of_the_protocol_below_are_answered(carried: Carried, wire: Wire) -> None:
    Browser(carried).say(Ping(payload=b"are you there?"))
    assert wire.hear() == [Pong(payload=b"are you there?")]


def test_who_was_silent_is_pinged_and_who_answers_stays(
    server: Server, carried: Carried, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    ping([carried])
    assert wire.texts() == []
    now += 21
    ping([carried])
    ping([carried])
    assert wire.texts() == ["2"]
    now += 19
    Browser(carried).text("3")
    assert carried.check_ping_timeout() and not server.gone
    now += 21
    ping([carried])
    assert wire.texts() == ["2", "2"]
    now += 21
    assert not carried.check_ping_timeout()
    assert (server.gone, wire.is_open, server.sockets) == ([server.reason.PING_TIMEOUT], False, {})


@pytest.mark.parametrize(
    ("spoken", "code"),
    [
        ([CloseConnection(code=1000)], 1000),
        ([BytesMessage(data=b"\x00")], 1003),
        ([TextMessage(data="4" + "x" * 1_000_001)], 1009),
    ],
    ids=["goodbye", "bytes", "too long"],
)
def test_it_ends_with_the_reason(server: Server, carried: Carried, wire: Wire, spoken: list[Any], code: int) -> None:
    Browser(carried).say(*spoken)
    until(lambda: not wire.is_open)
    closed = [event.code for event in wire.hear() if isinstance(event, CloseConnection)]
    assert (closed, server.gone, server.sockets) == ([code], [server.reason.TRANSPORT_CLOSE], {})
    assert server.heard == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\x81\x02hi", b"\x83\x80\x00\x00\x00\x00", b"\x81\x81\x00\x00\x00\x00\xff", b"\xff" * 40],
    ids=["the end", "not masked", "no such kind", "no text", "noise"],
)
def test_what_is_no_websocket_ends_it(server: Server, carried: Carried, wire: Wire, data: bytes) -> None:
    carried.take(data)
    until(lambda: not wire.is_open)
    assert (server.gone, server.sockets) == ([server.reason.TRANSPORT_CLOSE], {})


@pytest.mark.parametrize("text", ["x", "9", ""])
def test_a_message_that_is_none_ends_it(server: Server, carried: Carried, wire: Wire, text: str) -> None:
    Browser(carried).text(text)
    until(lambda: not wire.is_open)
    assert server.gone == [server.reason.TRANSPORT_CLOSE]


def test_who_floods_is_sent_away(server: Server, carried: Carried, wire: Wire) -> None:
    go_on = Event()
    server.on("message", lambda sid, text: go_on.wait(5))
    browser = Browser(carried)
    browser.text(*["4more"] * (INBOX_LIMIT * 2))
    assert any(isinstance(event, CloseConnection) and event.code == 1008 for event in wire.hear())
    go_on.set()
    until(lambda: not wire.is_open)


def test_who_is_told_to_go_is_told_so_and_gone(server: Server, carried: Carried, wire: Wire) -> None:
    server.disconnect("sid")
    assert wire.texts() == ["1"] and not wire.is_open
    assert (server.gone, server.sockets) == ([server.reason.SERVER_DISCONNECT], {})
    carried.close()
    assert len(server.gone) == 1
    server.send_packet("sid", Packet(MESSAGE, "too late"))
    assert wire.texts() == ["1"]


def test_how_far_it_is_behind_is_its_wire_s_to_tell(carried: Carried, wire: Wire) -> None:
    wire.lag = 7
    assert lag_of(carried) == 7


def environ_of(wire: Wire | None, **changed: str) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "EIO=4&transport=websocket",
        "HTTP_CONNECTION": "keep-alive, Upgrade",
        "HTTP_UPGRADE": "websocket",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_KEY": KEY,
        **changed,
    }
    if wire is not None:
        environ[HAND_OVER] = lambda: wire
    return environ


def test_a_connection_that_is_handed_over_is_carried(server: Server, wire: Wire) -> None:
    carry(server)
    environ = environ_of(wire)
    assert list(server.handle_request(environ, lambda *_: pytest.fail("the answer is on the wire"))) == []
    [carried] = server.sockets.values()
    head = wire.written[0]
    assert head.startswith(b"HTTP/1.1 101 ") and b"Sec-WebSocket-Accept: " + ACCEPTED + b"\r\n" in head
    [opened] = wire.texts()
    assert opened.startswith('0{"sid":') and isinstance(carried, Carried)
    assert wire.receive == carried.take
    assert HAND_OVER not in environ and environ["wsgi.input"].read() == b""


@pytest.mark.parametrize(
    "changed",
    [
        {"HTTP_SEC_WEBSOCKET_VERSION": "8"},
        {"HTTP_SEC_WEBSOCKET_KEY": "short"},
        {"HTTP_SEC_WEBSOCKET_PROTOCOL": "chat"},
    ],
    ids=["old", "no key", "another protocol"],
)
@pytest.mark.parametrize("handed_over", [True, False])
def test_any_other_is_left_to_the_usual_way(
    server: Server, wire: Wire, changed: dict[str, str], handed_over: bool
) -> None:
    usual: list[Any] = []

    class Usual:
        def __init__(self, handler: Any, server: Server) -> None:
            pass

        def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
            usual.append(environ)
            return [b"as usual"]

    server._async = {**server._async, "websocket": Usual}
    carry(server)
    environ = environ_of(wire if handed_over else None, **(changed if handed_over else {}))
    assert list(server.handle_request(environ, lambda *_: None)) == [b"as usual"]
    assert usual == [environ] and wire.written == []
