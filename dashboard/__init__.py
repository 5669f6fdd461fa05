"""A live transcription dashboard for Telnyx calls.

Imports happen inside, so that `python -m dashboard.simulator` and the release step start without the web server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.settings import Settings

__version__ = "0.1.0"


def create_app(
    settings: Settings, *, async_mode: str = "threading", offload: Callable[..., Any] | None = None
) -> Flask:
    """The whole application, ready to be served.

    `async_mode` is Flask-SocketIO's. `offload(function, *args)` runs a blocking function where it cannot stall the
    server; without it, blocking work runs where it is called. `app.extensions["socketio"]` serves it, and
    `app.extensions["shut_down"]()` finishes what was accepted.
    """
    from dashboard.factory import build

    return build(settings, async_mode=async_mode, offload=offload)
