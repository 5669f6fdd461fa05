"""Serves the application with Flask-SocketIO's own server: gevent's, or werkzeug's with threads."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any


class LibraryServer:
    """The server where eventlet is not used. It has no fast paths and none of the limits of `EventletServer`."""

    def __init__(self, host: str, port: int, *, async_mode: str) -> None:
        self._host = host
        self.port = port
        # Threads need none: a blocking call stalls only its own.
        self.run_blocking: Callable[..., Any] | None = _run_in_gevent_pool if async_mode == "gevent" else None

    def serve(self, app: Any, *, receiver: object, socketio: Any) -> None:
        """Serve until SIGTERM or SIGINT."""
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
        socketio.run(app, host=self._host, port=self.port, allow_unsafe_werkzeug=True)


def _run_in_gevent_pool(function: Callable[..., Any], *args: Any) -> Any:
    """Run a blocking call in gevent's thread pool.

    Nothing is raised inside the pool, because gevent prints what a thread raises, also where it is meant to be caught.
    """
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
