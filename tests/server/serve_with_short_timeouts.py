"""Serves a small application with the real eventlet server and short timeouts: `python -m … PORT`."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from collections.abc import Iterable  # noqa: E402
from types import SimpleNamespace  # noqa: E402
from typing import Any  # noqa: E402

from engineio import Server as EngineIoServer  # noqa: E402

from dashboard.server.eventlet_server import EventletServer  # noqa: E402
from dashboard.server.http_server import Timeouts  # noqa: E402
from dashboard.server.logs import configure_logging  # noqa: E402

TIMEOUTS = Timeouts(head_s=1.0, body_s=1.2, idle_s=2.5, linger_s=0.3, check_interval_s=0.05)


class Receiver:
    def handle(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        return 200, f"got {len(body)}"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/slow":
        eventlet.sleep(2.0)
    start_response("200 OK", [])
    return [b"read %d" % len(body)]


if __name__ == "__main__":
    configure_logging()
    server = EventletServer("127.0.0.1", int(sys.argv[1]), fast_paths=True, trusted_proxies=(), timeouts=TIMEOUTS)
    engineio = EngineIoServer(async_mode="eventlet")
    engineio.on("connect", lambda sid, environ: None)
    socketio = SimpleNamespace(server=SimpleNamespace(eio=engineio))
    server.serve(application, receiver=Receiver(), socketio=socketio)  # type: ignore[arg-type]
