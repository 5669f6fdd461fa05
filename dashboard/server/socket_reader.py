"""Reads a connection through a buffer, until a deadline."""

from __future__ import annotations

from time import monotonic
from typing import Protocol

from dashboard.server.http_head import BadRequestError


class ClientGoneError(ConnectionError):
    """The client closed the connection."""


class ClientTimeoutError(ClientGoneError):
    """The client sent nothing more before the deadline."""


class Source(Protocol):
    def receive(self) -> bytes:
        """The next bytes, waiting for them; b"" at the end."""


class SocketReader:
    """Everything that comes in on one connection.

    Deadlines need no timer: whoever has a clock looks at `is_overdue` now and then, and calls `expire`.
    """

    __slots__ = ("_deadline", "_is_expired", "_is_receiving", "_source", "buffer")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._deadline = 0.0
        self._is_receiving = False
        self._is_expired = False
        # What was received and not yet used.
        self.buffer = b""

    def set_deadline(self, seconds: float) -> None:
        """Bound all reading from now on together, however often something comes in."""
        self._deadline = monotonic() + seconds

    def is_overdue(self, now: float) -> bool:
        """Whether something is waited for that should have come before `now`."""
        return self._is_receiving and self._deadline <= now

    def expire(self) -> None:
        """Let `receive` raise ClientTimeoutError once it returns, instead of telling the end of the connection."""
        self._is_expired = True

    def receive(self) -> bytes:
        """The next bytes from the network, past the buffer; b"" where the client has closed its side."""
        if monotonic() >= self._deadline:
            raise ClientTimeoutError
        self._is_receiving = True
        try:
            data = self._source.receive()
        except OSError:
            raise ClientGoneError from None
        finally:
            self._is_receiving = False
        if self._is_expired:
            raise ClientTimeoutError
        return data

    def take_buffer(self) -> bytes:
        """Everything in the buffer, which is empty afterwards."""
        data, self.buffer = self.buffer, b""
        return data

    def read_exactly(self, length: int) -> bytes:
        """The next `length` bytes."""
        data = self.buffer
        if len(data) < length:
            parts = [data]
            missing = length - len(data)
            while missing > 0:
                part = self._receive_more()
                parts.append(part)
                missing -= len(part)
            data = b"".join(parts)
        self.buffer = data[length:]
        return data[:length]

    def read_some(self, limit: int) -> bytes:
        """At least one byte and at most `limit`."""
        data = self.buffer or self._receive_more()
        self.buffer = data[limit:]
        return data[:limit]

    def read_line(self, limit: int) -> bytes:
        """Up to the next CRLF, without it. Raises BadRequestError for a bare LF and beyond `limit` bytes."""
        while (end := self.buffer.find(b"\r\n", 0, limit + 2)) < 0:
            if len(self.buffer) >= limit + 2 or b"\n" in self.buffer:
                raise BadRequestError("line does not end in time")
            self.buffer += self._receive_more()
        line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
        return line

    def _receive_more(self) -> bytes:
        data = self.receive()
        if not data:
            raise ClientGoneError
        return data
