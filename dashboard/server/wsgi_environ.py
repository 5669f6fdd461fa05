"""Makes the WSGI environ of a request (PEP 3333)."""

from __future__ import annotations

import io
import logging
from typing import Any, Final
from urllib.parse import unquote

from dashboard.server.http_head import RequestHead

log = logging.getLogger(__name__)

_KNOWN_APART: Final = frozenset({b"content-type", b"content-length"})


class ErrorLog(io.TextIOBase):
    """`wsgi.errors`: what a library writes there goes to the log."""

    def write(self, text: str) -> int:
        if text.strip():
            log.error("%s", text.rstrip())
        return len(text)


_BASE: Final = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": ErrorLog(),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def make_environ(head: RequestHead, body: Any, *, server: tuple[str, int], client: tuple[str, int]) -> dict[str, Any]:
    """The environ of a request. `body` is a file, or None where there is no body."""
    path, _, query = head.target.decode("latin-1").partition("?")
    fields = head.fields
    environ: dict[str, Any] = {
        **_BASE,
        "REQUEST_METHOD": head.method.decode("latin-1"),
        "RAW_PATH_INFO": path,
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1" if head.is_http_11 else "HTTP/1.0",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.input": io.BytesIO() if body is None else body,
    }
    if b"content-type" in fields:
        environ["CONTENT_TYPE"] = fields[b"content-type"].decode("latin-1")
    if b"content-length" in fields:
        environ["CONTENT_LENGTH"] = fields[b"content-length"].decode("latin-1")
    if head.is_chunked:
        # Without it an application takes a body without a length for an empty one.
        environ["wsgi.input_terminated"] = True
    for name, value in fields.items():
        # An underscore would pass one header off as another: both become the same variable.
        if b"_" not in name and name not in _KNOWN_APART:
            environ["HTTP_" + name.decode("latin-1").replace("-", "_").upper()] = value.decode("latin-1")
    return environ
