"""Kills the server at random moments while webhooks pour in, and counts what it had promised to keep.

Usable by hand: `python -m tests.system.crash --kills 40`. Everything stays on this machine.
"""

from __future__ import annotations

import argparse
import http.client
import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.conftest import Signer, event_body, speech
from tests.system.server import DOOR, Server

CALLS = 5
SENDERS = 4
LIFE_S = (0.05, 0.8)
"""How long the server may live under load before it is killed."""

PAUSE_S = 0.05
TIMEOUT_S = 2.0
"""The provider waits this long for an answer (Telnyx webhook documentation)."""


@dataclass(slots=True)
class Report:
    """What became of the finals. `sent` maps each acknowledged event id to its call."""

    kills: int = 0
    sent: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    stored: int = 0
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.gaps)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.took_s:.0f} s: {len(self.sent)} finals acknowledged, {self.repeats} sends "
            f"repeated, {self.stored} stored, {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.gaps)} gaps in the numbers"
        )


class Sender(threading.Thread):
    """Sends finals one after the other, each again and again until it is acknowledged, like the provider."""

    def __init__(self, server: Server, signer: Signer, report: Report, stop: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._signer = signer
        self._report = report
        self._ending = stop
        self._random = random.Random(seed)
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self._ending.is_set():
            call_id = f"v3:crash-{self._random.randrange(CALLS)}"
            event_id = str(uuid.uuid4())
            if self._delivered(call_id, event_id):
                self._report.sent[event_id] = call_id
        if self._connection is not None:
            self._connection.close()

    def _delivered(self, call_id: str, event_id: str) -> bool:
        attempt = 1
        while not self._acknowledged(call_id, event_id, attempt):
            if self._ending.wait(PAUSE_S):
                return False
            attempt += 1
            self._report.repeats += 1
        return True

    def _acknowledged(self, call_id: str, event_id: str, attempt: int) -> bool:
        body = event_body("call.transcription", speech(event_id), call_id=call_id, event_id=event_id, attempt=attempt)
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=TIMEOUT_S)
        try:
            self._connection.request("POST", DOOR, body, self._signer.headers(body))
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            return False
        if answer.status not in (200, 503):
            raise AssertionError(f"the server answered {answer.status}")
        return answer.status == 200


def begin_calls(server: Server, signer: Signer) -> None:
    """Bring every call to where only new lines change it: from then on each line has the next number."""
    for number in range(CALLS):
        call_id = f"v3:crash-{number}"
        assert server.deliver(signer, "call.initiated", call_id=call_id) == 200
        assert server.deliver(signer, "call.transcription", speech("hello"), call_id=call_id) == 200


def run(kills: int, *, folder: Path, seed: int) -> Report:
    """Load the server, kill it so many times, and compare what it holds with what it acknowledged."""
    dice = random.Random(seed)
    signer = Signer()
    report = Report()
    stop = threading.Event()
    started = time.monotonic()
    database_url = f"sqlite:///{folder / 'crash.sqlite3'}"
    with Server(TELNYX_PUBLIC_KEY=signer.public_key, DATABASE_URL=database_url) as server:
        begin_calls(server, signer)
        senders = [Sender(server, signer, report, stop, seed + number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(kills):
            time.sleep(dice.uniform(*LIFE_S))
            server.restart()
            report.kills += 1
        stop.set()
        for sender in senders:
            sender.join(3 * TIMEOUT_S)
        compare(server, report)
    report.took_s = time.monotonic() - started
    return report


def compare(server: Server, report: Report) -> None:
    held: list[str] = []
    for number in range(CALLS):
        call_id = f"v3:crash-{number}"
        segments = _segments(server, call_id)
        held += [segment["text"] for segment in segments[1:]]
        numbers = [segment["seq"] for segment in segments]
        last = server.get(f"/api/calls/{quote(call_id)}")["call"]["seq"]
        if numbers != list(range(numbers[0], last + 1)):
            report.gaps.append(call_id)
    report.stored = len(held)
    report.doubled = [text for text, count in Counter(held).items() if count > 1]
    report.lost = sorted(set(report.sent) - set(held))


def _segments(server: Server, call_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = server.get(f"/api/calls/{quote(call_id)}/segments?after_seq={after}")
        found += page["segments"]
        after = page["next"]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the server under load and count what it kept.")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(options.kills, folder=Path(folder), seed=options.seed)
    print(f"{report} (seed {options.seed})")
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
