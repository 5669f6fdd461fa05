"""Webhooks on a real connection, however the network cuts it up."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from tests.conftest import Signer, build_event_body, transcription_payload
from tests.system.conftest import both_ways
from tests.system.server import WEBHOOK_PATH, Server, wait_until

CALL = "v3:connections"

pytestmark = both_ways


def request(signer: Signer, text: str, *, more: dict[str, str] | None = None, spoil: bytes = b"") -> bytes:
    """One webhook as it is on the wire."""
    body = build_event_body("call.transcription", transcription_payload(text), call_id=CALL)
    headers = {"Host": "x", **signer.sign_headers(body), "Content-Length": str(len(body) + len(spoil)), **(more or {})}
    lines = [f"POST {WEBHOOK_PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body + spoil


@contextmanager
def connected(server: Server) -> Iterator[tuple[socket.socket, BinaryIO]]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire, wire.makefile("rb") as answers:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield wire, answers


def answer(answers: BinaryIO) -> tuple[int, bytes]:
    """The next answer: status and body."""
    status = int(answers.readline().split()[1])
    length = 0
    while (line := answers.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return status, answers.read(length)


def stored(server: Server) -> list[str]:
    return [segment["text"] for segment in server.get_json(f"/api/calls/{CALL}/segments")["segments"]]


def in_one_piece(wire: socket.socket, sent: bytes) -> None:
    wire.sendall(sent)


def cut_at(*places: int) -> Callable[[socket.socket, bytes], None]:
    """Send in pieces, and give each the time to arrive alone: an answer to another request proves that it has."""

    def send(wire: socket.socket, sent: bytes) -> None:
        start = 0
        for place in (*places, len(sent)):
            wire.sendall(sent[start:place])
            start = place
            with socket.create_connection(wire.getpeername(), timeout=10) as other:
                other.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert other.recv(4_096)

    return send


@pytest.mark.parametrize(
    "send",
    [in_one_piece, cut_at(5), cut_at(100), cut_at(-900, -600), cut_at(-5), cut_at(20, 60, 200, -1)],
    ids=["whole", "in the method", "in the head", "at the body", "in the body", "everywhere"],
)
def test_webhook_may_be_cut_anywhere(
    shared_server: Server, signer: Signer, send: Callable[[socket.socket, bytes], None], request_text: str
) -> None:
    with connected(shared_server) as (wire, answers):
        for number in range(2):
            send(wire, request(signer, f"{request_text} {number}"))
            assert answer(answers) == (200, b"accepted\n")
    assert {f"{request_text} 0", f"{request_text} 1"} <= {*stored(shared_server)}


@pytest.fixture
def request_text(request: pytest.FixtureRequest) -> str:
    name: str = request.node.callspec.id
    return name


def test_pipelined_requests_are_answered_in_order(shared_server: Server, signer: Signer) -> None:
    with connected(shared_server) as (wire, answers):
        page = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        unusual = request(signer, "long way", more={"Expect": ""})
        refused = request(signer, "never signed", spoil=b" ")
        wire.sendall(request(signer, "first") + page + unusual + refused + request(signer, "last"))
        found = [answer(answers) for _ in range(5)]
    assert [status for status, _ in found] == [200, 200, 200, 401, 200]
    assert [words for _, words in found[2:]] == [b"accepted\n", b"not verified\n", b"accepted\n"]
    assert [text for text in stored(shared_server) if text in ("first", "long way", "never signed", "last")] == [
        "first",
        "long way",
        "last",
    ]


def test_connection_close_is_obeyed(shared_server: Server, signer: Signer) -> None:
    with connected(shared_server) as (wire, answers):
        wire.sendall(request(signer, "goodbye", more={"Connection": "close"}))
        assert answer(answers) == (200, b"accepted\n")
        assert answers.read() == b""


def test_client_disconnect_keeps_the_event(shared_server: Server, signer: Signer) -> None:
    for number in range(20):
        with connected(shared_server) as (wire, _):
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.sendall(request(signer, f"in a hurry {number}"))
    wait_until(lambda: shared_server.deliver_webhook(signer, "call.initiated", call_id=CALL) == 200, "an answer")
    assert "Traceback" not in shared_server.log


def test_half_a_body_is_not_stored(shared_server: Server, signer: Signer) -> None:
    with connected(shared_server) as (wire, answers):
        wire.sendall(request(signer, "half of it")[:-10])
        wire.shutdown(socket.SHUT_WR)
        received = answers.read()
        # The application answers a half-closed connection, the fast path just closes it.
        assert received == b"" or received.startswith(b"HTTP/1.1 400 ")
    assert shared_server.deliver_webhook(signer, "call.initiated", call_id=CALL) == 200
    assert "half of it" not in stored(shared_server)
    assert "Traceback" not in shared_server.log
