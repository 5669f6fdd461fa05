"""What all connections of a server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from dashboard.server.connections import ConnectionTable
from dashboard.server.http_head import RequestHead
from dashboard.server.wsgi_response import WsgiApp

if TYPE_CHECKING:
    from dashboard.server.http import HttpConnection

# In the environ of a request: `() -> CallbackSocket`, after which the connection belongs to the caller.
HAND_OVER: Final = "dashboard.hand_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds that a client has. Each bounds the whole, however often a byte comes in."""

    # From the opening of a connection, or the first byte of a request, to the end of its head.
    head_s: float = 10.0
    body_s: float = 20.0
    # Between two requests of a connection.
    idle_s: float = 75.0
    # For the next part of an answer to be taken: the one that bounds a part and not the whole.
    send_s: float = 20.0
    # For what is still on its way when the server closes.
    linger_s: float = 1.0
    # How often the server looks for clients that are late.
    check_interval_s: float = 1.0


class Transport(Protocol):
    """Moves the bytes of one connection. All of it raises OSError where the connection is broken."""

    # The socket for libraries that speak another protocol on it.
    socket: Any

    def receive(self) -> bytes: ...

    def send(self, data: bytes | memoryview, timeout_s: float) -> None: ...

    def shut_down(self, how: int) -> None: ...

    def close(self) -> None: ...

    def detach(self) -> int: ...


class FastPath(Protocol):
    """Answers some requests without the application."""

    def accepts(self, head: RequestHead) -> bool: ...

    def answer(self, head: RequestHead, body: bytes) -> bytes: ...


def _keep(_connection: HttpConnection) -> None:
    """Hand no connection over."""


@dataclass(slots=True, kw_only=True)
class HttpServer:
    """What all connections of a server share."""

    app: WsgiApp
    # Where it listens.
    address: tuple[str, int]
    connections: ConnectionTable
    timeouts: Timeouts = field(default_factory=Timeouts)
    fast_path: FastPath | None = None
    # Makes a CallbackSocket of a connection's socket. None where there is no room for more of them.
    hand_over: Callable[[HttpConnection], Callable[[], Any] | None] = _keep
    is_stopping: bool = False
    # Requests that a stop waits for. A WebSocket and a poll never end by themselves, so they do not count.
    in_flight: int = 0
