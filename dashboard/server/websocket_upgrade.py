"""Turns Engine.IO handshakes into carried sockets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from engineio import Server
from engineio.packet import Packet
from engineio.socket import Socket
from wsproto.utilities import generate_accept_token

from dashboard.server.callback_socket import CallbackSocket
from dashboard.server.carried_sockets import CarriedSocket
from dashboard.server.http_server import HAND_OVER
from dashboard.server.middleware import asks_for_websocket

_HEAD: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)
# RFC 6455, 4.1: a nonce of 16 bytes in base64.
_KEY: Final = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
# An environ is kept as long as its socket, and would keep these with it.
_DROPPED_VARIABLES: Final = ("eventlet.input", HAND_OVER)


class _Upgrade:
    """What python-engineio calls to turn a request into a WebSocket. `usual` is its own way."""

    def __init__(self, usual: Any, handler: Any, server: Server) -> None:
        self._usual = usual
        self._handler = handler
        self._server = server

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        opened: Socket = self._handler.__self__
        key = _websocket_key(environ)
        # A client that began with polling comes with packets in transit: rare, and done well by the usual way.
        if HAND_OVER not in environ or opened.connected or key is None:
            response: Iterable[bytes] = self._usual(self._handler, self._server)(environ, start_response)
            return response
        connection: CallbackSocket = environ[HAND_OVER]()
        _drop_request(environ)
        connection.write(_HEAD % generate_accept_token(key))
        carried = self._server.sockets[opened.sid] = CarriedSocket(self._server, opened.sid, connection)
        for packet in _queued_packets(opened):
            carried.send(packet)
        connection.start_reading(carried.receive_bytes)
        return ()


def carry_sockets(server: Server) -> None:
    """Let an Engine.IO server have sockets without threads, where its web server hands connections over."""
    server._async = {**server._async, "websocket": partial(_Upgrade, server._async["websocket"])}
    on_connect = server.handlers["connect"]

    def connect(sid: str, environ: dict[str, Any]) -> Any:
        if HAND_OVER in environ and _websocket_key(environ) is not None:
            server.sockets[sid].last_ping = None  # pinged together with the others, so it needs no thread for it
        return on_connect(sid, environ)

    server.on("connect", connect)


def _websocket_key(environ: dict[str, Any]) -> bytes | None:
    """The key of an ordinary WebSocket request; None for any other."""
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    is_ordinary = (
        asks_for_websocket(environ)
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and "HTTP_SEC_WEBSOCKET_PROTOCOL" not in environ
    )
    return key.encode() if is_ordinary and _KEY.fullmatch(key) else None


def _drop_request(environ: dict[str, Any]) -> None:
    for name in _DROPPED_VARIABLES:
        environ.pop(name, None)
    environ["wsgi.input"] = io.BytesIO()


def _queued_packets(opened: Socket) -> Iterator[Packet]:
    """What was to be sent while the connection was being made."""
    while not opened.queue.empty():
        yield opened.queue.get()
