"""A place that receives webhooks, a simulator that sends them there, and a plain client for its API."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from dashboard.simulator import SimCall, Simulator, parse_script

# About six seconds of conversation, so a fraction of one at the speed of these tests.
SMALL_TALK = parse_script("""
> Good morning, this is the library.
< Hello, may I renew a book?
~> Of course you may.
< Wonderful, thank you!
""")


@dataclass(frozen=True)
class Received:
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    at: float

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def event(self) -> dict[str, Any]:
        return self.document["data"]


@dataclass
class Sink:
    """Receives webhooks; answers 200, or what `answers` says: a status, or seconds of silence as a float."""

    received: list[Received] = field(default_factory=list)
    answers: list[int | float] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def accept(self, path: str, headers: list[tuple[str, str]], body: bytes) -> int | float:
        with self.changed:
            self.received.append(Received(path, headers, body, time.monotonic()))
            self.changed.notify_all()
            return self.answers.pop(0) if self.answers else 200

    def of_type(self, event_type: str) -> list[dict[str, Any]]:
        with self.changed:
            return [item.event for item in self.received if item.event["event_type"] == event_type]

    def wait_for(self, event_type: str, count: int = 1, timeout: float = 5.0) -> list[dict[str, Any]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.of_type(event_type)) >= count, timeout), (
                f"{count} x {event_type} did not come; came: {[item.event['event_type'] for item in self.received]}"
            )
            return self.of_type(event_type)


class _SinkServer(ThreadingHTTPServer):
    daemon_threads = True
    sink: Sink


class _SinkHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _SinkServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.sink.accept(self.path, self.headers.items(), body)
        if isinstance(answer, float):
            self.server.sink.closing.wait(answer)
            self.close_connection = True
            return
        self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: the test says what went wrong."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    server = _SinkServer(("127.0.0.1", 0), _SinkHandler)
    server.sink = Sink(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.sink
    server.sink.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def simulate(sink: Sink) -> Iterator[Callable[..., Simulator]]:
    """Start simulators that are stopped at the end of the test."""
    running: list[Simulator] = []

    def start(**options: Any) -> Simulator:
        simulator = Simulator(**({"target": sink.url, "seed": 7, "speed": 20.0} | options))
        simulator.start()
        running.append(simulator)
        return simulator

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture
def simulator(simulate: Callable[..., Simulator]) -> Simulator:
    return simulate()


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return self.body["errors"][0]["code"]

    @property
    def pointer(self) -> str:
        return self.body["errors"][0]["source"]["pointer"]


@dataclass(frozen=True)
class Api:
    """Commands as a program would send them."""

    simulator: Simulator
    timeout_s: float = 5.0

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, content: bytes | None = None,
        kind: str = "application/json",
    ) -> Reply:  # fmt: skip
        address = urlsplit(self.simulator.base_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=self.timeout_s)
        try:
            content = content if content is not None else (b"" if body is None else json.dumps(body).encode())
            headers = {"Authorization": f"Bearer {key or self.simulator.api_key}", "Content-Type": kind}
            connection.request(method, f"{address.path}{path}", content, headers)
            answer = connection.getresponse()
            text = answer.read()
            parsed = json.loads(text) if "json" in (answer.getheader("Content-Type") or "") else text
            return Reply(answer.status, parsed, {name.lower(): value for name, value in answer.getheaders()})
        finally:
            connection.close()

    def act(self, call: SimCall, action: str, **body: Any) -> Reply:
        return self.ask("POST", f"/calls/{quote(call.call_control_id, safe=':')}/actions/{action}", body)


@pytest.fixture
def api(simulator: Simulator) -> Api:
    return Api(simulator)


@pytest.fixture
def call(simulator: Simulator) -> SimCall:
    """An incoming call that was answered and says nothing by itself."""
    return simulator.place_call(SMALL_TALK, auto_answer=0.0, paced=False)


@pytest.fixture
def live(call: SimCall) -> SimCall:
    assert call.wait_until(lambda c: c.is_answered)
    return call
