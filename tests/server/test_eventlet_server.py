"""The real server with short timeouts and no proxies: deadlines, limits of a client, and the end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.server.conftest import Client
from tests.server.heads import AMBIGUOUS, START
from tests.system.server import ROOT, free_port

MAX_PER_CLIENT = 500
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
WEBHOOK = START + b"Content-Length: 2\r\n\r\n{}"


class Running:
    """A started server, and what it has logged after its end."""

    def __init__(self) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "tests.server.serve_with_short_timeouts", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        self._open: list[Client] = []
        deadline = time.monotonic() + 20
        while True:
            try:
                self.connect().close()
                return
            except OSError:
                assert time.monotonic() < deadline and self.process.poll() is None
                time.sleep(0.05)

    def connect(self) -> Client:
        client = Client(socket.create_connection(("127.0.0.1", self.port), timeout=10))
        self._open.append(client)
        return client

    def stop(self) -> str:
        """End it in an orderly way; its log."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=15)
        return log

    def close(self) -> None:
        for client in self._open:
            client.close()
        self.process.kill()
        if self.process.stderr is not None and not self.process.stderr.closed:
            self.process.communicate()


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


@pytest.fixture
def running() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def seconds_until_closed(client: Client) -> float:
    began = time.monotonic()
    assert client.is_closed()
    return time.monotonic() - began


def test_silent_connection_has_the_time_of_a_head(shared: Running) -> None:
    assert 0.8 < seconds_until_closed(shared.connect()) < 2.2


def test_answered_connection_has_longer(shared: Running) -> None:
    client = shared.connect()
    client.send(GET)
    assert client.answer().status == 200
    assert 2.2 < seconds_until_closed(client) < 5


@pytest.mark.parametrize(
    "start",
    [GET[:-2], START + b"Content-Length: 100\r\n\r\n", b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"],
)
def test_a_byte_now_and_then_extends_no_deadline(shared: Running, start: bytes) -> None:
    client = shared.connect()
    began = time.monotonic()
    client.send(start)
    try:
        while time.monotonic() - began < 6:
            time.sleep(0.1)
            client.send(b"x")
    except OSError:
        pass
    assert time.monotonic() - began < 4
    assert client.answer().status == 408


def test_slow_application_is_not_ended(shared: Running) -> None:
    client = shared.connect()
    client.send(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    assert client.answer().body == b"read 2"


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_head_gets_one_400_and_the_end(shared: Running, sent: bytes) -> None:
    client = shared.connect()
    client.send(sent + b"{}" + GET)
    assert client.answer().status == 400
    assert client.is_closed()


def test_pipelining_client_leaves_others_their_turn(shared: Running) -> None:
    """One client sends without an end; another is answered all the same."""
    greedy, other = shared.connect(), shared.connect()
    greedy.send(WEBHOOK * 2_000)
    other.send(GET)
    began = time.monotonic()
    assert other.answer().status == 200
    assert time.monotonic() - began < 1
    for _ in range(2_000):
        assert greedy.answer().body == b"got 2\n"


def test_client_opens_only_so_many_connections(running: Running) -> None:
    first = [running.connect() for _ in range(MAX_PER_CLIENT + 20)]
    assert first[0].is_closed()  # the longest waiting made room
    first[-1].send(GET)
    assert first[-1].answer().status == 200
    working = []
    for _ in range(MAX_PER_CLIENT):
        working.append(running.connect())
        working[-1].send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)  # until the server has read the last requests
    assert running.connect().is_closed()
    assert [client.answer().status for client in working] == [200] * MAX_PER_CLIENT
    log = running.stop()
    assert "connection refused: reason=too_many_of_one_client" in log and "Traceback" not in log


def test_stop_answers_what_it_has_and_closes_the_rest(running: Running) -> None:
    slow, idle = running.connect(), running.connect()
    idle.send(GET)
    assert idle.answer().status == 200
    slow.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
    time.sleep(0.3)
    began = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert idle.is_closed()
    assert slow.answer().status == 200 and slow.is_closed()
    assert running.process.wait(10) == 0
    assert 1 < time.monotonic() - began < 6


def test_flood_of_bad_requests_is_counted_in_the_log(running: Running) -> None:
    for _ in range(300):
        client = running.connect()
        client.send(b"GET / HTTP/9.9\r\n\r\n")
        assert client.answer().status == 400
        client.close()
    log = running.stop()
    assert 1 <= log.count("bad request refused") < 50 and "more like this" in log
