"""Serves the application on eventlet's green sockets."""

from __future__ import annotations

import logging
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import eventlet
import eventlet.hubs
import eventlet.patcher
import eventlet.tpool
from engineio import Server as EngineIoServer

from dashboard.server.callback_socket import CallbackSocket
from dashboard.server.carried_sockets import ping_carried_sockets
from dashboard.server.client_addresses import TrustedProxies
from dashboard.server.connections import ConnectionTable
from dashboard.server.green_transport import GreenTransport
from dashboard.server.http import HttpConnection
from dashboard.server.http_server import HttpServer, Timeouts
from dashboard.server.webhook_fast_path import WebhookFastPath
from dashboard.server.websocket_upgrade import carry_sockets
from dashboard.services.webhook_receiver import WebhookReceiver

# Half of them for requests, half for sockets that are carried without a thread.
MAX_CONNECTIONS: Final = 10_000
# An office behind one address opens up to seven for each of its browsers.
MAX_PER_CLIENT: Final = 500
# What else is open: the database, the broker, Telnyx.
_OTHER_FILES: Final = 100
_BACKLOG: Final = 1_024
# For blocking calls: one thread commits, four read, one writes now and then. Each keeps the memory it once needed.
_OS_THREADS: Final = 8
# A PaaS kills 10 to 30 s after SIGTERM. Requests in flight get this long, the store up to 2 s more.
_SHUTDOWN_S: Final = 7.0
# Accepting never waits while clients connect, so it gives way after this many.
_ACCEPTS_IN_A_ROW: Final = 32

log = logging.getLogger(__name__)


class EventletServer:
    """The server of production. `fast_paths` turns the webhook fast path and carried sockets on."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        fast_paths: bool,
        trusted_proxies: Sequence[str],
        timeouts: Timeouts | None = None,
    ) -> None:
        """Listen at once, so that a port in use is found before anything else starts."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Without reuse_port=False a second server would start on the same port and get half of the webhooks.
        self._listener = eventlet.listen((host, port), family, backlog=_BACKLOG, reuse_port=False)
        self._fast_paths = fast_paths
        self._proxies = TrustedProxies(trusted_proxies)
        self._timeouts = timeouts or Timeouts()
        eventlet.tpool.set_num_threads(_OS_THREADS)
        self.port: int = self._listener.getsockname()[1]
        # Runs a blocking call in an OS thread, where it stalls no other task.
        self.run_blocking: Callable[..., Any] | None = eventlet.tpool.execute

    def serve(self, app: Any, *, receiver: WebhookReceiver, socketio: Any) -> None:
        """Serve until SIGTERM or SIGINT; then accept no more, and finish the requests in flight."""
        engineio: EngineIoServer = socketio.server.eio
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        places = _raise_file_limit() // 2
        server = HttpServer(
            app=app,
            address=self._listener.getsockname()[:2],
            connections=ConnectionTable(places=places, per_client=MAX_PER_CLIENT, client_of=self._proxies.client_of),
            timeouts=self._timeouts,
        )
        if self._fast_paths:
            server.fast_path = WebhookFastPath(receiver)
            server.hand_over = _HandOver(server.connections, has_room=lambda: len(engineio.sockets) < places)
            carry_sockets(engineio)
        accepting = eventlet.spawn(self._accept_connections, server)
        while not stop.wait(self._timeouts.check_interval_s):
            if accepting.dead:
                raise OSError("The server stopped by itself.")
            server.connections.expire_overdue(time.monotonic())
            ping_carried_sockets(list(engineio.sockets.values()))
        log.info("finishing what was accepted")
        accepting.kill()
        self._listener.close()
        server.is_stopping = True
        server.connections.shut_down_waiting()
        deadline = time.monotonic() + _SHUTDOWN_S
        while server.in_flight and time.monotonic() < deadline:
            eventlet.sleep(0.02)

    def _accept_connections(self, server: HttpServer) -> None:
        table = server.connections
        in_a_row = 0
        while True:
            while not table.has_place:
                eventlet.sleep(0.05)
            try:
                connected, address = self._listener.accept()
            except OSError as error:
                log.error("accepting failed: error=%s", error.strerror)
                eventlet.sleep(0.1)
                continue
            connection = HttpConnection(GreenTransport(connected), address, server)
            if table.admit(connection):
                eventlet.spawn(connection.run)
            else:
                log.warning("connection refused: reason=too_many_of_one_client")
                connected.close()
            in_a_row += 1
            if in_a_row >= _ACCEPTS_IN_A_ROW:
                in_a_row = 0
                eventlet.sleep(0)


class _HandOver:
    """Turns the socket of a connection into one that needs no thread."""

    def __init__(self, connections: ConnectionTable, *, has_room: Callable[[], bool]) -> None:
        self._connections = connections
        self._has_room = has_room
        self._socket_class = eventlet.patcher.original("socket").socket

    def __call__(self, connection: HttpConnection) -> Callable[[], CallbackSocket] | None:
        return (lambda: self._convert(connection)) if self._has_room() else None

    def _convert(self, connection: HttpConnection) -> CallbackSocket:
        connected = self._socket_class(fileno=connection.detach())
        connected.setblocking(False)
        return CallbackSocket(connected, eventlet.hubs.get_hub(), self._connections.detach(connection))


def _raise_file_limit() -> int:
    """Allow as many open files as connections need; how many connections may then be open."""
    wanted = MAX_CONNECTIONS + _OTHER_FILES
    files, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < wanted:
        files = wanted if limit == resource.RLIM_INFINITY else min(wanted, limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, limit))
    return max(2, min(MAX_CONNECTIONS, files - _OTHER_FILES))
