"""A hundred calls stream their sound at once: does any frame get lost, and does anybody else notice?

    python bench/streams.py [--streams 100] [--seconds 60]

Starts a dashboard and, in a process of its own, a simulator that plays PCMU in frames of 20 ms on both tracks. Signed
webhooks and Socket.IO calls are timed without the streams and with them. Needs Linux (/proc).
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import multiprocessing
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import socketio
from nacl.signing import SigningKey

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dashboard.media.tokens import StreamTokens  # noqa: E402
from dashboard.simulator import Simulator  # noqa: E402
from dashboard.simulator.media import stream_session  # noqa: E402
from dashboard.simulator.media.sinks import MediaStream  # noqa: E402

QUIET_S = 10.0
SETTLE_S = 2.0
GIVE_UP_S = 30.0
PROBES_PER_S = 20
WATCHED = 10
"""Calls somebody looks at meanwhile: their levels go out ten times a second."""

FRAMES_PER_S = 50
TRACKS = 2


# --- the process that plays the provider ----------------------------------------------------------------------------


class CountedStream(MediaStream):
    """Remembers how much sound it sent."""

    sent: dict[str, int] = {}

    def send_frame(self, number: int) -> None:
        super().send_frame(number)
        self.sent[self._stream_id] = self.sent.get(self._stream_id, 0) + len(self._tracks)


def play(pipe: Connection, target: str, api_key: str, seed: bytes, calls: int) -> None:
    """Tells its address, places the calls when asked to, and tells in the end what it sent."""
    stream_session.MediaStream = CountedStream  # type: ignore[misc]
    with Simulator(target, api_key=api_key, private_key_seed=seed, auto_answer=0.0, speed=1.0) as simulator:
        pipe.send((simulator.base_url, simulator.public_key))
        pipe.recv()
        placed = [simulator.place_call(paced=False) for _ in range(calls)]
        simulator.wait_until(lambda _: all(call.is_answered for call in placed), GIVE_UP_S)
        simulator.drain(GIVE_UP_S)
        pipe.send([call.call_control_id for call in placed])
        pipe.recv()
        simulator.wait_until(lambda _: not any(call.is_streaming for call in placed), GIVE_UP_S)
        time.sleep(0.5)
        pipe.send(CountedStream.sent)
        pipe.recv()


# --- the dashboard --------------------------------------------------------------------------------------------------


class Dashboard:
    """The server under test, and its own API."""

    def __init__(self, port: int, environment: dict[str, str]) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._token = secrets.token_hex(16)
        self.process = subprocess.Popen(
            [sys.executable, "wsgi.py"],
            cwd=ROOT,
            env={**os.environ, **environment, "PORT": str(port), "DASHBOARD_API_TOKEN": self._token},
            stderr=subprocess.DEVNULL,
        )

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def await_ready(self) -> None:
        deadline = time.monotonic() + GIVE_UP_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass  # not listening yet
            time.sleep(0.1)
        raise SystemExit("The dashboard does not start. Run `python wsgi.py` to see why.")

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=GIVE_UP_S)
        try:
            headers = {**self.bearer, "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def act(self, call_id: str, action: str, parameters: dict[str, Any]) -> None:
        status, answer = self.ask("POST", f"/api/calls/{call_id}/actions/{action}", parameters)
        if status != 202:
            raise SystemExit(f"{action} was answered with {status}: {answer.decode()}")

    def memory_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def processor_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- what others notice ---------------------------------------------------------------------------------------------


def timed(action: Callable[[], None], seconds: float) -> list[float]:
    """How long each of evenly spaced repetitions took, in ms."""
    took: list[float] = []
    began = time.monotonic()
    while (now := time.monotonic()) - began < seconds:
        action()
        took.append((time.monotonic() - now) * 1_000)
        time.sleep(max(0.0, now + 1 / PROBES_PER_S - time.monotonic()))
    return took


def webhook_sender(port: int, key: SigningKey, call_id: str) -> Callable[[], None]:
    """Sends one signed final; the answer means that it is on disk."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)

    def send() -> None:
        payload = {
            "call_control_id": call_id,
            "transcription_data": {"transcript": "A sentence of a measured length.", "is_final": True},
        }
        event = {
            "record_type": "event",
            "event_type": "call.transcription",
            "id": str(uuid.uuid4()),
            "occurred_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "payload": payload,
        }
        body = json.dumps({"data": event, "meta": {"attempt": 1}}).encode()
        stamp = str(int(time.time()))
        signature = base64.b64encode(key.sign(stamp.encode() + b"|" + body).signature).decode()
        headers = {"telnyx-timestamp": stamp, "telnyx-signature-ed25519": signature, "Content-Type": "application/json"}
        connection.request("POST", "/webhooks/telnyx", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"A webhook was answered with {answer.status}.")

    return send


