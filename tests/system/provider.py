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

OK = (200, {"data": {"result": "ok"}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


def refusal(code: str, title: str = "Refused", detail: str = "for a reason") -> dict[str, Any]:
    """An error body of the provider (Telnyx API reference, "Errors")."""
    return {"errors": [{"code": code, "title": title, "detail": detail, "meta": {"url": "https://example.com"}}]}


class Provider:
    """Answers 200 unless told otherwise with `next_answers`; `hold` keeps every answer back until it is set.

    Questions about running calls come from the server's own rounds, at any time: their answers are always the same.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next_answers: deque[tuple[int, Any]] = deque()
        self.hold = threading.Event()
        self.hold.set()
        self.arrived = threading.Condition()
        self._http = _Server(("127.0.0.1", 0), _handler(self._take))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v2"

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hold.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def commands(self) -> list[Asked]:
        """What was asked to be done."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def wait_for(self, count: int, *, timeout_s: float = 10.0) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.commands) >= count, timeout_s)

    def _take(self, asked: Asked) -> tuple[int, Any]:
        with self.arrived:
            self.asked.append(asked)
            self.arrived.notify_all()
            if (known := _about_calls(asked)) is not None:
                return known
            answer = self.next_answers.popleft() if self.next_answers else OK
        self.hold.wait(20)
        return answer


def _about_calls(asked: Asked) -> tuple[int, Any] | None:
    """No call runs that the server has not heard of, and none has ended without its notice."""
    if asked.method != "GET":
        return None
    if asked.path.partition("?")[0].endswith("/active_calls"):
        return 200, {"data": [], "meta": {"total_items": 0, "cursors": {"after": None, "before": None}, "next": None}}
    if "/calls/" in asked.path:
        call_id = unquote(asked.path.rpartition("/")[2])
        return 200, {"data": {"record_type": "call", "call_control_id": call_id, "is_alive": True}}
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(take: Callable[[Asked], tuple[int, Any]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            """The record is enough."""

        def _handle(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            asked = Asked(method=self.command, path=self.path, headers=dict(self.headers), body=body)
            status, answer = take(asked)
            written = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    return Handler
