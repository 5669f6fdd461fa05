"""Sockets without threads of their own, for the thousands who only listen.

python-engineio gives each WebSocket a thread that reads, one that writes and one that pings, and that is most of what a
watcher costs. Where the web server can hand a connection over, one object does what they do: a frame is written once
and sent to everybody in a loop, and whoever does not read keeps nobody else waiting. Elsewhere the usual way is taken.
"""

from __future__ import annotations

import io
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Lock
from typing import Any

from engineio import Server
from engineio.exceptions import EngineIOError
from engineio.packet import CLOSE, PING, PONG, Packet
from engineio.socket import Socket
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Message, Ping, TextMessage
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import generate_accept_token

from dashboard.server.callback_socket import Wire

log = logging.getLogger(__name__)

HAND_OVER = "dashboard.hand_over"
"""In the environ of a request: `() -> Wire`, after which the connection is the caller's."""

INBOX_LIMIT = 64
"""Messages that wait to be dealt with. A page sends a handful in an hour."""

_HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
)
# RFC 6455, 4.1: a nonce of 16 bytes in base64.
_KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
_FORGOTTEN = ("eventlet.input", "eventlet.posthooks", "eventlet.set_idle", "headers_raw", HAND_OVER)
"""What a request holds of its server: an environ is kept as long as its socket, and those would be kept with it."""

_turn = Lock()
"""Whether an inbox is worked off and what is in it change together. Held for no longer than that, so one for all."""

_writer = Connection(ConnectionType.SERVER)
"""Frames of a server are the same for everybody."""


class Carried(Socket):  # type: ignore[misc]
    """An Engine.IO socket on a wire. Nothing in `send` and `take` ever waits; messages are dealt with one by one."""

    closed: bool
    closing: bool
    last_ping: float | None

    def __init__(self, server: Server, sid: str, wire: Wire) -> None:
        super().__init__(server, sid)
        del self.queue  # frames wait on the wire, if at all
        self.connected = self.upgraded = True
        self.last_ping = None
        self._ping_at = time.time() + server.ping_interval
        self._wire = wire
        self._protocol = Connection(ConnectionType.SERVER)
        self._text = ""
        self._inbox: deque[str | None] | None = None

    @property
    def lag(self) -> int:
        """How many frames it is behind."""
        return self._wire.lag

    def send(self, pkt: Packet) -> None:
        if self.check_ping_timeout():
            self._wire.write(_frame_of(pkt))

    def schedule_ping(self) -> None:
        self.last_ping = None
        self._ping_at = time.time() + self.server.ping_interval

    def ping_if_due(self, now: float) -> None:
        if self.last_ping is None and now >= self._ping_at and not self.closed:
            self.last_ping = now
            self._wire.write(_frame_of(Packet(PING)))

    def take(self, data: bytes) -> None:
        """Bytes came in; none at all is the end."""
        self._protocol.receive_data(data or None)
        for event in self._protocol.events():
            if not self._understand(event):
                self._put(None)
                return

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        if self.closed or self.closing:
            return
        self.closing = True
        why = reason or self.server.reason.SERVER_DISCONNECT
        self.server._trigger_event("disconnect", self.sid, why, run_async=False)
        self.closed = True
        self.server.sockets.pop(self.sid, None)
        if not abort:
            self._wire.write(_frame_of(Packet(CLOSE)))
        self._say_goodbye(CloseReason.NORMAL_CLOSURE)
        self._wire.close()

    def _understand(self, event: Any) -> bool:
        """Whether the connection goes on."""
        match event:
            case TextMessage():
                return self._read(event)
            case Ping():
                self._wire.write(self._protocol.send(event.response()))
            case CloseConnection():
                self._say_goodbye(event.code)
                return False
            case Message():
                self._say_goodbye(CloseReason.UNSUPPORTED_DATA)
                return False
        return True

    def _read(self, message: TextMessage) -> bool:
        self._text += message.data
        if len(self._text) > self.server.max_http_buffer_size:
            self._say_goodbye(CloseReason.MESSAGE_TOO_BIG)
            return False
        if message.message_finished:
            text, self._text = self._text, ""
            return self._put(text)
        return True

    def _put(self, text: str | None) -> bool:
        """Deal with a message after those before it; None is the end. A pong is all that most ever send."""
        if text == str(PONG):
            self.schedule_ping()
            return True
        with _turn:
            if self._inbox is None:
                self._inbox = deque((text,))
                self.server.start_background_task(self._work, self._inbox)
                return True
            if text is None or len(self._inbox) < INBOX_LIMIT:
                self._inbox.append(text)
                return True
        self._say_goodbye(CloseReason.POLICY_VIOLATION)
        return False

    def _work(self, inbox: deque[str | None]) -> None:
        while True:
            text = inbox[0]
            if text is None or not self._deal_with(text):
                self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
                return
            with _turn:
                inbox.popleft()
                if not inbox:
                    self._inbox = None
                    return

    def _deal_with(self, text: str) -> bool:
        try:
            self.receive(Packet(encoded_packet=text))
        except (EngineIOError, ValueError):
            return False
        except Exception:
            log.exception("a message of a browser could not be dealt with")
            return False
        return not self.closed

    def _say_goodbye(self, code: int) -> None:
        if self._protocol.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            self._wire.write(self._protocol.send(CloseConnection(code=code)))


