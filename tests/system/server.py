"""A real server in a process of its own, and the people around it: senders of webhooks and watchers of calls."""

from __future__ import annotations

import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import socketio

from tests.conftest import Signer, build_event_body

ROOT = Path(__file__).parent.parent.parent
WEBHOOK_PATH = "/webhooks/telnyx"
START_TIMEOUT_S = 30.0
PASSED_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def free_port() -> int:
    """A port nobody listens on, from below those that connections are given: it must still be free when it is used."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no port is free")


def wait_until(condition: Callable[[], Any], description: str, *, timeout_s: float = 15.0) -> Any:
    """The first true answer of `condition`."""
    deadline = time.monotonic() + timeout_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s in vain for {description}"
        time.sleep(0.01)
    return found


class Server:
    """`python wsgi.py` with exactly the given environment. It keeps its port when it starts again."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.environment = {"HOST": "127.0.0.1", "PORT": str(self.port), **environment}
        self.files_limit: int | None = None
        self.command = [sys.executable, "wsgi.py"]
        self.process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._reader: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything the server has written so far, over all its lives."""
        return "".join(self._lines)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        if kind is not None:
            print(f"--- the server said:\n{self.log}")

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.launch()
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.is_alive():
            assert self.process.poll() is None, f"the server ended by itself:\n{self.log}"
            assert time.monotonic() < deadline, f"the server did not answer in {START_TIMEOUT_S:.0f} s:\n{self.log}"
            time.sleep(0.02)

    def launch(self) -> None:
        passed_on = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**passed_on, **self.environment},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.files_limit is not None:
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (self.files_limit, self.files_limit))
        self._reader = threading.Thread(target=self._collect_log, args=(self.process.stderr,), daemon=True)
        self._reader.start()

    def is_alive(self) -> bool:
        try:
            return self.request("GET", "/healthz", timeout_s=2.0)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def kill(self) -> None:
        """No goodbye: what is not on disk is gone."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGTERM)

    def wait(self, timeout_s: float = 15.0) -> int:
        """The exit code."""
        assert self.process is not None and self._reader is not None
        code = self.process.wait(timeout_s)
        self._reader.join(5)
        return code

    def restart(self) -> None:
        self.kill()
        self.start()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        timeout_s: float = 10.0,
    ) -> tuple[int, bytes]:
        """One request on a connection of its own: status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get_json(self, path: str, headers: dict[str, str] | None = None) -> Any:
        status, body = self.request("GET", path, headers=headers)
        assert status == 200, f"{path} answered {status}"
        return json.loads(body)

    def send_command(self, call_id: str, name: str, parameters: dict[str, Any], token: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps(parameters).encode()
        status, answer = self.request("POST", f"/api/calls/{call_id}/actions/{name}", body, headers)
        return status, json.loads(answer)

    def deliver_webhook(
        self, signer: Signer, event_type: str, payload: dict[str, Any] | None = None, **facts: Any
    ) -> int:
        """Sign a webhook and deliver it; the status."""
        body = build_event_body(event_type, payload, **facts)
        return self.request("POST", WEBHOOK_PATH, body, signer.sign_headers(body))[0]

    def _collect_log(self, stream: Any) -> None:
        with stream:
            for line in stream:
                self._lines.append(line)


class Watcher:
    """A browser as the server sees it: watches one call, and asks for what it missed when it comes back."""

    def __init__(self, server: Server, *, token: str | None = None) -> None:
        self.changes: list[dict[str, Any]] = []
        self.segments: list[dict[str, Any]] = []
        self.call: dict[str, Any] | None = None
        self.arrived = threading.Condition()
        self._call_id: str | None = None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._server = server
        self._client = socketio.Client(reconnection=True, reconnection_delay=0.05, reconnection_delay_max=0.3)
        self._client.on("changes", self._on_changes)
        self._client.on("connect", self._on_connect)

    def __enter__(self) -> Watcher:
        self._client.connect(self._server.base_url, headers=self._headers, transports=["websocket"], wait_timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.shutdown()

    @property
    def last_seq(self) -> int:
        return max((segment["seq"] for segment in self.segments), default=0)

    def request(self, event: str, payload: dict[str, Any] | None = None) -> Any:
        return self._client.call(event, payload or {}, timeout=10)

    def watch_call(self, call_id: str) -> Any:
        """Watch a call from now on, over every reconnection; the first snapshot."""
        self._call_id = call_id
        snapshot = self.request("watch", {"call_id": call_id})
        self._apply_snapshot(snapshot)
        return snapshot

    def segment_texts(self) -> list[str]:
        return [segment["text"] for segment in self.segments]

    def wait_for(self, condition: Callable[[Watcher], Any], *, timeout_s: float = 15.0) -> bool:
        with self.arrived:
            return bool(self.arrived.wait_for(lambda: condition(self), timeout_s))

    def switch_states(self, name: str) -> list[str]:
        """What a switch has shown, without repetitions."""
        shown: list[str] = []
        for change in self.changes:
            if change["type"] == "call.updated":
                state = change["call"]["switches"][name]["state"]
                if shown[-1:] != [state]:
                    shown.append(state)
        return shown

    def _on_connect(self) -> None:
        if self._call_id is None:
            return
        wish = {"call_id": self._call_id, "after_seq": self.last_seq}
        self._client.emit("watch", wish, callback=self._apply_snapshot)

    def _apply_snapshot(self, snapshot: dict[str, Any]) -> None:
        with self.arrived:
            self.call = snapshot.get("call", self.call)
            for segment in snapshot.get("segments", ()):
                self._add_segment(segment)
            self.arrived.notify_all()

    def _on_changes(self, changes: list[dict[str, Any]]) -> None:
        with self.arrived:
            for change in changes:
                self.changes.append(change)
                if change["type"] == "segment.final" and change["segment"]["call_id"] == self._call_id:
                    self._add_segment(change["segment"])
                elif change["type"] == "call.updated" and change["call"]["id"] == self._call_id:
                    self.call = change["call"]
            self.arrived.notify_all()

    def _add_segment(self, segment: dict[str, Any]) -> None:
        """By number, as the page does: what was seen already is not seen again."""
        if segment["seq"] not in {known["seq"] for known in self.segments}:
            self.segments.append(segment)
