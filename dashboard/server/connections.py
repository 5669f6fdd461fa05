"""Counts open connections, and closes the longest waiting one where places run short.

A connection waits while its client has to send something: before its first byte, in a head, in the body of a webhook,
and between two requests. It works while the application answers. Working connections are never closed to make room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Connection(Protocol):
    """What the table counts."""

    # Host and port of the other side.
    address: tuple[str, int]

    def shut_down(self) -> None:
        """End the connection from outside."""

    def expire_if_overdue(self, now: float) -> None:
        """Stop waiting for a client that is late."""


class _Client:
    """The connections of one limited client."""

    __slots__ = ("count", "waiting")

    def __init__(self) -> None:
        self.count = 0
        self.waiting: dict[Connection, None] = {}


class ConnectionTable:
    """The open connections of a server.

    `places` bounds all of them together, `per_client` those of one client. `client_of` names the client of an address,
    or returns None where the address is not limited.
    """

    def __init__(self, *, places: int, per_client: int, client_of: Callable[[str], str | None]) -> None:
        self._places = places
        self._per_client = per_client
        self._client_of = client_of
        self._clients: dict[str, _Client] = {}
        self._open: dict[Connection, str | None] = {}
        # In the order in which they began to wait.
        self._waiting: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def has_place(self) -> bool:
        """Whether one more connection finds a place, perhaps that of a waiting one."""
        return len(self._open) < self._places or bool(self._waiting)

    def admit(self, connection: Connection) -> bool:
        """Count a new connection; False where its client has too many that work."""
        name = self._client_of(connection.address[0])
        if name is not None and not self._make_room_for(name):
            return False
        if len(self._open) >= self._places:
            self._close_first(self._waiting)
        self._open[connection] = name
        if name is not None:
            self._clients.setdefault(name, _Client()).count += 1
        self.mark_waiting(connection)
        return True

    def mark_waiting(self, connection: Connection) -> None:
        """The client has to send something. It goes to the end of the line."""
        if connection not in self._open:
            return  # closed meanwhile to make room
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        client = self._client(connection)
        if client is not None:
            client.waiting.pop(connection, None)
            client.waiting[connection] = None

    def mark_working(self, connection: Connection) -> None:
        """A request is complete and being answered."""
        self._waiting.pop(connection, None)
        client = self._client(connection)
        if client is not None:
            client.waiting.pop(connection, None)

    def remove(self, connection: Connection) -> None:
        """The connection is closed. Harmless where it has been removed before."""
        if connection in self._open:
            self._detach(connection)()

    def detach(self, connection: Connection) -> Callable[[], None]:
        """Free the place of a connection that stays open elsewhere; call the result once it is closed."""
        return self._detach(connection) if connection in self._open else lambda: None

    def expire_overdue(self, now: float) -> None:
        """Stop waiting for all clients that are late. To be called now and then."""
        for connection in list(self._open):
            connection.expire_if_overdue(now)

    def shut_down_waiting(self) -> None:
        """Close all connections that wait."""
        while self._waiting:
            self._close_first(self._waiting)

    def _make_room_for(self, name: str) -> bool:
        client = self._clients.get(name)
        if client is None or client.count < self._per_client:
            return True
        if not client.waiting:
            return False
        self._close_first(client.waiting)
        return True

    def _close_first(self, waiting: dict[Connection, None]) -> None:
        connection = next(iter(waiting))
        self.remove(connection)
        connection.shut_down()

    def _client(self, connection: Connection) -> _Client | None:
        name = self._open.get(connection)
        return None if name is None else self._clients[name]

    def _detach(self, connection: Connection) -> Callable[[], None]:
        self.mark_working(connection)
        name = self._open.pop(connection)
        return lambda: self._release(name)

    def _release(self, name: str | None) -> None:
        if name is None:
            return
        self._clients[name].count -= 1
        if self._clients[name].count == 0:
            del self._clients[name]
