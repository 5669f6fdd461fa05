"""The rules of RFC 6455, byte by byte."""

from __future__ import annotations

import random

import pytest

from dashboard.media.websocket import CloseCode, FrameError, FrameReader, Opcode


def frame(content: bytes, *, opcode: int = Opcode.TEXT, final: bool = True, mask: bytes = b"\x0f\xf0\x55\xaa") -> bytes:
    """One frame as a client sends it."""
    size = len(content)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 65_536:
        length = bytes((0x80 | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((0x80 | 127,)) + size.to_bytes(8, "big")
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))
    return bytes((0x80 * final | opcode,)) + length + mask + masked


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 127, 1_000, 65_535, 65_536])
def test_a_message_of_any_length_is_read(size: int) -> None:
    content = random.Random(size).randbytes(size)

    assert list(FrameReader().feed(frame(content))) == [(Opcode.TEXT, content)]


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100])
def test_messages_are_read_from_pieces_of_any_size(piece: int) -> None:
    wire = frame(b"one") + frame(b"", opcode=Opcode.PING) + frame(b"x" * 300) + frame(b"three")
    reader = FrameReader()

    read = [message for at in range(0, len(wire), piece) for message in reader.feed(wire[at : at + piece])]

    assert [content for _, content in read] == [b"one", b"", b"x" * 300, b"three"]


def test_fragments_are_joined_and_a_ping_may_come_between() -> None:
    wire = (
        frame(b"to", final=False)
        + frame(b"?", opcode=Opcode.PING)
        + frame(b"ge", opcode=Opcode.CONTINUATION, final=False)
        + frame(b"ther", opcode=Opcode.CONTINUATION)
        + frame(b"next")
    )

    assert list(FrameReader().feed(wire)) == [(Opcode.PING, b"?"), (Opcode.TEXT, b"together"), (Opcode.TEXT, b"next")]


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"\x81\x03abc", CloseCode.PROTOCOL),
        (b"\xc1\x83", CloseCode.PROTOCOL),
        (b"\x09\x80", CloseCode.PROTOCOL),
        (b"\x89\xfe", CloseCode.PROTOCOL),
        (frame(b"lost", opcode=Opcode.CONTINUATION), CloseCode.PROTOCOL),
        (frame(b"one", final=False) + frame(b"two"), CloseCode.PROTOCOL),
        (frame(b"", opcode=Opcode.BINARY, final=False), CloseCode.UNSUPPORTED),
        (b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x01", CloseCode.TOO_BIG),
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", CloseCode.TOO_BIG),
        (
            frame(b"x" * 60_000, final=False) + frame(b"x" * 60_000, opcode=Opcode.CONTINUATION),
            CloseCode.TOO_BIG,
        ),
    ],
)
def test_broken_rules_are_named(wire: bytes, code: CloseCode) -> None:
    with pytest.raises(FrameError) as broken:
        list(FrameReader().feed(wire))

    assert broken.value.code is code
