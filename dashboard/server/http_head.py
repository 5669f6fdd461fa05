"""Reads heads of HTTP requests, strictly.

httptools parses. The checks here refuse what another reader may understand differently, because that reader may be a
proxy in front: a request that ends elsewhere for the proxy than for this server smuggles a second one in.
"""

from __future__ import annotations

import re
from typing import Final

import httptools

# Browsers send 1 to 2 kB, the provider half a kB.
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_REQUEST_LINE_BYTES: Final = 8 * 1024
MAX_HEADERS: Final = 100

_END: Final = b"\r\n\r\n"
# RFC 3986, section 3.2: host and port. A comma would join two Host headers.
_HOST: Final = re.compile(rb"[A-Za-z0-9._~%!$&'()*+;=:\[\]-]*")


class BadRequestError(ValueError):
    """A request that breaks the rules of HTTP. Its connection has to be closed.

    Applications that read a broken body see it as a ValueError, which werkzeug answers with 400.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class RequestHead:
    """A complete head. Names in `fields` are lower case; values of a repeated header are joined."""

    __slots__ = ("content_length", "fields", "is_chunked", "is_http_11", "keeps_alive", "method", "target")

    def __init__(self, method: bytes, target: bytes, fields: dict[bytes, bytes], *, is_http_11: bool) -> None:
        self.method = method
        self.target = target
        self.fields = fields
        self.is_http_11 = is_http_11
        encoding = fields.get(b"transfer-encoding")
        # RFC 9112, section 6.1: other encodings, and any in HTTP/1.0, hide where the body ends.
        if encoding is not None and (encoding.lower() != b"chunked" or not is_http_11):
            raise BadRequestError("transfer encoding not understood")
        self.is_chunked = encoding is not None
        # httptools has refused whatever is no number, and a second header of that name. 0 also means: no body.
        self.content_length = int(fields.get(b"content-length", b"0"))
        connection = fields.get(b"connection", b"").lower()
        # HTTP/1.0 connections are never kept: their clients do not agree on how to ask for it.
        self.keeps_alive = is_http_11 and (
            connection in (b"", b"keep-alive") or b"close" not in map(bytes.strip, connection.split(b","))
        )

    @property
    def is_upgrade(self) -> bool:
        return b"upgrade" in self.fields

    @property
    def expects_continue(self) -> bool:
        return self.is_http_11 and self.fields.get(b"expect", b"").lower() == b"100-continue"


class HeadParser:
    """Takes bytes as they come in, until one head is complete."""

    __slots__ = ("_callbacks", "_parser", "_received", "head")

    def __init__(self) -> None:
        self.head: RequestHead | None = None
        self._received = b""
        self._callbacks = _Callbacks()
        self._parser = httptools.HttpRequestParser(self._callbacks)

    def feed(self, data: bytes) -> bytes:
        """Take more bytes; what is returned belongs to the body. `head` is set once the head is complete.

        Raises BadRequestError as soon as the bytes so far cannot become a request.
        """
        before = len(self._received)
        received = self._received + data if before else data
        found = received.find(_END, max(0, before - len(_END) + 1))
        end = found + len(_END) if found >= 0 else len(received)
        _check_size(received, end)
        try:
            self._parser.feed_data(received[before:end])
        except httptools.HttpParserUpgrade:
            pass  # the head asks for a WebSocket; that is judged where the request is answered
        except httptools.HttpParserError as error:
            raise BadRequestError(str(error)) from None
        # Both must agree on where the head ends. They do not, for example, where an empty line precedes it.
        if self._callbacks.is_complete != (found >= 0):
            raise BadRequestError("head ends unclearly")
        if found < 0:
            self._received = received
            return b""
        self.head = _head_from(received, self._parser.get_method(), self._callbacks)
        return received[end:]


class _Callbacks:
    """What httptools found. Apart from the parser, because references in a circle are freed late."""

    __slots__ = ("fields", "is_complete", "target")

    def __init__(self) -> None:
        self.target = b""
        self.fields: dict[bytes, bytes] = {}
        self.is_complete = False

    def on_url(self, part: bytes) -> None:
        self.target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        name, value = name.lower(), value.rstrip(b" \t")
        if name in self.fields:
            value = self.fields[name] + (b"; " if name == b"cookie" else b",") + value
        self.fields[name] = value

    def on_headers_complete(self) -> None:
        self.is_complete = True


def _check_size(received: bytes, end: int) -> None:
    if end > MAX_REQUEST_LINE_BYTES and received.find(b"\r\n", 0, MAX_REQUEST_LINE_BYTES) < 0:
        raise BadRequestError("request line too long", 414)
    if end > MAX_HEAD_BYTES:
        raise BadRequestError("head too large", 431)


def _head_from(received: bytes, method: bytes, callbacks: _Callbacks) -> RequestHead:
    # The request line is compared as a whole: httptools forgives spaces in it, and reads other protocols too.
    line = method + b" " + callbacks.target + b" HTTP/1."
    version = received[len(line) : len(line) + 3]
    if not received.startswith(line) or version not in (b"1\r\n", b"0\r\n"):
        raise BadRequestError("request line not understood")
    if not callbacks.target.startswith(b"/") or b"#" in callbacks.target:
        raise BadRequestError("target is not a path")
    if len(callbacks.fields) > MAX_HEADERS:
        raise BadRequestError("too many headers", 431)
    host = callbacks.fields.get(b"host")
    is_http_11 = version == b"1\r\n"
    if (host is None and is_http_11) or (host is not None and not _HOST.fullmatch(host)):
        raise BadRequestError("exactly one valid Host is needed")
    return RequestHead(method, callbacks.target, callbacks.fields, is_http_11=is_http_11)
