"""Starts the server: `python wsgi.py`. The only file that knows which green library runs everything.

Eventlet is in maintenance mode. Changing the server means changing ASYNC_MODE to "gevent" or "threading".
"""

ASYNC_MODE = "eventlet"

if ASYNC_MODE == "eventlet":
    import warnings

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="eventlet")
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()
elif ASYNC_MODE == "gevent":
    import gevent.monkey

    gevent.monkey.patch_all()

import logging  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask  # noqa: E402

from dashboard import create_app  # noqa: E402
from dashboard.demo import SimulatorProcess  # noqa: E402
from dashboard.errors import DashboardError  # noqa: E402
from dashboard.server.callback_socket import Wire  # noqa: E402
from dashboard.server.carried_sockets import HAND_OVER  # noqa: E402
from dashboard.server.webhook_fast_path import Announced, Door, announced  # noqa: E402
from dashboard.settings import Settings  # noqa: E402
from dashboard.startup import prepare  # noqa: E402
from dashboard.web.context import context_of  # noqa: E402

MAX_CONNECTIONS = 10_000
"""Eventlet takes 1,024 by default and then lets every other connection hang, webhooks included. Half of them are for
requests, half for sockets that are carried without a thread."""

FILES_BESIDE = 100
"""What else is open: the database, the broker, Telnyx."""

BACKLOG = 1_024
IDLE_S = 75
OS_THREADS = 8
"""For what would block: one commits, four read, one writes now and then. Each keeps the memory it once needed."""

SWITCH_S = 0.0005
"""How long a thread keeps the interpreter when another waits. The store's thread asks for it after every statement, and
with Python's 5 ms a commit would wait ten times longer for its turn than for the disk."""

FINISH_S = 7.0
"""A PaaS kills 10 to 30 s after SIGTERM; requests under way get this long, the store up to 2 s more."""

log = logging.getLogger("dashboard")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    sys.setswitchinterval(SWITCH_S)
    simulation = SimulatorProcess()
    try:
        settings = Settings.from_env()
        listener = _listen(settings) if ASYNC_MODE == "eventlet" else None
        port = settings.port if listener is None else listener.getsockname()[1]
        settings = prepare(settings, port=port, simulator=simulation)
        app = create_app(settings, async_mode=ASYNC_MODE, run_blocking=_offload())
    except (DashboardError, OSError) as error:
        print(f"Cannot start. {error}", file=sys.stderr)
        simulation.stop()
        return 1
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("serving on http://%s:%d%s", name, port, " (demo)" if settings.demo else "")
    try:
        if listener is not None:
            _serve_with_eventlet(app, listener)
        else:
            app.extensions["socketio"].run(app, host=settings.host, port=port, allow_unsafe_werkzeug=True)
    except KeyboardInterrupt:
        pass
    finally:
        context_of(app).services.close()
        simulation.stop()
    log.info("finished")
    return 0


def _offload() -> Callable[..., Any] | None:
    """Where a blocking call stalls nobody: an OS thread. Plain threads need none."""
    if ASYNC_MODE == "eventlet":
        import eventlet.tpool

        eventlet.tpool.set_num_threads(OS_THREADS)
        execute: Callable[..., Any] = eventlet.tpool.execute
        return execute
    return _offload_to_gevent if ASYNC_MODE == "gevent" else None


def _offload_to_gevent(function: Callable[..., Any], *args: Any) -> Any:
    """Gevent prints whatever a thread raises, also what is meant to be caught: so nothing is raised there."""
    import gevent

    def attempt() -> tuple[Any, BaseException | None]:
        try:
            return function(*args), None
        except BaseException as error:
            return None, error

    result, error = gevent.get_hub().threadpool.apply(attempt)
    if error is not None:
        raise error
    return result


def _listen(settings: Settings) -> Any:
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Without reuse_port=False a second server would start on the same port and silently take half of the webhooks.
    return eventlet.listen((settings.host, settings.port), family, backlog=BACKLOG, reuse_port=False)


