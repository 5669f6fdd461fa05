"""The WebSocket client byte by byte, where a well-behaved server library would never lead it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from dashboard.simulator.media.websocket_client import ConnectionClosedError, WebSocketClient


@pytest.fixture
def pair() -> Iterator[tuple[WebSocketClient, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(5.0)
    with ours, theirs:
        yield WebSocketClient(ours, b""), theirs


def test_frames_are_masked_text_of_any_length(pair: tuple[WebSocketClient, socket.socket]) -> None:
    client, server = pair
    huge = b"\x81\xff" + (70_000).to_bytes(8, "big")
    for size, head in ((5, b"\x81\x85"), (300, b"\x81\xfe\x01\x2c"), (70_000, huge)):
        client.send("x" * size)
        frame = server.recv(len(head) + 4 + size, socket.MSG_WAITALL)
        assert frame == head + bytes(4) + b"x" * size


def test_a_message_in_pieces_is_put_together(pair: tuple[WebSocketClient, socket.socket]) -> None:
    client, server = pair
    server.sendall(b"\x01\x03abc" + b"\x89\x00" + b"\x80\x02de" + b"\x81\x7e\x00\x80" + b"y" * 100)
    assert client.receive() == ["abcde"]
    server.sendall(b"y" * 28)
    assert client.receive() == ["y" * 128]


def test_a_ping_is_answered(pair: tuple[WebSocketClient, socket.socket]) -> None:
    client, server = pair
    server.sendall(b"\x89\x02hi")
    assert client.receive() == []
    assert server.recv(100) == b"\x8a\x82\0\0\0\0hi"


@pytest.mark.parametrize("goodbye", [b"\x88\x00", b""])
def test_a_goodbye_or_a_cut_is_told(pair: tuple[WebSocketClient, socket.socket], goodbye: bytes) -> None:
    client, server = pair
    server.sendall(goodbye)
    if not goodbye:
        server.close()
    with pytest.raises(ConnectionClosedError):
        client.receive()


def test_nothing_there_is_no_wait(pair: tuple[WebSocketClient, socket.socket]) -> None:
    assert pair[0].receive() == []


def test_a_reader_that_stands_still_is_dropped_and_never_waited_for(
    pair: tuple[WebSocketClient, socket.socket],
) -> None:
    client, _ = pair
    with pytest.raises(ConnectionClosedError, match="keep up"):
        for _ in range(5_000):
            client.send("x" * 1_000)
