"""Requests on a connection: through the fast path and to the application alike."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterable
from typing import Any

import pytest

from dashboard.server.http_head import RequestHead
from dashboard.server.webhook_fast_path import WebhookFastPath
from tests.server.conftest import SHORT, Connect
from tests.server.heads import AMBIGUOUS, START

GET = b"GET /page?x=1 HTTP/1.1\r\nHost: x\r\n\r\n"
WEBHOOK = START + b"Content-Length: 2\r\n\r\n{}"
FAST, LONG = "fast path", "application"
both_ways = pytest.mark.parametrize("way", [FAST, LONG])


class App:
    """A WSGI application that remembers what it was asked, and answers with what it read."""

    def __init__(self, read: bool = True) -> None:
        self.environs: list[dict[str, Any]] = []
        self._read = read

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.environs.append(environ)
        body = environ["wsgi.input"].read() if self._read else b""
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"app read " + body]


class Receiver:
    """A webhook receiver that answers with what it read."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def handle(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        self.bodies.append(body)
        return 200, f"fast read {body.decode()}"


def options(way: str, app: App | None = None, receiver: Receiver | None = None) -> dict[str, Any]:
    """Both ways have an application; only one has a fast path too."""
    fast_path = WebhookFastPath(receiver or Receiver()) if way == FAST else None  # type: ignore[arg-type]
    return {"app": app or App(), "fast_path": fast_path}


def test_requests_are_answered_one_after_the_other(connect: Connect) -> None:
    app = App()
    client = connect(**options(FAST, app))
    client.send(GET + WEBHOOK + START + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + GET)
    assert [client.answer().body for _ in range(4)] == [b"app read ", b"fast read {}\n", b"app read {}", b"app read "]
    first = app.environs[0]
    assert (first["PATH_INFO"], first["QUERY_STRING"], first["REMOTE_ADDR"]) == ("/page", "x=1", "192.0.2.1")


@both_ways
def test_webhook_may_come_in_pieces(connect: Connect, way: str) -> None:
    client = connect(**options(way))
    for byte in WEBHOOK:
        client.send(bytes([byte]))
    assert client.answer().body.endswith((b"read {}", b"read {}\n"))


@both_ways
@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_head_gets_one_400_and_the_end(connect: Connect, way: str, sent: bytes) -> None:
    app, receiver = App(), Receiver()
    client = connect(**options(way, app, receiver))
    client.send(sent + b"{}" + GET)
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert client.is_closed()
    assert app.environs == [] and receiver.bodies == []


def test_own_answers_have_our_headers_and_tell_no_version(connect: Connect) -> None:
    client = connect(App())
    client.send(b"GET / HTTP/9.9\r\n\r\n")
    answer = client.answer()
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers and b"Python" not in answer.body


