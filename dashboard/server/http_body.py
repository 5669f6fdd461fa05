"""Reads bodies of HTTP requests, with a bound on everything that is not content.

A body is given to the application as a file (`wsgi.input`). What it does not read is discarded up to a limit.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from dashboard.server.http_head import BadRequestError

# Digits of a size, without extensions: this many zeros in front are still harmless.
MAX_SIZE_LINE_BYTES: Final = 64
MAX_TRAILER_BYTES: Final = 4 * 1024
# What is left of a body after the answer. Beyond it a new connection is cheaper.
MAX_DISCARD_BYTES: Final = 64 * 1024

_CHUNK_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,64}")
# RFC 9110, section 5: a name that is a token, and a value without control characters.
_TRAILER: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*")
_MAX_CHUNK_BYTES: Final = 1 << 32


class ByteSource(Protocol):
    """Where a body comes from. Both methods raise ConnectionError at the end of the connection or at a deadline."""

    def read_some(self, limit: int) -> bytes:
        """At least one byte and at most `limit`."""

    def read_line(self, limit: int) -> bytes:
        """Up to the next CRLF, without it. Raises BadRequestError for a bare LF and beyond `limit` bytes."""


class Body(io.RawIOBase):
    """The part that both kinds of bodies share. `before_reading` is called once, before the first byte is read."""

    def __init__(self, source: ByteSource, before_reading: Callable[[], None] | None) -> None:
        super().__init__()
        self._source = source
        self._before_reading = before_reading
        self._has_failed = False

    @property
    def is_finished(self) -> bool:
        """Whether the next byte of the connection belongs to the next request."""
        raise NotImplementedError

    @property
    def is_discardable(self) -> bool:
        """Whether `discard` can succeed. It cannot where the client still waits for a 100: it may send nothing."""
        return self._before_reading is None and not self._has_failed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._before_reading is not None:
            before_reading, self._before_reading = self._before_reading, None
            before_reading()
        try:
            data = self._read_content(len(buffer))
        except (BadRequestError, ConnectionError):
            self._has_failed = True
            raise
        buffer[: len(data)] = data
        return len(data)

    def discard(self) -> bool:
        """Read what is left; whether its end was found within the limit."""
        left = MAX_DISCARD_BYTES if self.is_discardable else 0
        try:
            while left > 0 and not self.is_finished:
                # Each read counts, because chunks of one byte have more frame than content.
                left -= max(len(self._read_content(left)), MAX_SIZE_LINE_BYTES)
        except (BadRequestError, ConnectionError):
            return False
        return self.is_finished

    def _read_content(self, limit: int) -> bytes:
        """Some of the content, or b"" at its end."""
        raise NotImplementedError


class FixedBody(Body):
    """A body with an announced length."""

    def __init__(self, source: ByteSource, length: int, before_reading: Callable[[], None] | None = None) -> None:
        super().__init__(source, before_reading)
        self._left = length

    @property
    def is_finished(self) -> bool:
        return self._left == 0

    @property
    def is_discardable(self) -> bool:
        return super().is_discardable and self._left <= MAX_DISCARD_BYTES

    def _read_content(self, limit: int) -> bytes:
        if self._left == 0:
            return b""
        data = self._source.read_some(min(limit, self._left))
        self._left -= len(data)
        return data


class ChunkedBody(Body):
    """A body in chunks (RFC 9112, section 7.1). Extensions are refused and trailers dropped."""

    def __init__(self, source: ByteSource, before_reading: Callable[[], None] | None = None) -> None:
        super().__init__(source, before_reading)
        self._left_in_chunk = 0
        self._is_finished = False

    @property
    def is_finished(self) -> bool:
        return self._is_finished

    def _read_content(self, limit: int) -> bytes:
        if self._is_finished:
            return b""
        if self._left_in_chunk == 0:
            self._left_in_chunk = self._read_size()
            if self._left_in_chunk == 0:
                self._skip_trailers()
                self._is_finished = True
                return b""
        data = self._source.read_some(min(limit, self._left_in_chunk))
        self._left_in_chunk -= len(data)
        if self._left_in_chunk == 0 and self._source.read_line(0):
            raise BadRequestError("chunk longer than announced")
        return data

    def _read_size(self) -> int:
        line = self._source.read_line(MAX_SIZE_LINE_BYTES)
        if not _CHUNK_SIZE.fullmatch(line):
            raise BadRequestError("chunk size not understood")
        size = int(line, 16)
        if size > _MAX_CHUNK_BYTES:
            raise BadRequestError("chunk too large")
        return size

    def _skip_trailers(self) -> None:
        left = MAX_TRAILER_BYTES
        while line := self._source.read_line(left):
            left -= len(line) + 2
            if left < 0 or not _TRAILER.fullmatch(line):
                raise BadRequestError("trailer not understood")
