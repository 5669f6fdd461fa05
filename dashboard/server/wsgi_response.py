"""Writes what a WSGI application answers (PEP 3333) as HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any, Final

from dashboard.server.http_body import Body
from dashboard.server.http_head import RequestHead

# Small pieces are joined up to this size, because each write is a system call.
_MIN_WRITE_BYTES: Final = 4 * 1024
# Above it, the head and the content are written apart instead of being copied together.
_MAX_COPY_BYTES: Final = 64 * 1024
# The server decides about the connection and its encoding.
_HOP_BY_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})

log = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class WsgiResponse:
    """One answer. `send` writes bytes to the client, `body` is the body of the request."""

    def __init__(self, send: Callable[[bytes | memoryview], None], head: RequestHead, body: Body | None) -> None:
        self.keeps_alive = head.keeps_alive
        self.is_head_sent = False
        self._send = send
        self._body = body
        self._is_http_11 = head.is_http_11
        self._is_bodyless = head.method == b"HEAD"
        self._is_chunked = False
        self._status: str | None = None
        self._headers: list[tuple[str, str]] = []
        # The announced content that is still to come; None where no length is announced.
        self._left: int | None = None

    @property
    def is_started(self) -> bool:
        """Whether the application answers over HTTP. It does not where it took the socket for a WebSocket."""
        return self._status is not None

    def run(self, app: WsgiApp, environ: Environ) -> None:
        """Call the application and write its whole answer."""
        result = app(environ, self.start_response)
        try:
            if isinstance(result, list | tuple):
                content = b"".join(result)
            else:
                content = self._write_pieces(result)
            if self.is_started:
                self._finish(content)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None:
            try:
                if self.is_head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self._status is not None:
            raise AssertionError("start_response was called twice")
        self._status, self._headers = status, headers
        return self._write

    def _write_pieces(self, pieces: Iterable[bytes]) -> bytes:
        """Write all but the last pieces; these are returned, because what is short can be announced with its length."""
        pending, size = [], 0
        for piece in pieces:
            pending.append(piece)
            size += len(piece)
            if size >= _MIN_WRITE_BYTES:
                self._write(b"".join(pending))
                pending, size = [], 0
        return b"".join(pending)

    def _write(self, content: bytes) -> None:
        self._send_all(b"" if self.is_head_sent else self._make_head(None), self._framed(content))

    def _finish(self, content: bytes) -> None:
        head = b"" if self.is_head_sent else self._make_head(len(content))
        framed = self._framed(content)
        self._send_all(head, framed + b"0\r\n\r\n" if self._is_chunked else framed)
        if self._left and not self._is_bodyless:
            self.keeps_alive = False
            log.error("response shorter than announced: missing_bytes=%d", self._left)

    def _framed(self, content: bytes) -> bytes:
        """Content as it goes out: in a chunk, cut to the announced length, or not at all."""
        if self._is_bodyless:
            return b""
        if self._is_chunked:
            return b"%x\r\n%b\r\n" % (len(content), content) if content else b""
        if self._left is None:
            return content
        if len(content) > self._left:
            self.keeps_alive = False
            log.error("response longer than announced: extra_bytes=%d", len(content) - self._left)
            content = content[: self._left]
        self._left -= len(content)
        return content

    def _send_all(self, head: bytes, content: bytes) -> None:
        if len(content) <= _MAX_COPY_BYTES:
            if head or content:
                self._send(head + content)
            return
        if head:
            self._send(head)
        self._send(memoryview(content))

    def _make_head(self, whole_length: int | None) -> bytes:
        """The head. `whole_length` is the length of all content where that is known already."""
        if self._status is None:
            raise AssertionError("content was written before start_response")
        if self._body is not None and not self._body.is_discardable:
            self.keeps_alive = False
        if self._status[:3] in ("204", "304") or self._status.startswith("1"):
            self._is_bodyless = True
        lines = [f"HTTP/1.1 {self._status}"]
        names = set()
        for name, value in self._headers:
            lower = name.lower()
            names.add(lower)
            if lower == "connection" and "close" in value.lower():
                self.keeps_alive = False
            elif lower == "content-length":
                self._left = int(value)
            if lower not in _HOP_BY_HOP:
                lines.append(f"{name}: {value}")
        if self._left is None and not self._is_bodyless:
            lines += self._announce(whole_length)
        if "date" not in names:
            lines.append(f"Date: {formatdate(usegmt=True)}")
        if not self.keeps_alive:
            lines.append("Connection: close")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a line break in a header")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.is_head_sent = True
        return head

    def _announce(self, whole_length: int | None) -> list[str]:
        """How the client learns where the content ends."""
        if whole_length is not None:
            self._left = whole_length
            return [f"Content-Length: {whole_length}"]
        if self._is_http_11:
            self._is_chunked = True
            return ["Transfer-Encoding: chunked"]
        self.keeps_alive = False
        return []