def test_nothing_of_a_refused_request_is_logged_or_printed(
    connect: Connect, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    client = connect(App())
    client.send(b"GET /search?q=secret-speech HTTP/9.9\r\nX-Secret: secret-speech\r\n\r\n")
    assert client.answer().status == 400 and client.is_closed()
    assert "bad request refused" in caplog.text and "secret-speech" not in caplog.text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "chunks",
    [
        *(
            b"a" * 70,
            b"a" * 70 + b"\r\n",
            b"zz\r\n{}\r\n",
            b"0x2\r\n{}\r\n",
            b"+2\r\n{}\r\n",
            b"-2\r\n",
            b"0_2\r\n{}\r\n",
        ),
        *(
            b"2;x=y\r\n{}\r\n",
            b"2 \r\n{}\r\n",
            b"2\n{}\n0\n\n",
            b"\r\n",
            b"ffffffffff\r\n",
            b"2\r\n{}}\r\n",
            b"2\r\n{}\n0\r\n\r\n",
        ),
        *(
            b"2\r\n{}\r\n0\r\nX: " + b"a" * 5_000,
            b"2\r\n{}\r\n0\r\nno colon\r\n\r\n",
            b"2\r\n{}\r\n0\r\nX: a\nY: b\r\n\r\n",
        ),
    ],
    ids=range(17),
)
def test_broken_chunks_are_answered_400_and_end(connect: Connect, chunks: bytes) -> None:
    """The application hears of them as werkzeug does: a ValueError from the body."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        except ValueError:
            start_response("400 Bad Request", [])
            return [b"bad"]
        start_response("200 OK", [])
        return [b"good"]

    for application in (app, App()):
        client = connect(application)
        client.send(START + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        answer = client.answer()
        assert (answer.status, answer.headers["connection"]) == (400, "close")
        assert client.is_closed()


def test_unread_body_is_discarded_and_the_connection_goes_on(connect: Connect) -> None:
    client = connect(App(read=False))
    for body in (
        b"Content-Length: 60000\r\n\r\n" + b"x" * 60_000,
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ):
        client.send(START + body + GET)
        assert [client.answer().status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"a" * 100,
    ],
    ids=["long", "endless", "many small chunks", "endless size"],
)
def test_long_unread_body_ends_the_connection_after_the_answer(connect: Connect, body: bytes) -> None:
    client = connect(App(read=False), timeouts=SHORT)
    client.send(START + body)
    assert client.answer().status == 200
    assert client.is_closed()


def test_body_is_asked_for_with_100_once_it_is_read(connect: Connect) -> None:
    client = connect(App())
    client.send(START + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert client.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"{}" + GET)
    assert [client.answer().body for _ in range(2)] == [b"app read {}", b"app read "]


def test_body_that_was_never_asked_for_ends_the_connection(connect: Connect) -> None:
    client = connect(App(read=False))
    client.send(START + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert client.is_closed()


def test_silent_connection_is_closed_without_a_word(connect: Connect) -> None:
    client = connect(App(), timeouts=SHORT)
    began = time.monotonic()
    assert client.is_closed()
    assert 0.3 < time.monotonic() - began < 2


def test_slow_head_is_answered_408_however_often_a_byte_comes(connect: Connect) -> None:
    client = connect(App(), timeouts=SHORT)
    began = time.monotonic()
    try:
        for byte in GET[:-1] * 10:
            client.send(bytes([byte]))
            time.sleep(0.05)
            if time.monotonic() - began > 1.5:
                break
    except OSError:
        pass
    assert client.answer().status == 408 and client.is_closed()
    assert time.monotonic() - began < 3


@both_ways
def test_slow_body_ends_at_the_deadline_however_often_a_byte_comes(connect: Connect, way: str) -> None:
    receiver = Receiver()
    client = connect(**options(way, receiver=receiver), timeouts=SHORT)
    client.send(START + b"Content-Length: 1000\r\n\r\n")
    began = time.monotonic()
    try:
        while time.monotonic() - began < 2:
            client.send(b"x")
            time.sleep(0.05)
    except OSError:
        pass
    assert client.answer().status == 408 and client.is_closed()
    assert receiver.bodies == []


def test_kept_connection_may_be_idle_for_longer_than_a_head_may_take(connect: Connect) -> None:
    client = connect(App(), timeouts=SHORT)
    client.send(GET)
    assert client.answer().status == 200
    time.sleep(0.55)  # longer than SHORT.head_s
    client.send(GET)
    assert client.answer().status == 200
    began = time.monotonic()
    assert client.is_closed()
    assert time.monotonic() - began > 0.5


@both_ways
def test_client_that_leaves_in_a_body_leaves_nothing(
    connect: Connect, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver()
    client = connect(**options(way, receiver=receiver))
    client.send(START + b"Content-Length: 10\r\n\r\n{}")
    client.socket.shutdown(1)
    assert client.is_closed()
    assert receiver.bodies == [] and "Traceback" not in caplog.text


def test_error_of_the_application_is_logged_and_answered_500(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise KeyError("of the test")

    client = connect(app)
    client.send(GET)
    answer = client.answer()
    assert (answer.status, answer.body) == (500, b"Internal Server Error\n")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.is_closed()
    assert "application failed: method=GET" in caplog.text and "of the test" in caplog.text


def test_application_that_answers_nothing_is_logged_and_answered_500(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = connect(lambda environ, start_response: [])
    client.send(GET)
    assert client.answer().status == 500 and client.is_closed()
    assert "application answered nothing: method=GET" in caplog.text


def test_error_in_the_middle_of_an_answer_cuts_it_off(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "20000")])
        yield b"x" * 10_000
        raise KeyError("of the test")

    client = connect(app)
    client.send(GET)
    client.answer(has_body=False)
    received = b""
    while data := client.socket.recv(65_536):
        received += data
    assert len(received) <= 10_000 and b"HTTP/1.1" not in received
    assert "of the test" in caplog.text


def test_application_may_take_the_socket_for_a_websocket(connect: Connect) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        taken = environ["eventlet.input"].get_socket()
        taken.sendall(b"frames")
        return []

    client = connect(app)
    client.send(b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert client.socket.recv(100) == b"frames"
    assert client.is_closed()


def test_fast_path_sees_the_whole_body_only(connect: Connect) -> None:
    class Refusing:
        def accepts(self, head: RequestHead) -> bool:
            return False

        def answer(self, head: RequestHead, body: bytes) -> bytes:
            raise AssertionError

    app = App()
    client = connect(app, fast_path=Refusing())
    client.send(WEBHOOK)
    assert client.answer().body == b"app read {}"
    assert isinstance(app.environs[0]["wsgi.input"], io.BufferedReader)
