"""Connections nobody waits at, over real sockets; the hub is the test, which says when one is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from dashboard.server.callback_socket import Wire


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

    def tell(self, kind: str) -> None:
        for listener in [each for each in self.listeners if each.kind == kind]:
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


def test_what_is_written_goes_out_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub = Hub()
    wire = Wire(near, hub)
    wire.write(b"one")
    wire.write(b"two")
    assert far.recv(100) == b"onetwo"
    assert (wire.lag, hub.listeners) == (0, [])


def test_who_does_not_read_is_not_waited_for_and_gets_everything_in_order(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, far = ends
    hub = Hub()
    wire = Wire(near, hub)
    sent = [f"frame {number} ".encode() * 1_000 for number in range(200)]
    for frame in sent:
        wire.write(frame)
    assert 0 < wire.lag < 200 and hub.kinds == ["write"]
    far.setblocking(False)
    got = bytearray()
    while len(got) < sum(map(len, sent)):
        try:
            while data := far.recv(1 << 20):
                got += data
        except BlockingIOError:
            hub.tell("write")
    assert bytes(got) == b"".join(sent)
    hub.tell("write")
    assert (wire.lag, hub.listeners) == (0, [])


def test_what_comes_in_is_handed_on_and_the_end_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    Wire(near, hub).follow(got.append)
    hub.tell("read")
    far.sendall(b"hello")
    hub.tell("read")
    far.close()
    hub.tell("read")
    hub.tell("read")
    assert (got, hub.listeners) == ([b"hello", b""], [])


def test_a_broken_connection_ends_where_it_is_read(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    wire = Wire(near, hub)
    wire.follow(got.append)
    far.close()
    wire.write(b"into the void")
    wire.write(b"and again")
    hub.tell("read")
    assert (wire.lag, got) == (0, [b""])


def test_closing_leaves_nothing_behind(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    wire = Wire(near, hub)
    wire.follow(got.append)
    while not wire.lag:
        wire.write(b"x" * 100_000)
    wire.close()
    assert (hub.listeners, near.fileno(), wire.lag, got) == ([], -1, 0, [])
    while far.recv(1 << 20):
        pass


def test_what_was_ready_when_it_closed_is_nothing_any_more(ends: tuple[socket.socket, socket.socket]) -> None:
    near, far = ends
    hub, got = Hub(), list[bytes]()
    wire = Wire(near, hub)
    wire.follow(got.append)
    while not wire.lag:
        wire.write(b"x" * 100_000)
    ready = list(hub.listeners)
    far.sendall(b"hello")
    wire.close()
    for listener in ready:
        listener.ready(listener.fileno)
    assert got == []
