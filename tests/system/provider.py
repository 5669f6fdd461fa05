"""The provider's end of the wire, reduced to a record: what came in over HTTP, and the next answer to give."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote

OK_RESPONSE = (200, {"data": {"result": "ok"}})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


def error_body(code: str, title: str = "Refused", detail: str = "for a reason") -> dict[str, Any]:
    """An error body of the provider (Telnyx API reference, "Errors")."""
    return {"errors": [{"code": code, "title": title, "detail": detail, "meta": {"url": "https://example.com"}}]}


class RecordingProvider:
    """Answers 200 unless told otherwise with `next_answers`; `hold` keeps every answer back until it is set.

    Questions about running calls come from the server's own rounds, at any time: their answers are always the same.
    """

    def __init__(self) -> None:
        self.requests: list[RecordedRequest] = []
        self.next_responses: deque[tuple[int, Any]] = deque()
        self.may_respond = threading.Event()
        self.may_respond.set()
        self.arrived = threading.Condition()
        self._http_server = _HttpServer(("127.0.0.1", 0), _build_handler(self._handle_request))
        self._thread = threading.Thread(
            target=self._http_server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http_server.server_address[1]}/v2"

    def __enter__(self) -> RecordingProvider:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.may_respond.set()
        self._http_server.shutdown()
        self._thread.join()
        self._http_server.server_close()

    @property
    def commands(self) -> list[RecordedRequest]:
        """What was asked to be done."""
        return [asked for asked in self.requests if asked.method == "POST"]

    def wait_for_commands(self, count: int, *, timeout_s: float = 10.0) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.commands) >= count, timeout_s)

    def _handle_request(self, request: RecordedRequest) -> tuple[int, Any]:
        with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()
            if (known := _call_query_response(request)) is not None:
                return known
            answer = self.next_responses.popleft() if self.next_responses else OK_RESPONSE
        self.may_respond.wait(20)
        return answer


def _call_query_response(request: RecordedRequest) -> tuple[int, Any] | None:
    """No call runs that the server has not heard of, and none has ended without its notice."""
    if request.method != "GET":
        return None
    if request.path.partition("?")[0].endswith("/active_calls"):
        return 200, {"data": [], "meta": {"total_items": 0, "cursors": {"after": None, "before": None}, "next": None}}
    if "/calls/" in request.path:
        call_id = unquote(request.path.rpartition("/")[2])
        return 200, {"data": {"record_type": "call", "call_control_id": call_id, "is_alive": True}}
    return None


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True


def _build_handler(handle_request: Callable[[RecordedRequest], tuple[int, Any]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            """The record is enough."""

        def _handle_request(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            asked = RecordedRequest(method=self.command, path=self.path, headers=dict(self.headers), body=body)
            status, answer = handle_request(asked)
            written = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle_request

    return Handler
