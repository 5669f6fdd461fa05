"""What clients without a login could do to the server, and cannot: memory, places, sessions, log."""

from __future__ import annotations

import http.client
import re
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import websocket

from tests.conftest import Signer, build_event_body
from tests.system.conftest import TOKEN, both_ways
from tests.system.server import WEBHOOK_PATH, Server, wait_until

MIB = 1024 * 1024
# Without the limits each of these attacks costs several times as much.
ALLOWED_MIB = 16
SILENT = 5_100
HANDSHAKES = 600
SOCKET_PATH = "/socket.io/?EIO=4&transport=websocket"


def memory_mib(server: Server) -> float:
    assert server.process is not None
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB


def send_until_closed(wire: socket.socket, data: bytes, *, limit: int) -> int:
    """Send the same again and again. Returns how much was taken before the server closed."""
    sent = 0
    with suppress(OSError):
        while sent < limit:
            wire.sendall(data)
            sent += len(data)
    return sent


@both_ways
@pytest.mark.parametrize(
    "start", [b"", b"5;", b"5\r\nhello\r\n0\r\nX: "], ids=["chunk size", "chunk extension", "trailer"]
)
@pytest.mark.parametrize("request_line", [f"POST {WEBHOOK_PATH}", "GET /", "GET /healthz", "GET /static/x"])
def test_line_that_never_ends_costs_no_memory(shared_server: Server, request_line: str, start: bytes) -> None:
    before = memory_mib(shared_server)
    head = f"{request_line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as wire:
        wire.sendall(head + start)
        sent = send_until_closed(wire, b"a" * 65_536, limit=64 * MIB)
        answer = b""
        with suppress(ConnectionError):
            answer = wire.recv(4_096)
    assert sent < 32 * MIB, "the server went on reading"
    assert memory_mib(shared_server) < before + ALLOWED_MIB
    if request_line.startswith("POST"):
        # Lost only where the kernel of this machine was faster than the answer.
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")


@both_ways
def test_broken_chunk_size_of_a_webhook_is_answered_400_and_ends(shared_server: Server) -> None:
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as wire:
        wire.sendall(
            f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + b"a" * 66
        )
        received = b""
        while data := wire.recv(4_096):
            received += data
    assert received.startswith(b"HTTP/1.1 400 ") and received.count(b"HTTP/1.1") == 1


@contextmanager
def many_files(count: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def health_ms(server: Server) -> float:
    """How long a new connection waits for an answer."""
    began = time.monotonic()
    assert server.request("GET", "/healthz")[0] == 200
    return (time.monotonic() - began) * 1_000


def test_silent_connections_take_no_place_from_others(server: Server, signer: Signer) -> None:
    with many_files(SILENT + 500):
        silent: list[socket.socket] = []
        try:
            while len(silent) < SILENT:
                silent.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            waits = sorted(health_ms(server) for _ in range(10))
            print(f"/healthz beside {SILENT} silent connections: {waits[0]:.1f} to {waits[-1]:.1f} ms")
            # The median, because the noise of a busy machine hits one or another.
            assert waits[5] < 100
            assert server.deliver_webhook(signer, "call.initiated") == 200
        finally:
            for connection in silent:
                connection.close()
    assert "Traceback" not in server.log


@pytest.mark.parametrize("fast_paths", ["1", "0"], ids=["fast paths", "usual way"])
def test_handshakes_without_login_cost_no_session(new_server: Callable[..., Server], fast_paths: str) -> None:
    with new_server(DASHBOARD_PASSWORD="a password of the test", SERVER_FAST_PATHS=fast_paths) as server:
        server.request("GET", "/socket.io/?EIO=4&transport=polling")
        before = memory_mib(server)
        large = {f"X-Large-{number}": "x" * 7_000 for number in range(4)}
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        for _ in range(HANDSHAKES):
            connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers=large)
            response = connection.getresponse()
            assert (response.status, b"Sign in first" in response.read()) == (401, True)
        connection.close()
        # Kept environs would be 17 MiB.
        assert memory_mib(server) < before + 8


@pytest.mark.parametrize("fast_paths", ["1", "0"], ids=["fast paths", "usual way"])
def test_handshakes_with_login_keep_no_large_headers(new_server: Callable[..., Server], fast_paths: str) -> None:
    with new_server(SERVER_FAST_PATHS=fast_paths) as server:
        headers = {"Authorization": f"Bearer {TOKEN}"} | {f"X-Large-{number}": "x" * 7_000 for number in range(4)}
        server.request("GET", "/socket.io/?EIO=4&transport=polling", headers=headers)
        before = memory_mib(server)
        for _ in range(HANDSHAKES):
            assert server.request("GET", "/socket.io/?EIO=4&transport=polling", headers=headers)[0] == 200
        # Large headers alone would be 17 MiB.
        assert memory_mib(server) < before + 12


