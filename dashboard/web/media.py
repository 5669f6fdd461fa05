"""The WebSocket route that Telnyx streams the media of calls to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, request

from dashboard.media.receiver import PATH, TOKEN_HEADER, StreamRejected
from dashboard.web.auth import public
from dashboard.web.context import services

bp = Blueprint("media", __name__)


@bp.get(PATH, websocket=True)
@public
def receive_stream() -> Response:
    """Serve one stream until it ends. Its token, not the login, says who may connect."""
    try:
        mode = services().media.serve_stream(request.environ, request.headers.get(TOKEN_HEADER, ""))
    except StreamRejected as refused:
        return Response(f"{refused.message}\n", refused.status, mimetype="text/plain")
    return FinishedWebSocket(mode)


class FinishedWebSocket(Response):
    """The response of a view whose WebSocket has ended. Nothing more is sent."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        if self._mode == "werkzeug":
            # The development server would otherwise write an error page after the WebSocket's last frame.
            raise ConnectionError
        return []