def measured(webhook: Callable[[], None], ping: Callable[[], None], seconds: float) -> dict[str, list[float]]:
    """Both probes at once, each on its own thread."""
    found: dict[str, list[float]] = {}
    probes = {"webhook": webhook, "ping": ping}
    threads = [
        threading.Thread(target=lambda name=name: found.update({name: timed(probes[name], seconds)})) for name in probes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class Watcher:
    """A browser: it watches calls and keeps what it was last told about their streams."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.streams: dict[str, dict[str, Any]] = {}
        self._client = socketio.Client(reconnection=False)
        self._client.on("changes", self._changes)
        self._client.connect(dashboard.url, headers=dashboard.bearer, transports=["websocket"])

    def watch(self, call_id: str) -> None:
        self._client.call("watch", {"call_id": call_id}, timeout=GIVE_UP_S)

    def ping(self) -> None:
        self._client.call("unwatch", {"call_id": "nobody"}, timeout=GIVE_UP_S)

    def leave(self) -> None:
        self._client.disconnect()

    def counted(self) -> dict[str, int]:
        return {
            stream_id: sum(track["frames"] for track in stream["tracks"].values())
            for stream_id, stream in self.streams.items()
        }

    def _changes(self, changes: list[dict[str, Any]]) -> None:
        for change in changes:
            if change["type"] == "stream.level":
                self.streams[change["stream"]["stream_id"]] = change["stream"]


# --- the measurement ------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def share(sorted_ms: list[float], part: float) -> float:
    return sorted_ms[min(len(sorted_ms) - 1, int(len(sorted_ms) * part))]


def report(name: str, quiet: list[float], loaded: list[float]) -> None:
    quiet, loaded = sorted(quiet), sorted(loaded)
    for phase, took in (("without", quiet), ("with", loaded)):
        p50, p99 = share(took, 0.5), share(took, 0.99)
        print(f"{name:8} {phase:8} streams: p50 {p50:6.1f} ms, p99 {p99:6.1f} ms ({len(took)} times)")


def run(dashboard: Dashboard, pipe: Connection, key: SigningKey, tokens: StreamTokens, seconds: float) -> bool:
    dashboard.await_ready()
    pipe.send("place")
    call_ids: list[str] = pipe.recv()
    watcher, prober = Watcher(dashboard), Watcher(dashboard)
    webhook = webhook_sender(dashboard.port, key, call_ids[0])
    idle_s, at = dashboard.processor_s(), time.monotonic()
    quiet = measured(webhook, prober.ping, min(QUIET_S, seconds))
    idle = (dashboard.processor_s() - idle_s) / (time.monotonic() - at)
    for call_id in call_ids[:WATCHED]:
        watcher.watch(call_id)
    began = time.monotonic()
    for call_id in call_ids:
        stream = {
            "stream_url": f"ws://127.0.0.1:{dashboard.port}/media/telnyx",
            "stream_auth_token": tokens.issue(call_id),
            "stream_track": "both_tracks",
            "stream_codec": "PCMU",
        }
        dashboard.act(call_id, "streaming_start", stream)
    time.sleep(SETTLE_S)
    print(f"{len(call_ids)} streams asked for in {time.monotonic() - began - SETTLE_S:.1f} s")
    memory_kb, processor_s, at = dashboard.memory_kb(), dashboard.processor_s(), time.monotonic()
    loaded = measured(webhook, prober.ping, seconds)
    busy = (dashboard.processor_s() - processor_s) / (time.monotonic() - at)
    memory_after_kb = dashboard.memory_kb()
    for call_id in call_ids:
        watcher.watch(call_id)
    for call_id in call_ids:
        dashboard.act(call_id, "streaming_stop", {})
    pipe.send("count")
    sent: dict[str, int] = pipe.recv()
    deadline = time.monotonic() + GIVE_UP_S
    while watcher.counted() != sent and time.monotonic() < deadline:
        time.sleep(0.1)
    counted = watcher.counted()
    rate = len(call_ids) * FRAMES_PER_S * TRACKS
    gaps = sum(track["gaps"] for stream in watcher.streams.values() for track in stream["tracks"].values())
    lost = sum(sent.values()) - sum(counted.values())
    print(f"frames: {sum(sent.values())} sent (about {rate} a second), {sum(counted.values())} counted, {lost} lost")
    print(f"streams: {len(sent)} sent something, {len(counted)} were counted, {gaps} gaps seen")
    print(f"memory: {memory_kb / 1024:.1f} MB at the start, {memory_after_kb / 1024:.1f} MB after {seconds:.0f} s")
    print(f"processor: {idle:.0%} of one core for the probes alone, {busy:.0%} with streams, {WATCHED} of them watched")
    report("webhook", quiet["webhook"], loaded["webhook"])
    report("ping", quiet["ping"], loaded["ping"])
    for one in (watcher, prober):
        one.leave()
    pipe.send("end")
    return lost == 0 and len(sent) == len(call_ids)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=100, help="how many calls stream at once (100)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long (60)")
    options = parser.parse_args()
    port, seed, api_key, secret_key = free_port(), secrets.token_bytes(32), f"KEY{secrets.token_hex(16)}", "bench"
    context = multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    player = context.Process(
        target=play, args=(other_end, f"http://127.0.0.1:{port}", api_key, seed, options.streams), daemon=True
    )
    player.start()
    base_url, public_key = pipe.recv()
    with tempfile.TemporaryDirectory() as folder:
        dashboard = Dashboard(
            port,
            {
                "TELNYX_API_KEY": api_key,
                "TELNYX_PUBLIC_KEY": public_key,
                "TELNYX_BASE_URL": base_url,
                "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
                "SECRET_KEY": secret_key,
                "HOST": "127.0.0.1",
                "DEMO": "0",
            },
        )
        try:
            complete = run(dashboard, pipe, SigningKey(seed), StreamTokens(secret_key), options.seconds)
        finally:
            dashboard.end()
            player.terminate()
            player.join()
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