def test_socket_that_never_joins_is_closed(new_server: Callable[..., Server], tmp_path: Path) -> None:
    """On both ways at once, because it takes ten seconds."""
    database = f"sqlite:///{tmp_path / 'usual.sqlite3'}"
    with new_server() as fast, new_server(SERVER_FAST_PATHS="0", DATABASE_URL=database) as usual:
        silent = [_open_socket(server) for server in (fast, usual)]
        joined = [_open_socket(server) for server in (fast, usual)]
        for client in joined:
            client.send("40")
            assert str(client.recv()).startswith("40{")
        began = time.monotonic()
        for client in silent:
            client.settimeout(20)
            assert client.recv_frame().opcode == websocket.ABNF.OPCODE_CLOSE
        assert 7 < time.monotonic() - began < 15
        for client in joined:
            client.send('420["unwatch",{}]')
            assert str(client.recv()).startswith("430[")
        for client in silent + joined:
            client.shutdown()
        for server in (fast, usual):
            assert "live socket closed: reason=never_joined" in server.log and "Traceback" not in server.log


def _open_socket(server: Server) -> websocket.WebSocket:
    client = websocket.create_connection(f"ws://127.0.0.1:{server.port}{SOCKET_PATH}", timeout=10)
    assert str(client.recv()).startswith("0{")
    return client


@both_ways
@pytest.mark.parametrize("connection", ["keep-alive", None])
def test_upgrade_without_connection_is_refused(shared_server: Server, connection: str | None) -> None:
    headers = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    if connection is not None:
        headers["Connection"] = connection
    status, body = shared_server.request("GET", SOCKET_PATH, headers=headers)
    assert status == 400 and b"Upgrade" in body


@pytest.mark.parametrize("fast_paths", ["1", "0"], ids=["fast paths", "usual way"])
def test_flood_of_unsigned_webhooks_is_counted_in_the_log(
    new_server: Callable[..., Server], signer: Signer, fast_paths: str
) -> None:
    with new_server(SERVER_FAST_PATHS=fast_paths) as server:
        stale = build_event_body("call.initiated")
        assert server.request("POST", WEBHOOK_PATH, stale, signer.sign_headers(stale, at=1))[0] == 401
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        began = time.monotonic()
        for _ in range(1_000):
            connection.request("POST", WEBHOOK_PATH, b"{}")
            assert connection.getresponse().read() == b"not verified\n"
        connection.close()
        seconds = time.monotonic() - began
        server.terminate()
        assert server.wait() == 0
        lines = [line for line in server.log.splitlines() if "webhook refused" in line]
        assert len(lines) <= 6 + seconds + 2, lines
        assert sum(1 + int((re.findall(r"and (\d+) more like this", line) or [0])[0]) for line in lines) == 1_001


@both_ways
def test_old_refusals_survive_a_flood_of_others(shared_server: Server, signer: Signer) -> None:
    stale = build_event_body("call.initiated")
    assert shared_server.request("POST", WEBHOOK_PATH, stale, signer.sign_headers(stale, at=1))[0] == 401
    connection = http.client.HTTPConnection("127.0.0.1", shared_server.port, timeout=10)
    for _ in range(400):
        connection.request("POST", WEBHOOK_PATH, b"{}")
        assert connection.getresponse().read() == b"not verified\n"
    connection.close()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    listed = shared_server.get_json("/api/events?verdict=refused&limit=200", headers)["events"]
    reasons = [event["reason"] for event in listed]
    assert len(set(reasons)) == 2 and max(reasons.count(reason) for reason in set(reasons)) == 50


@both_ways
def test_nothing_is_printed_past_the_log(shared_server: Server) -> None:
    for sent in (
        b"GET /search?q=secret-speech HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /search?q=secret-speech\r\n\r\n",
        b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as wire:
            wire.sendall(sent)
            received = b""
            with suppress(ConnectionError):
                while data := wire.recv(4_096):
                    received += data
        head = received.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith((b"http/1.1 400 ", b"http/1.1 414 ", b"http/1.1 431 ")), head
        assert (
            b"x-content-type-options: nosniff" in head and b"server:" not in head and b"python" not in received.lower()
        )
    wait_until(lambda: "bad request refused" in shared_server.log, "the refusal in the log")
    assert "secret-speech" not in shared_server.log
    assert [line for line in shared_server.log.splitlines() if not re.match(r"(INFO|WARNING|ERROR) [a-z]", line)] == []
