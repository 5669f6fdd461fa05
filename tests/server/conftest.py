"""A server on plain sockets and threads: the HTTP of the real one, without eventlet."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from dashboard.server.connections import ConnectionTable
from dashboard.server.http import HttpConnection
from dashboard.server.http_server import HttpServer, Timeouts

# Short enough for a test to wait for, long enough for a busy machine.
SHORT = Timeouts(head_s=0.4, body_s=0.6, idle_s=0.8, send_s=1.0, linger_s=0.4)
PATIENT = Timeouts(linger_s=0.3)


class PlainTransport:
    """A blocking socket as the transport of a connection."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected

    def receive(self) -> bytes:
        self.socket.settimeout(None)
        return self.socket.recv(16 * 1024)

    def send(self, data: bytes | memoryview, timeout_s: float) -> None:
        self.socket.settimeout(timeout_s)
        self.socket.sendall(data)

    def shut_down(self, how: int) -> None:
        with suppress(OSError):
            self.socket.shutdown(how)

    def close(self) -> None:
        self.shut_down(socket.SHUT_RDWR)
        self.socket.close()

    def detach(self) -> int:
        return self.socket.detach()


@dataclass(frozen=True)
class Answer:
    """One answer as a client reads it."""

    status: int
    headers: dict[str, str]
    body: bytes
    lines: tuple[str, ...] = field(default=(), compare=False)


class Client:
    """The other end of a connection."""

    def __init__(self, near: socket.socket) -> None:
        self.socket = near
        self._file = near.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *, has_body: bool = True) -> Answer:
        """The next answer. Fails where there is none."""
        first = self._file.readline()
        assert first.startswith(b"HTTP/1.1 "), f"no answer but {first!r}"
        lines = [first.decode().strip()]
        headers: dict[str, str] = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1").strip())
            name, _, value = lines[-1].partition(": ")
            headers[name.lower()] = value
        body = self._body(headers) if has_body else b""
        return Answer(int(first.split()[1]), headers, body, tuple(lines))

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            content = b""
            while size := int(self._file.readline(), 16):
                content += self._file.read(size)
                assert self._file.readline() == b"\r\n"
            assert self._file.readline() == b"\r\n"
            return content
        if "content-length" in headers:
            return self._file.read(int(headers["content-length"]))
        return self._file.read()

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def is_closed(self) -> bool:
        """Whether the server says nothing more and closes. Waits for it."""
        try:
            return self._file.read() == b""
        except ConnectionResetError:
            return True


Connect = Callable[..., Client]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open a connection to an application: `connect(app, fast_path=…, timeouts=…)`."""
    with ExitStack() as stack:

        def open_connection(app: Any = None, *, timeouts: Timeouts = PATIENT, **options: Any) -> Client:
            table = ConnectionTable(places=10, per_client=10, client_of=lambda host: host)
            server = HttpServer(app=app, address=("127.0.0.1", 5000), connections=table, timeouts=timeouts, **options)
            near, far = socket.socketpair()
            far.settimeout(10)
            client = Client(far)
            connection = HttpConnection(PlainTransport(near), ("192.0.2.1", 4711), server)
            assert table.admit(connection)
            thread = threading.Thread(target=connection.run, daemon=True)
            thread.start()
            stop = threading.Event()
            clock = threading.Thread(target=_watch_deadlines, args=(table, stop), daemon=True)
            clock.start()

            def end() -> None:
                client.close()
                thread.join(5)
                stop.set()
                clock.join(5)
                assert not thread.is_alive(), "the connection does not end"
                assert len(table) == 0, "the connection is still counted"

            stack.callback(end)
            return client

        yield open_connection


def _watch_deadlines(table: ConnectionTable, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        table.expire_overdue(time.monotonic())