class _Upgrade:
    """What python-engineio calls to turn a request into a WebSocket; `usual` is how it does so by itself."""

    def __init__(self, usual: Any, handler: Any, server: Server) -> None:
        self._usual = usual
        self._handler = handler
        self._server = server

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun: Socket = self._handler.__self__
        key = _key_of(environ)
        # Who began with polling comes with packets under way: rare, and well done by the usual way.
        if HAND_OVER not in environ or begun.connected or key is None:
            answer: Iterable[bytes] = self._usual(self._handler, self._server)(environ, start_response)
            return answer
        wire: Wire = environ[HAND_OVER]()
        _forget_request(environ)
        wire.write(_HEAD % generate_accept_token(key))
        carried = self._server.sockets[begun.sid] = Carried(self._server, begun.sid, wire)
        for packet in _waiting(begun):
            carried.send(packet)
        wire.follow(carried.take)
        return ()


def carry(server: Server) -> None:
    """Let an Engine.IO server have sockets without threads, where its web server hands connections over."""
    server._async = {**server._async, "websocket": partial(_Upgrade, server._async["websocket"])}
    greet = server.handlers["connect"]

    def connect(sid: str, environ: dict[str, Any]) -> Any:
        if HAND_OVER in environ and _key_of(environ) is not None:
            server.sockets[sid].last_ping = None  # it will be pinged with the others, not by a thread
        return greet(sid, environ)

    server.on("connect", connect)


def lag_of(sock: Socket) -> int:
    """How many frames a socket is behind, whichever way it is carried."""
    return sock.lag if isinstance(sock, Carried) else int(sock.queue.qsize())


def ping(sockets: Iterable[Socket]) -> None:
    """Ping those whose time has come. To be called once a second."""
    now = time.time()
    for sock in sockets:
        if isinstance(sock, Carried):
            sock.ping_if_due(now)


def _frame_of(packet: Packet) -> bytes:
    """Its WebSocket frame, made once for everybody who gets it."""
    frame: bytes | None = getattr(packet, "frame", None)
    if frame is None:
        frame = packet.frame = _writer.send(TextMessage(data=packet.encode()))
    return frame


def _key_of(environ: dict[str, Any]) -> bytes | None:
    """The key of an ordinary WebSocket request; None for any other."""
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    is_ordinary = (
        environ.get("HTTP_UPGRADE", "").lower() == "websocket"
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and "HTTP_SEC_WEBSOCKET_PROTOCOL" not in environ
    )
    return key.encode() if is_ordinary and _KEY.fullmatch(key) else None


def _forget_request(environ: dict[str, Any]) -> None:
    for name in _FORGOTTEN:
        environ.pop(name, None)
    environ["wsgi.input"] = io.BytesIO()


def _waiting(begun: Socket) -> Iterator[Packet]:
    """What was to be sent while the connection was being made."""
    while not begun.queue.empty():
        yield begun.queue.get()
