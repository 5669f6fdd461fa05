"""The rules of RFC 6455, byte by byte, over a pair of sockets."""

from __future__ import annotations

import contextlib
import random
import socket

import pytest

from dashboard.media.websocket import MAX_MESSAGE_BYTES, CloseCode, ConnectionClosed, WebSocket

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9
WAIT_S = 5.0


def frame(content: bytes, *, opcode: int = TEXT, final: bool = True, length_bytes: int | None = None) -> bytes:
    """One frame as a client sends it; `length_bytes` is 0, 2 or 8, the shortest if not given."""
    mask = b"\x0f\xf0\x55\xaa"
    size = len(content)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65_536 else 8
    short = {0: size, 2: 126, 8: 127}[length_bytes]
    length = size.to_bytes(length_bytes, "big") if length_bytes else b""
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))
    return bytes((0x80 * final | opcode, 0x80 | short)) + length + mask + masked


def goodbye(code: int, reason: bytes = b"") -> bytes:
    return frame(code.to_bytes(2, "big") + reason, opcode=CLOSE)


def close_frame(code: int) -> bytes:
    """The close frame of the server."""
    return b"\x88\x02" + code.to_bytes(2, "big")


def exchange(wire: bytes, *, piece_bytes: int = 1_000_000) -> tuple[list[str], bytes]:
    """The messages read until the end of the connection, and the bytes sent back."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(WAIT_S)
        websocket = WebSocket(ours, mode="threading", idle_s=WAIT_S)
        messages: list[str] = []
        with contextlib.suppress(ConnectionClosed):
            for at in range(0, len(wire), piece_bytes):
                theirs.sendall(wire[at : at + piece_bytes])
                messages += websocket.read_messages() or []
            theirs.shutdown(socket.SHUT_WR)
            while True:
                messages += websocket.read_messages() or []
        with contextlib.suppress(OSError):
            theirs.shutdown(socket.SHUT_WR)
        websocket.release()
        answer = b""
        while received := theirs.recv(4_096):
            answer += received
        return messages, answer


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 127, 1_000, 65_535, MAX_MESSAGE_BYTES])
def test_a_message_of_any_length_is_read(size: int) -> None:
    text = "".join(random.Random(size).choices("abcdefgh", k=size))

    assert exchange(frame(text.encode())) == ([text], close_frame(1000))


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 100])
def test_messages_are_read_from_pieces_of_any_size(piece_bytes: int) -> None:
    long = "x€" * 100
    wire = frame(b"one") + frame(b"", opcode=PING) + frame(long.encode()) + frame(b"three")

    assert exchange(wire, piece_bytes=piece_bytes) == (["one", long, "three"], b"\x8a\x00" + close_frame(1000))


def test_fragments_are_joined_and_a_ping_may_come_between() -> None:
    wire = (
        frame(b"to\xe2", final=False)
        + frame(b"?", opcode=PING)
        + frame(b"", opcode=CONTINUATION, final=False)
        + frame(b"\x82\xacge", opcode=CONTINUATION, final=False)
        + frame(b"ther", opcode=CONTINUATION)
        + frame(b"next")
    )

    assert exchange(wire) == (["to€gether", "next"], b"\x8a\x01?" + close_frame(1000))


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        pytest.param(b"\x81\x03abc", CloseCode.PROTOCOL, id="no mask"),
        pytest.param(b"\xc1\x83", CloseCode.PROTOCOL, id="reserved bit"),
        pytest.param(frame(b"", opcode=0x3), CloseCode.PROTOCOL, id="reserved opcode"),
        pytest.param(frame(b"", opcode=0xB), CloseCode.PROTOCOL, id="reserved control opcode"),
        pytest.param(frame(b"", opcode=PING, final=False), CloseCode.PROTOCOL, id="fragmented ping"),
        pytest.param(frame(b"x" * 126, opcode=PING), CloseCode.PROTOCOL, id="long ping"),
        pytest.param(frame(b"lost", opcode=CONTINUATION), CloseCode.PROTOCOL, id="continuation of nothing"),
        pytest.param(frame(b"one", final=False) + frame(b"two"), CloseCode.PROTOCOL, id="text in text"),
        pytest.param(b"\x81" + b"\xff" * 9, CloseCode.PROTOCOL, id="length of 64 bits"),
        pytest.param(frame(b"", opcode=BINARY, final=False), CloseCode.UNSUPPORTED, id="binary"),
        pytest.param(frame(b"\xc3("), CloseCode.NOT_TEXT, id="invalid UTF-8"),
        pytest.param(frame(b"\xed\xa0\x80"), CloseCode.NOT_TEXT, id="surrogate"),
        pytest.param(frame(b"\xe2\x82"), CloseCode.NOT_TEXT, id="truncated UTF-8"),
        pytest.param(frame(b"x" * (MAX_MESSAGE_BYTES + 1)), CloseCode.TOO_BIG, id="long frame"),
        pytest.param(frame("é".encode() * (MAX_MESSAGE_BYTES // 2 + 1)), CloseCode.TOO_BIG, id="long in bytes"),
        pytest.param(
            frame(b"x" * 60_000, final=False) + frame(b"x" * 60_000, opcode=CONTINUATION),
            CloseCode.TOO_BIG,
            id="long in fragments",
        ),
    ],
)
def test_broken_rules_close_with_their_code(wire: bytes, code: CloseCode) -> None:
    assert exchange(frame(b"before") + wire + frame(b"after")) == (["before"], close_frame(code))


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        *(
            pytest.param(goodbye(code), CloseCode.PROTOCOL, id=f"code {code}")
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
        ),
        pytest.param(frame(b"\x03", opcode=CLOSE), CloseCode.PROTOCOL, id="one byte"),
        pytest.param(goodbye(1000, b"\xff"), CloseCode.NOT_TEXT, id="reason not UTF-8"),
        pytest.param(frame(b"x", length_bytes=2), CloseCode.PROTOCOL, id="length of 2 bytes for 1"),
        pytest.param(frame(b"x" * 126, length_bytes=8), CloseCode.PROTOCOL, id="length of 8 bytes for 2"),
    ],
)
def test_invalid_closes_and_overlong_lengths_are_refused(wire: bytes, code: CloseCode) -> None:
    assert exchange(frame(b"before") + wire) == (["before"], close_frame(code))


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(frame(b"", opcode=CLOSE), id="no code"),
        *(pytest.param(goodbye(code, "é".encode()), id=f"code {code}") for code in (1000, 1001, 1011, 3000, 4999)),
    ],
)
def test_a_valid_close_is_answered_and_ends_reading(wire: bytes) -> None:
    assert exchange(frame(b"before") + wire + frame(b"after")) == (["before"], close_frame(1000))


def test_the_limit_is_for_each_message() -> None:
    text = "x" * (MAX_MESSAGE_BYTES // 2 + 1)

    assert exchange(frame(text.encode()) * 3) == ([text] * 3, close_frame(1000))


def test_ping_is_sent_and_silence_is_none() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        websocket = WebSocket(ours, mode="threading", idle_s=0.01)
        websocket.send_ping()

        assert theirs.recv(16) == b"\x89\x00"
        assert websocket.read_messages() is None
