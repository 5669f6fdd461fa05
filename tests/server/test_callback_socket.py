"""Callback sockets over real sockets. The test is the hub: it says when one is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from dashboard.server.callback_socket import CallbackSocket


@dataclass(eq=False)
class Listener:
    kind: str
    fileno: int
    ready: Callable[[int], None]


@dataclass
class Hub:
    """The part of eventlet's hubs that is used."""

    READ = "read"
    WRITE = "write"
    listeners: list[Listener] = field(default_factory=list)

    def add(self, kind: str, fileno: int, ready: Callable[[int], None], *_: object) -> Listener:
        self.listeners.append(Listener(kind, fileno, ready))
        return self.listeners[-1]

    def remove(self, listener: Listener) -> None:
        self.listeners.remove(listener)

    def notify(self, kind: str) -> None:
        for listener in [listener for listener in self.listeners if listener.kind == kind]:
            listener.ready(listener.fileno)

    @property
    def kinds(self) -> list[str]:
        return [listener.kind for listener in self.listeners]


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    far.settimeout(5)
    with near, far:
        yield near, far


def test_write_goes_out_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub = Hub()
    connection = CallbackSocket(near, hub)
    connection.write(b"one")
    connection.write(b"two")
    assert far.recv(100) == b"onetwo"
    assert (connection.qsize(), hub.listeners) == (0, [])


def test_slow_reader_blocks_nothing_and_gets_everything_in_order(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, far = ends
    hub = Hub()
    connection = CallbackSocket(near, hub)
    sent = [f"frame {number} ".encode() * 1_000 for number in range(200)]
    for frame in sent:
        connection.write(frame)
    assert 0 < connection.qsize() < 200 and hub.kinds == ["write"]
    far.setblocking(False)
    got = bytearray()
    while len(got) < sum(map(len, sent)):
        try:
            while data := far.recv(1 << 20):
                got += data
        except BlockingIOError:
            hub.notify("write")
    assert bytes(got) == b"".join(sent)
    hub.notify("write")
    assert (connection.qsize(), hub.listeners) == (0, [])


def test_bytes_are_passed_on_and_the_end_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    CallbackSocket(near, hub).start_reading(got.append)
    hub.notify("read")
    far.sendall(b"hello")
    hub.notify("read")
    far.close()
    hub.notify("read")
    hub.notify("read")
    assert (got, hub.listeners) == ([b"hello", b""], [])


def test_broken_connection_is_found_by_reading(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    connection = CallbackSocket(near, hub)
    connection.start_reading(got.append)
    far.close()
    connection.write(b"into the void")
    connection.write(b"and again")
    hub.notify("read")
    assert (connection.qsize(), got) == (0, [b""])


def test_close_leaves_no_listener(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    connection = CallbackSocket(near, hub)
    connection.start_reading(got.append)
    while not connection.qsize():
        connection.write(b"x" * 100_000)
    connection.close()
    assert (hub.listeners, near.fileno(), connection.qsize(), got) == ([], -1, 0, [])
    while far.recv(1 << 20):
        pass


def test_callbacks_of_a_closed_socket_do_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    connection = CallbackSocket(near, hub)
    connection.start_reading(got.append)
    while not connection.qsize():
        connection.write(b"x" * 100_000)
    ready = list(hub.listeners)
    far.sendall(b"hello")
    connection.close()
    for listener in ready:
        listener.ready(listener.fileno)
    assert got == []


def test_close_is_announced_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, _ = ends
    closed: list[bool] = []
    connection = CallbackSocket(near, Hub(), lambda: closed.append(True))
    connection.close()
    connection.close()
    assert closed == [True]


def test_error_of_the_reader_is_logged_and_ends_the_socket(
    ends: tuple[socket.socket, socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    near, far = ends
    hub = Hub()

    def fail(data: bytes) -> None:
        raise RuntimeError("of the test")

    CallbackSocket(near, hub).start_reading(fail)
    far.sendall(b"hello")
    hub.notify("read")
    assert "live socket failed" in caplog.text and "of the test" in caplog.text
    assert (hub.listeners, near.fileno()) == ([], -1)
