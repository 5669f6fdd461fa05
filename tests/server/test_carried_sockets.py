"""CarriedSocket sockets: a real Engine.IO server and real WebSocket frames, on a connection that only remembers."""

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

from dashboard.server.carried_sockets import MAX_INBOX, CarriedSocket, ping_carried_sockets
from dashboard.server.http_server import HAND_OVER
from dashboard.server.websocket_upgrade import carry_sockets

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPTED = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455, section 1.3."""


class FakeConnection:
    """Remembers what was written; `events` is what the other side understands of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_open = True
        self.lag = 0
        self.receive: Any = None

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def start_reading(self, receive: Any) -> None:
        self.receive = receive

    def close(self) -> None:
        self.is_open = False

    def qsize(self) -> int:
        return self.lag

    def events(self) -> list[Any]:
        client = Connection(ConnectionType.CLIENT)
        client.receive_data(b"".join(frame for frame in self.written if not frame.startswith(b"HTTP/1.1")))
        return list(client.events())

    def texts(self) -> list[str]:
        return [event.data for event in self.events() if isinstance(event, TextMessage)]


class Browser:
    """The other end: what it says comes in as masked frames."""

    def __init__(self, carried: CarriedSocket) -> None:
        self._carried = carried
        self._protocol = Connection(ConnectionType.CLIENT)

    def say(self, *events: Any) -> None:
        self._carried.receive_bytes(b"".join(map(self._protocol.send, events)))

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
def connection() -> FakeConnection:
    return FakeConnection()


@pytest.fixture
def carried(server: Server, connection: FakeConnection) -> CarriedSocket:
    carried = CarriedSocket(server, "sid", connection)  # type: ignore[arg-type]
    server.sockets["sid"] = carried
    return carried


def until(condition: Any) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_messages_are_handled_in_order_however_they_are_cut(server: Server, carried: CarriedSocket) -> None:
    browser = Browser(carried)
    browser.text("4one", "4two")
    browser.say(
        TextMessage(data="4th", message_finished=False),
        Ping(payload=b"still there?"),
        TextMessage(data="ree", message_finished=True),
    )
    frames = Connection(ConnectionType.CLIENT).send(TextMessage(data="4four"))
    for number in range(len(frames)):
        carried.receive_bytes(frames[number : number + 1])
    until(lambda: len(server.heard) == 4)
    assert server.heard == ["one", "two", "three", "four"]


def test_slow_message_delays_later_ones_and_no_write(server: Server, carried: CarriedSocket) -> None:
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


def test_frame_is_built_once_for_all_sockets(server: Server) -> None:
    connections = [FakeConnection() for _ in range(3)]
    news = Packet(MESSAGE, 'é {"seq": 16}' * 100)
    for number, connection in enumerate(connections):
        CarriedSocket(server, str(number), connection).send(news)  # type: ignore[arg-type]
    assert connections[0].texts() == ["4" + 'é {"seq": 16}' * 100]
    assert all(connection.written[0] is connections[0].written[0] for connection in connections)


def test_websocket_ping_is_answered(carried: CarriedSocket, connection: FakeConnection) -> None:
    Browser(carried).say(Ping(payload=b"are you there?"))
    assert connection.events() == [Pong(payload=b"are you there?")]


