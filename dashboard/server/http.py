"""Serves HTTP on one connection: strict heads, sizes and deadlines, then the fast path or the application."""

from __future__ import annotations

import contextlib
import io
import logging
import socket
from typing import Any, Final

from dashboard.server.error_responses import error_response
from dashboard.server.http_body import MAX_DISCARD_BYTES, Body, ChunkedBody, FixedBody
from dashboard.server.http_head import BadRequestError, HeadParser, RequestHead
from dashboard.server.http_server import HAND_OVER, FastPath, HttpServer, Transport
from dashboard.server.socket_reader import ClientGoneError, ClientTimeoutError, SocketReader
from dashboard.server.wsgi_environ import make_environ
from dashboard.server.wsgi_response import WsgiResponse

log = logging.getLogger(__name__)

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class HttpConnection:
    """One connection and its requests, one after the other. Runs in a thread of its own, green or not."""

    __slots__ = ("_has_answered", "_is_taken", "_reader", "_server", "address", "transport")

    def __init__(self, transport: Transport, address: tuple[Any, ...], server: HttpServer) -> None:
        self.transport = transport
        self.address = str(address[0]), int(address[1])
        self._server = server
        self._reader = SocketReader(transport)
        self._has_answered = False
        self._is_taken = False

    def run(self) -> None:
        """Answer requests until either side closes."""
        try:
            while self._serve_request():
                self._has_answered = True
        except ClientGoneError:
            pass
        except Exception:
            log.exception("connection failed")
        finally:
            self._server.connections.remove(self)
            self.transport.close()

    def shut_down(self) -> None:
        """End it from another thread; `run` then returns."""
        self.transport.shut_down(socket.SHUT_RDWR)

    def expire_if_overdue(self, now: float) -> None:
        """Stop waiting for a client that is late. Called from another thread."""
        if self._reader.is_overdue(now):
            self._reader.expire()
            self.transport.shut_down(socket.SHUT_RD)

    def take_socket(self) -> Any:
        """Leave the socket to the caller, who speaks another protocol on it until the request's end."""
        self._is_taken = True
        self.transport.socket.settimeout(self._server.timeouts.idle_s)
        return self.transport.socket

    def detach(self) -> int:
        """Leave the file of the socket to the caller for good; its number."""
        self._is_taken = True
        return self.transport.detach()

    def _serve_request(self) -> bool:
        """Answer one request; whether another may follow."""
        try:
            head = self._read_head()
            if head is None:
                return False
            self._reader.set_deadline(self._server.timeouts.body_s)
            fast_path = self._server.fast_path
            if fast_path is not None and fast_path.accepts(head):
                keeps_alive = self._answer_fast(fast_path, head)
            else:
                keeps_alive = self._answer_with_application(head)
        except BadRequestError as error:
            log.info("bad request refused: status=%d reason=%s", error.status, error.reason)
            self._refuse(error.status, error.reason)
            return False
        except ClientTimeoutError:
            log.info("slow request refused: status=408")
            self._refuse(408)
            return False
        return keeps_alive and not self._server.is_stopping

    def _read_head(self) -> RequestHead | None:
        """The next head; None where the client is done."""
        reader, timeouts = self._reader, self._server.timeouts
        self._server.connections.mark_waiting(self)
        data = reader.take_buffer()
        reader.set_deadline(timeouts.idle_s if self._has_answered and not data else timeouts.head_s)
        if not data:
            try:
                data = reader.receive()
            except ClientTimeoutError:
                return None
            if not data:
                return None
            if self._has_answered:
                reader.set_deadline(timeouts.head_s)
        parser = HeadParser()
        reader.buffer = parser.feed(data)
        while parser.head is None:
            data = reader.receive()
            if not data:
                return None
            reader.buffer = parser.feed(data)
        return parser.head

    def _answer_fast(self, fast_path: FastPath, head: RequestHead) -> bool:
        body = self._reader.read_exactly(head.content_length)
        server = self._server
        server.connections.mark_working(self)
        server.in_flight += 1
        try:
            self._send(fast_path.answer(head, body))
        finally:
            server.in_flight -= 1
        return head.keeps_alive

    def _answer_with_application(self, head: RequestHead) -> bool:
        server = self._server
        server.connections.mark_working(self)
        is_counted = not head.is_upgrade and not head.target.startswith(b"/socket.io")
        server.in_flight += is_counted
        try:
            return self._run_application(head)
        finally:
            server.in_flight -= is_counted

    def _run_application(self, head: RequestHead) -> bool:
        body = self._body_of(head)
        response = WsgiResponse(self._send, head, body)
        try:
            response.run(self._server.app, self._environ_of(head, body))
        except (ClientGoneError, BadRequestError):
            if response.is_head_sent:
                return False
            raise
        except Exception:
            log.exception("application failed: method=%s", head.method.decode("latin-1"))
            if not response.is_head_sent:
                self._refuse(500)
            return False
        if not response.is_started:
            if not self._is_taken:
                log.error("application answered nothing: method=%s", head.method.decode("latin-1"))
                self._refuse(500)
            return False
        if response.keeps_alive and (body is None or body.discard()):
            return True
        self._linger()
        return False

    def _body_of(self, head: RequestHead) -> Body | None:
        before_reading = (lambda: self._send(_CONTINUE)) if head.expects_continue else None
        if head.is_chunked:
            return ChunkedBody(self._reader, before_reading)
        if head.content_length:
            return FixedBody(self._reader, head.content_length, before_reading)
        return None

    def _environ_of(self, head: RequestHead, body: Body | None) -> dict[str, Any]:
        file = None if body is None else io.BufferedReader(body)
        environ = make_environ(head, file, server=self._server.address, client=self.address)
        # How WebSocket libraries find the socket under eventlet.
        environ["eventlet.input"] = _SocketAccess(self)
        hand_over = self._server.hand_over(self)
        if hand_over is not None:
            environ[HAND_OVER] = hand_over
        return environ

    def _send(self, data: bytes | memoryview) -> None:
        try:
            self.transport.send(data, self._server.timeouts.send_s)
        except OSError:
            raise ClientGoneError from None

    def _refuse(self, status: int, message: str | None = None) -> None:
        self._send(error_response(status, message))
        self._linger()

    def _linger(self) -> None:
        """Read what the client still sends, within bounds. Otherwise a reset could destroy the answer."""
        self.transport.shut_down(socket.SHUT_WR)
        self._server.connections.mark_waiting(self)
        self._reader.set_deadline(self._server.timeouts.linger_s)
        left = MAX_DISCARD_BYTES - len(self._reader.take_buffer())
        with contextlib.suppress(ClientGoneError):
            while left > 0 and (data := self._reader.receive()):
                left -= len(data)


class _SocketAccess:
    """`environ["eventlet.input"]`, as far as WebSocket libraries use it."""

    __slots__ = ("_connection",)

    def __init__(self, connection: HttpConnection) -> None:
        self._connection = connection

    def get_socket(self) -> Any:
        return self._connection.take_socket()
