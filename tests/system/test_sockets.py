"""Live sockets at a real server, as browsers and networks treat them."""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import socketio
import websocket

from tests.conftest import Signer, transcription_payload
from tests.system.conftest import TOKEN, both_ways
from tests.system.server import Server, wait_until

CALL = "v3:sockets"
WATCH = f'420["watch",{{"call_id":"{CALL}"}}]'
PATH = "/socket.io/?EIO=4&transport=websocket"


def opened(server: Server) -> websocket.WebSocket:
    browser = websocket.create_connection(f"ws://127.0.0.1:{server.port}{PATH}", timeout=10)
    assert str(browser.recv()).startswith("0{")
    browser.send("40")
    assert str(browser.recv()).startswith("40{")
    return browser


def watching(server: Server) -> websocket.WebSocket:
    browser = opened(server)
    browser.send(WATCH)
    assert str(browser.recv()).startswith("430[")
    return browser


def watchers(server: Server) -> float:
    with urllib.request.urlopen(f"{server.base_url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    [value] = [line.split()[-1] for line in lines if "watchers" in line and not line.startswith("#")][:1]
    return float(value)


def heard(browser: websocket.WebSocket) -> list[str]:
    """The words of the next frame that has any."""
    while True:
        changes = json.loads(str(browser.recv())[2:])[1]
        words = [change["segment"]["text"] for change in changes if "segment" in change]
        if words:
            return words


@both_ways
def test_handshake_and_messages_may_come_in_pieces(shared_server: Server, signer: Signer) -> None:
    shared_server.deliver_webhook(signer, "call.initiated", call_id=CALL)
    head = (
        f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as wire, wire.makefile("rb") as got:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (head[:30], head[30:120], head[120:]):
            wire.sendall(piece)
        assert got.readline().startswith(b"HTTP/1.1 101 ")
        told = {line.lower() for line in iter(got.readline, b"\r\n")}
        assert not any(line.startswith(b"sec-websocket-extensions") for line in told)
        assert frame(got).startswith("0{")
        for text in ("40", WATCH):
            for byte in masked(text):
                wire.sendall(bytes([byte]))
            assert frame(got).startswith("4")


def frame(got: Any) -> str:
    """The text of the next frame of a server."""
    first, length = got.read(2)
    assert first == 0x81
    if length == 126:
        (length,) = struct.unpack("!H", got.read(2))
    return str(got.read(length).decode())


def masked(text: str) -> bytes:
    mask = b"\x01\x02\x03\x04"
    body = bytes(byte ^ mask[number % 4] for number, byte in enumerate(text.encode()))
    return bytes([0x81, 0x80 | len(body)]) + mask + body


@both_ways
def test_polling_client_gets_the_same_changes(shared_server: Server, signer: Signer) -> None:
    shared_server.deliver_webhook(signer, "call.initiated", call_id=CALL)
    for transports in (["polling"], ["polling", "websocket"]):
        arrived = threading.Event()
        client = socketio.Client(reconnection=False)
        client.on("changes", lambda changes, arrived=arrived: any("segment" in c for c in changes) and arrived.set())
        client.connect(shared_server.base_url, transports=transports)
        try:
            client.call("watch", {"call_id": CALL}, timeout=10)
            assert client.transport() == transports[-1]
            shared_server.deliver_webhook(
                signer, "call.transcription", transcription_payload(transports[-1]), call_id=CALL
            )
            assert arrived.wait(10)
        finally:
            client.disconnect()
    assert "Traceback" not in shared_server.log


@both_ways
def test_lost_clients_are_removed_and_others_stay(shared_server: Server, signer: Signer) -> None:
    shared_server.deliver_webhook(signer, "call.initiated", call_id=CALL)
    before = watchers(shared_server)
    stays = watching(shared_server)
    vanishing = [watching(shared_server) for _ in range(9)]
    assert watchers(shared_server) == before + 10
    for number, browser in enumerate(vanishing):
        match number % 3:
            case 0:
                browser.close()
            case 1:
                browser.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                browser.sock.close()
            case 2:
                browser.sock.sendall(b"no websocket at all, but some text that anybody may send")
    wait_until(lambda: watchers(shared_server) == before + 1, "those who vanished to be forgotten")
    shared_server.deliver_webhook(signer, "call.transcription", transcription_payload("still here"), call_id=CALL)
    assert heard(stays) == ["still here"]
    stays.close()
    wait_until(lambda: watchers(shared_server) == before, "the last one to be forgotten")
    for browser in vanishing:
        browser.shutdown()
    assert "Traceback" not in shared_server.log


@both_ways
def test_too_long_message_closes_the_connection(shared_server: Server) -> None:
    browser = opened(shared_server)
    browser.send("42" + json.dumps(["watch", {"call_id": "x" * 70_000}]))
    # Without the reply of `recv`, which finds the connection closed already.
    frame = browser.recv_frame()
    assert (frame.opcode, int.from_bytes(frame.data[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1009)
    browser.shutdown()


@pytest.mark.parametrize("fast_paths", ["1", "0"], ids=["fast paths", "usual way"])
def test_client_without_login_gets_no_session(new_server: Callable[..., Server], fast_paths: str) -> None:
    with new_server(DASHBOARD_PASSWORD="a password of the test", SERVER_FAST_PATHS=fast_paths) as server:
        for transport in ("websocket", "polling"):
            status, body = handshake(server, transport)
            assert status == 401 and b"Sign in first" in body
        with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
            websocket.create_connection(f"ws://127.0.0.1:{server.port}{PATH}", timeout=10)
        signed_in = {"Authorization": f"Bearer {TOKEN}"}
        browser = websocket.create_connection(f"ws://127.0.0.1:{server.port}{PATH}", timeout=10, header=signed_in)
        assert str(browser.recv()).startswith("0{")
        browser.send("40")
        assert str(browser.recv()).startswith("40{")
        browser.close()
        assert "Traceback" not in server.log


def handshake(server: Server, transport: str) -> tuple[int, bytes]:
    """An Engine.IO handshake as a plain request."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"} if transport == "websocket" else {}
    return server.request("GET", f"/socket.io/?EIO=4&transport={transport}", headers=headers)