def test_silent_socket_is_pinged_and_stays_if_it_answers(
    server: Server, carried: CarriedSocket, connection: FakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    ping_carried_sockets([carried])
    assert connection.texts() == []
    now += 21
    ping_carried_sockets([carried])
    ping_carried_sockets([carried])
    assert connection.texts() == ["2"]
    now += 19
    Browser(carried).text("3")
    assert carried.check_ping_timeout() and not server.gone
    now += 21
    ping_carried_sockets([carried])
    assert connection.texts() == ["2", "2"]
    now += 21
    assert not carried.check_ping_timeout()
    assert (server.gone, connection.is_open, server.sockets) == ([server.reason.PING_TIMEOUT], False, {})


@pytest.mark.parametrize(
    ("spoken", "code"),
    [
        ([CloseConnection(code=1000)], 1000),
        ([BytesMessage(data=b"\x00")], 1003),
        ([TextMessage(data="4" + "x" * 1_000_001)], 1009),
    ],
    ids=["goodbye", "bytes", "too long"],
)
def test_close_frame_says_why(
    server: Server, carried: CarriedSocket, connection: FakeConnection, spoken: list[Any], code: int
) -> None:
    Browser(carried).say(*spoken)
    until(lambda: not connection.is_open)
    closed = [event.code for event in connection.events() if isinstance(event, CloseConnection)]
    assert (closed, server.gone, server.sockets) == ([code], [server.reason.TRANSPORT_CLOSE], {})
    assert server.heard == []


@pytest.mark.parametrize(
    "data",
    [b"", b"\x81\x02hi", b"\x83\x80\x00\x00\x00\x00", b"\x81\x81\x00\x00\x00\x00\xff", b"\xff" * 40],
    ids=["the end", "not masked", "no such kind", "no text", "noise"],
)
def test_broken_websocket_is_closed(
    server: Server, carried: CarriedSocket, connection: FakeConnection, data: bytes
) -> None:
    carried.receive_bytes(data)
    until(lambda: not connection.is_open)
    assert (server.gone, server.sockets) == ([server.reason.TRANSPORT_CLOSE], {})


@pytest.mark.parametrize("text", ["x", "9", ""])
def test_unreadable_message_closes_the_socket(
    server: Server, carried: CarriedSocket, connection: FakeConnection, text: str
) -> None:
    Browser(carried).text(text)
    until(lambda: not connection.is_open)
    assert server.gone == [server.reason.TRANSPORT_CLOSE]


def test_flood_of_messages_closes_the_socket(
    server: Server, carried: CarriedSocket, connection: FakeConnection
) -> None:
    go_on = Event()
    server.on("message", lambda sid, text: go_on.wait(5))
    browser = Browser(carried)
    browser.text(*["4more"] * (MAX_INBOX * 2))
    assert any(isinstance(event, CloseConnection) and event.code == 1008 for event in connection.events())
    go_on.set()
    until(lambda: not connection.is_open)


def test_disconnected_socket_is_told_and_removed(
    server: Server, carried: CarriedSocket, connection: FakeConnection
) -> None:
    server.disconnect("sid")
    assert connection.texts() == ["1"] and not connection.is_open
    assert (server.gone, server.sockets) == ([server.reason.SERVER_DISCONNECT], {})
    carried.close()
    assert len(server.gone) == 1
    server.send_packet("sid", Packet(MESSAGE, "too late"))
    assert connection.texts() == ["1"]


def test_queue_tells_how_far_it_is_behind(carried: CarriedSocket, connection: FakeConnection) -> None:
    connection.lag = 7
    assert carried.queue.qsize() == 7


def environ_of(connection: FakeConnection | None, **changed: str) -> dict[str, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "EIO=4&transport=websocket",
        "HTTP_CONNECTION": "keep-alive, Upgrade",
        "HTTP_UPGRADE": "websocket",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_KEY": KEY,
        **changed,
    }
    if connection is not None:
        environ[HAND_OVER] = lambda: connection
    return environ


def test_handed_over_connection_is_carried(server: Server, connection: FakeConnection) -> None:
    carry_sockets(server)
    environ = environ_of(connection)
    assert list(server.handle_request(environ, lambda *_: pytest.fail("the answer is on the connection"))) == []
    [carried] = server.sockets.values()
    head = connection.written[0]
    assert head.startswith(b"HTTP/1.1 101 ") and b"Sec-WebSocket-Accept: " + ACCEPTED + b"\r\n" in head
    [opened] = connection.texts()
    assert opened.startswith('0{"sid":') and isinstance(carried, CarriedSocket)
    assert connection.receive == carried.receive_bytes
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
def test_other_handshakes_take_the_usual_way(
    server: Server, connection: FakeConnection, changed: dict[str, str], handed_over: bool
) -> None:
    usual: list[Any] = []

    class Usual:
        def __init__(self, handler: Any, server: Server) -> None:
            pass

        def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
            usual.append(environ)
            return [b"as usual"]

    server._async = {**server._async, "websocket": Usual}
    carry_sockets(server)
    environ = environ_of(connection if handed_over else None, **(changed if handed_over else {}))
    assert list(server.handle_request(environ, lambda *_: None)) == [b"as usual"]
    assert usual == [environ] and connection.written == []