class _UnderWay:
    """Counts requests, so that a stop can wait for them. A WebSocket is a request that never ends: not counted."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self.count = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ.get("HTTP_UPGRADE") or environ.get("PATH_INFO", "").startswith("/socket.io"):
            return self._app(environ, start_response)
        with self:
            return self._app(environ, start_response)

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1


def _with_chunks(app: Callable[..., Any]) -> Callable[..., Any]:
    """Eventlet decodes chunked bodies but does not say so, and Flask takes a body without an end for an empty one."""

    def told(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        return app(environ, start_response)

    return told


def _places() -> int:
    """How many connections may be open at once: eventlet ends when it can open no more files."""
    import resource

    wanted = MAX_CONNECTIONS + FILES_BESIDE
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < wanted:
        files = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(2, min(MAX_CONNECTIONS, files - FILES_BESIDE))


def _serve_with_eventlet(app: Flask, listener: Any) -> None:
    """Serve until SIGTERM or SIGINT, then take no more, and finish what was accepted."""
    import eventlet.wsgi

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    under_way = _UnderWay(_with_chunks(app))
    room = _places() // 2
    carried = app.extensions["socketio"].server.eio.sockets
    quiet = logging.getLogger("dashboard.server")
    quiet.setLevel(logging.WARNING)
    server = eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        under_way,
        log=quiet,
        protocol=_protocol(
            Door(context_of(app).services.webhook_receiver), under_way, has_room=lambda: len(carried) < room
        ),
        log_output=False,
        debug=False,
        max_size=room,
        keepalive=IDLE_S,
        socket_timeout=IDLE_S,
    )
    while not stop.wait(1.0):
        if server.dead:
            raise OSError("The server stopped by itself.")
    log.info("finishing what was accepted")
    server.kill()
    listener.close()
    deadline = time.monotonic() + FINISH_S
    while under_way.count and time.monotonic() < deadline:
        eventlet.sleep(0.02)


def _protocol(door: Door, under_way: _UnderWay, *, has_room: Callable[[], bool]) -> type:
    """How eventlet talks HTTP, except that an ordinary webhook is taken by the door before it becomes a request, and a
    live socket is handed over while there is room for it.
    """
    import eventlet.wsgi

    plain_sockets = eventlet.patcher.original("socket")

    class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
        # Every socket holds a buffer each way, WebSockets too: small ones, for there are thousands.
        rbufsize = wbufsize = 2_048

        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            if has_room():
                environ[HAND_OVER] = self._hand_over
            return environ

        def _hand_over(self) -> Wire:
            """Eventlet answers nothing more here, and what it closes in the end is an empty socket."""
            eventlet.wsgi.WSGI_LOCAL.already_handled = True
            connected = plain_sockets.socket(fileno=self.connection.fd.detach())
            connected.setblocking(False)
            return Wire(connected, eventlet.hubs.get_hub())

        def handle_one_request(self) -> None:
            try:
                # What is only looked at stays in the buffer, for whoever reads it in the end.
                told = announced(self.rfile.peek())
                if told is not None:
                    self._take_webhook(told)
            except OSError:  # nothing came for too long, or the other side is gone
                self.close_connection = True
                return
            if told is None:
                super().handle_one_request()

        def _take_webhook(self, told: Announced) -> None:
            self.conn_state[2] = eventlet.wsgi.STATE_REQUEST
            with under_way:
                self.rfile.read(told.head_bytes)
                body = self.rfile.read(told.body_bytes)
                self.close_connection = not told.is_kept or len(body) < told.body_bytes
                if len(body) == told.body_bytes:
                    self.connection.sendall(door.answer(body, told))

    return Protocol


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    except Exception:
        log.exception("ended by what nobody expected")
    logging.shutdown()
    sys.stdout.flush()
    # Everything accepted is on disk. A database call that hangs in an OS thread must not keep the process alive.
    os._exit(code)
