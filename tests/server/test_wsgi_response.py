"""What an application answers goes out as HTTP that a client can read to its end."""

from __future__ import annotations

import email.utils
import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from tests.server.conftest import Answer, Connect


def answering(status: str, headers: list[tuple[str, str]], content: Iterable[bytes]) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, headers)
        return content

    return app


def request(method: str = "GET", version: str = "1.1", more: str = "") -> bytes:
    return f"{method} / HTTP/{version}\r\nHost: x\r\n{more}\r\n".encode()


def exchange(connect: Connect, app: Any, sent: bytes, *, has_body: bool = True) -> tuple[Answer, bool]:
    """The answer, and whether the connection stays open."""
    client = connect(app)
    client.send(sent)
    answer = client.answer(has_body=has_body)
    if answer.headers.get("connection") == "close":
        assert client.is_closed()
        return answer, False
    client.send(sent)
    assert client.answer(has_body=has_body).status == answer.status
    return answer, True


def pieces(*content: bytes) -> Iterator[bytes]:
    yield from content


def test_complete_answer_gets_its_length(connect: Connect) -> None:
    answer, is_open = exchange(connect, answering("200 OK", [("X-Own", "é")], [b"one ", b"two"]), request())
    date = email.utils.parsedate_to_datetime(answer.headers.pop("date"))
    assert abs(date.timestamp() - time.time()) < 5
    assert answer == Answer(200, {"x-own": "é", "content-length": "7"}, b"one two")
    assert is_open


def test_short_stream_gets_its_length_and_a_long_one_chunks(connect: Connect) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return pieces(*([b"x" * 100] * (10 if environ["QUERY_STRING"] == "short" else 1_000)))

    client = connect(app)
    for query, length in (("short", 1_000), ("long", 100_000)):
        client.send(request().replace(b"/ ", b"/?" + query.encode() + b" ", 1))
        answer = client.answer()
        assert len(answer.body) == length
        assert ("transfer-encoding" in answer.headers) is (query == "long")
        assert answer.headers.get("content-length") == ("1000" if query == "short" else None)


def test_stream_ends_with_the_connection_for_http_10(connect: Connect) -> None:
    app = answering("200 OK", [], pieces(*([b"x" * 100] * 1_000)))
    answer, is_open = exchange(connect, app, request(version="1.0"))
    assert len(answer.body) == 100_000 and "transfer-encoding" not in answer.headers and not is_open


@pytest.mark.parametrize(
    ("method", "status", "length"),
    [("HEAD", "200 OK", "5"), ("GET", "204 No Content", None), ("GET", "304 Not Modified", None)],
)
def test_answers_without_content_have_none(connect: Connect, method: str, status: str, length: str | None) -> None:
    headers = [] if length is None else [("Content-Length", length)]
    answer, is_open = exchange(connect, answering(status, headers, [b"hello"]), request(method), has_body=False)
    assert answer.headers.get("content-length") == length and "transfer-encoding" not in answer.headers
    assert is_open


def test_client_and_application_may_close_the_connection(connect: Connect) -> None:
    app = answering("200 OK", [], [b"bye"])
    assert not exchange(connect, app, request(more="Connection: close\r\n"))[1]
    assert not exchange(connect, answering("200 OK", [("Connection", "close")], [b"bye"]), request())[1]


@pytest.mark.parametrize(("content", "received"), [(b"too long", b"too"), (b"x", b"x")])
def test_wrong_length_is_logged_and_ends_the_connection(
    connect: Connect, caplog: pytest.LogCaptureFixture, content: bytes, received: bytes
) -> None:
    client = connect(answering("200 OK", [("Content-Length", "3")], [content]))
    client.send(request())
    assert client.answer().body == received
    assert client.is_closed()
    assert "than announced" in caplog.text


def test_line_break_in_a_header_is_never_sent(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    client = connect(answering("200 OK", [("X-Own", "a\r\nSet-Cookie: b")], [b"x"]))
    client.send(request())
    answer = client.answer()
    assert answer.status == 500 and "set-cookie" not in answer.headers
    assert "line break" in caplog.text


def test_application_may_write_and_change_its_mind(connect: Connect) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            raise KeyError
        except KeyError as error:
            write = start_response("404 Not Found", [], (KeyError, error, error.__traceback__))
        write(b"written ")
        return [b"returned"]

    answer, _ = exchange(connect, app, request())
    assert (answer.status, answer.body) == (404, b"written returned")


def test_every_iterable_is_closed_also_where_the_client_is_gone(connect: Connect) -> None:
    class Content:
        is_closed = False

        def __iter__(self) -> Iterator[bytes]:
            for _ in range(2_000):
                yield b"x" * 10_000

        def close(self) -> None:
            self.is_closed = True

    content = Content()
    client = connect(answering("200 OK", [], content))
    client.send(request())
    client.close()
    deadline = time.monotonic() + 5
    while not content.is_closed:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_a_library_writes_to_wsgi_errors_is_logged(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.errors"].write("complaint of a library\n")
        start_response("200 OK", [])
        return []

    exchange(connect, app, request())
    assert ("dashboard.server.wsgi_environ", logging.ERROR, "complaint of a library") in caplog.record_tuples
