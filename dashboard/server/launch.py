"""Chooses the server for an async mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dashboard.server.library_server import LibraryServer
from dashboard.services.webhook_receiver import WebhookReceiver


class Server(Protocol):
    """What `wsgi.py` needs of a server."""

    port: int
    # Runs a blocking call where it stalls no other task; None where it may be called directly.
    run_blocking: Callable[..., Any] | None

    def serve(self, app: Any, *, receiver: WebhookReceiver, socketio: Any) -> None:
        """Serve until the process is asked to stop."""


def make_server(
    async_mode: str, address: tuple[str, int], *, fast_paths: bool, trusted_proxies: Sequence[str]
) -> Server:
    if async_mode != "eventlet":
        return LibraryServer(*address, async_mode=async_mode)
    # Imported here, because importing eventlet changes a process that does not use it.
    from dashboard.server.eventlet_server import EventletServer

    return EventletServer(*address, fast_paths=fast_paths, trusted_proxies=trusted_proxies)
