"""The HTTP side of the API: connections, headers, a journal of requests. What to answer is decided in `api.py`."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .routes import ApiResponse, RestApi

_MAX_BODY_BYTES = 1024 * 1024
# Switch on, wait zero seconds: closing then sends a reset instead of a goodbye.
_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """A request as it came. `body` is the parsed JSON, or None; `status` is None when it got no answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int | None
    received_at: float

    def __repr__(self) -> str:
        # Headers hold the key and bodies hold tokens: neither belongs into the output of a failed test.
        return f"ReceivedRequest({self.method} {self.path} -> {self.status})"


class RestServer:
    """Serves an `Api` over HTTP/1.1 with keep-alive."""

    def __init__(self, api: RestApi, *, host: str, port: int, state_changed: threading.Condition, history: int) -> None:
        self.received_requests: deque[ReceivedRequest] = deque(maxlen=history)
        self._api = api
        self._state_changed = state_changed
        self.stopping = threading.Event()
        self._http_server = _HttpServer((host, port), self)
        self._thread = threading.Thread(
            target=self._http_server.serve_forever, kwargs={"poll_interval": 0.02}, name="simulator-rest", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._http_server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, cut every open connection and wait for its thread."""
        self.stopping.set()
        if self._thread.ident is not None:
            self._http_server.shutdown()
            self._thread.join()
        self._http_server.close_connections()
        self._http_server.server_close()

    def handle_request(self, handler: _RequestHandler, content: bytes) -> ApiResponse:
        answer = self._api.handle_request(handler.command, handler.path, handler.headers, content)
        lost = answer.fault is not None and (answer.fault.reset or answer.fault.hang_s > 0)
        received = ReceivedRequest(
            method=handler.command,
            path=handler.path,
            headers=dict(handler.headers),
            body=_parse_json(content),
            status=None if lost else answer.status,
            received_at=time.time(),
        )
        with self._state_changed:
            self.received_requests.append(received)
            self._state_changed.notify_all()
        return answer


def _parse_json(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


class _HttpServer(ThreadingHTTPServer):
    # Not daemons: server_close then waits for every handler, so nothing is left running.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], rest_server: RestServer) -> None:
        self.rest_server = rest_server
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _RequestHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._lock:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the client was faster

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that break a connection: tests do it on purpose."""


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HttpServer

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in the journal, and their paths hold call ids: no log."""

    def _handle_request(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdecimal() or int(size) > _MAX_BODY_BYTES or "Transfer-Encoding" in self.headers:
            # No client of this API sends such a body; reading on would take it for the next request.
            self.close_connection = True
            return
        answer = self.server.rest_server.handle_request(self, self.rfile.read(int(size)))
        fault = answer.fault
        if fault is not None and fault.hang_s:
            self.server.rest_server.stopping.wait(fault.hang_s)
            self.close_connection = True
        elif fault is not None and fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            self.close_connection = True
            self.connection.close()
        else:
            self._send_response(answer)

    def _send_response(self, response: ApiResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle_request
