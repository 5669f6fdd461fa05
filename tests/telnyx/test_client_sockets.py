"""The client over a real connection: what only sockets can do to it."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from dashboard.errors import ProviderError
from dashboard.telnyx.api import error_hints
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.commands import build_command

KEY = "KEY0123456789ABCDEF_s3cr3tPart"
HANGUP = build_command("hangup", "v3:x", {}, command_id="c1")


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behaviour = "answer"
    asked = 0
    callers: ClassVar[set[Any]] = set()
    cookies: ClassVar[list[str | None]] = []

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.behaviour == "silence":
            self.server.released.wait(10)  # type: ignore[attr-defined]
            return
        if self.behaviour == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            with contextlib.suppress(OSError):
                while not self.server.released.wait(0.05):  # type: ignore[attr-defined]
                    self.wfile.write(b" ")
            return
        if self.behaviour == "redirect":
            self.send_response(307)
            self.send_header("Location", self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.behaviour == "reset" or (self.behaviour == "reset once" and self.asked == 1):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            for end in (self.rfile, self.wfile, self.connection):
                end.close()
            self.close_connection = True
            return
        self.callers.add(self.client_address)
        self.cookies.append(self.headers["Cookie"])
        body = gzip.compress(b'{"data":{"result":"ok"}}')
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Set-Cookie", "a=b; Path=/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for index in range(len(body)):
            self.wfile.write(body[index : index + 1])
            self.wfile.flush()

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.released = threading.Event()  # type: ignore[attr-defined]
    Provider.asked, Provider.behaviour = 0, "answer"
    Provider.callers.clear()
    Provider.cookies.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def over_a_socket(server: ThreadingHTTPServer) -> TelnyxClient:
    base_url = f"http://127.0.0.1:{server.server_address[1]}/v2"
    return TelnyxClient(api_key=KEY, base_url=base_url, sleep=lambda _: None, timeout=(1.0, 0.3))


@pytest.mark.parametrize(
    ("behaviour", "hint", "attempts"),
    [
        ("silence", error_hints.TIMED_OUT, 3),
        ("trickle", error_hints.TIMED_OUT, 3),
        ("reset", error_hints.INTERRUPTED, 3),
        ("redirect", error_hints.REDIRECTED, 1),
    ],
)
def test_a_real_connection_fails_in_bounded_time(
    provider: ThreadingHTTPServer, behaviour: str, hint: str, attempts: int
) -> None:
    Provider.behaviour = behaviour

    with pytest.raises(ProviderError) as caught:
        over_a_socket(provider).execute_command(HANGUP)

    assert (caught.value.hint, caught.value.attempts, Provider.asked) == (hint, attempts, attempts)
    assert caught.value.elapsed_ms < 5_000


def test_a_lost_answer_is_asked_for_again(provider: ThreadingHTTPServer) -> None:
    Provider.behaviour = "reset once"

    assert over_a_socket(provider).execute_command(HANGUP).attempts == 2


def test_connections_are_used_again_and_compressed_answers_are_read(provider: ThreadingHTTPServer) -> None:
    client = over_a_socket(provider)
    for _ in range(3):
        assert dict(client.execute_command(HANGUP).data) == {"result": "ok"}

    assert len(Provider.callers) == 1


def test_no_cookie_of_the_provider_is_kept(provider: ThreadingHTTPServer) -> None:
    client = over_a_socket(provider)
    for _ in range(2):
        client.execute_command(HANGUP)

    assert Provider.cookies == [None, None]


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    client = TelnyxClient(api_key=KEY, base_url=f"http://127.0.0.1:{port}", sleep=lambda _: None)

    with pytest.raises(ProviderError) as caught:
        client.execute_command(HANGUP)
    assert caught.value.hint == error_hints.UNREACHABLE
