"""The environ of a request is what PEP 3333 says."""

from __future__ import annotations

from typing import Any
from wsgiref.validate import check_environ

from dashboard.server.http_head import HeadParser
from dashboard.server.wsgi_environ import make_environ


def environ_of(sent: bytes) -> dict[str, Any]:
    parser = HeadParser()
    parser.feed(sent)
    assert parser.head is not None
    return make_environ(parser.head, None, server=("127.0.0.1", 5000), client=("192.0.2.1", 4711))


def test_environ_is_valid_and_complete() -> None:
    environ = environ_of(
        b"POST /a%20b/%C3%A9?x=%20&y HTTP/1.1\r\nHost: x:5000\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
        b"X-Name: \xe9\r\n\r\n"
    )
    check_environ(environ)
    expected = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/a b/\xc3\xa9",
        "QUERY_STRING": "x=%20&y",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "2",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "5000",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_HOST": "x:5000",
        "HTTP_X_NAME": "\xe9",
    }
    assert {name: environ[name] for name in expected} == expected
    assert "wsgi.input_terminated" not in environ and environ["wsgi.input"].read() == b""


def test_header_with_an_underscore_is_dropped() -> None:
    """It would count as the header with a hyphen, which a proxy may have set."""
    environ = environ_of(b"GET / HTTP/1.1\r\nHost: x\r\nX_Forwarded_For: evil\r\nContent_Length: 5\r\n\r\n")
    assert not [name for name in environ if "FORWARDED" in name or name.endswith("CONTENT_LENGTH")]


def test_chunked_body_ends_by_itself() -> None:
    environ = environ_of(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert environ["wsgi.input_terminated"] is True and "CONTENT_LENGTH" not in environ
