"""The floor: eventlet's WSGI server with an application that does nothing and answers 204."""

import os
import warnings
from collections.abc import Callable, Iterable
from typing import Any

warnings.filterwarnings("ignore")

import eventlet  # noqa: E402
import eventlet.wsgi  # noqa: E402


def nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK" if environ["PATH_INFO"] == "/healthz" else "204 No Content", [("Content-Length", "0")])
    return []


eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(os.environ["PORT"]))), nothing, log_output=False)
