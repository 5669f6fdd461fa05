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

from tests.conftest import Signer, build_event_body, transcription_payload
from tests.system.server import WEBHOOK_PATH, Server

CALL_COUNT = 5
SENDER_COUNT = 4
LIFETIME_RANGE_S = (0.05, 0.8)
"""How long the server may live under load before it is killed."""

RETRY_PAUSE_S = 0.05
RESPONSE_TIMEOUT_S = 2.0
"""The provider waits this long for an answer (Telnyx webhook documentation)."""


@dataclass(slots=True)
class CrashReport:
    """What became of the finals. `sent` maps each acknowledged event id to its call."""

    kills: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    stored: int = 0
    duration_s: float = 0.0

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.duplicated or self.gaps)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.duration_s:.0f} s: {len(self.acknowledged)} finals acknowledged, "
            f"{self.repeats} sends repeated, {self.stored} stored, {len(self.lost)} lost, "
            f"{len(self.duplicated)} doubled, {len(self.gaps)} gaps in the numbers"
        )


class WebhookSender(threading.Thread):
    """Sends finals one after the other, each again and again until it is acknowledged, like the provider."""

    def __init__(
        self, server: Server, signer: Signer, report: CrashReport, stop_event: threading.Event, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._signer = signer
        self._report = report
        self._stop_event = stop_event
        self._random = random.Random(seed)
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self._stop_event.is_set():
            call_id = f"v3:crash-{self._random.randrange(CALL_COUNT)}"
            event_id = str(uuid.uuid4())
            if self._deliver_final(call_id, event_id):
                self._report.acknowledged[event_id] = call_id
        if self._connection is not None:
            self._connection.close()

    def _deliver_final(self, call_id: str, event_id: str) -> bool:
        attempt = 1
        while not self._send_attempt(call_id, event_id, attempt):
            if self._stop_event.wait(RETRY_PAUSE_S):
                return False
            attempt += 1
            self._report.repeats += 1
        return True

    def _send_attempt(self, call_id: str, event_id: str, attempt: int) -> bool:
        body = build_event_body(
            "call.transcription", transcription_payload(event_id), call_id=call_id, event_id=event_id, attempt=attempt
        )
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=RESPONSE_TIMEOUT_S)
        try:
            self._connection.request("POST", WEBHOOK_PATH, body, self._signer.sign_headers(body))
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            return False
        if answer.status not in (200, 503):
            raise AssertionError(f"the server answered {answer.status}")
        return answer.status == 200


def start_calls(server: Server, signer: Signer) -> None:
    """Bring every call to where only new lines change it: from then on each line has the next number."""
    for number in range(CALL_COUNT):
        call_id = f"v3:crash-{number}"
        assert server.deliver_webhook(signer, "call.initiated", call_id=call_id) == 200
        assert (
            server.deliver_webhook(signer, "call.transcription", transcription_payload("hello"), call_id=call_id) == 200
        )


def run_crash_test(kills: int, *, folder: Path, seed: int) -> CrashReport:
    """Load the server, kill it so many times, and compare what it holds with what it acknowledged."""
    dice = random.Random(seed)
    signer = Signer()
    report = CrashReport()
    stop = threading.Event()
    started = time.monotonic()
    database_url = f"sqlite:///{folder / 'crash.sqlite3'}"
    with Server(TELNYX_PUBLIC_KEY=signer.public_key, DATABASE_URL=database_url) as server:
        start_calls(server, signer)
        senders = [WebhookSender(server, signer, report, stop, seed + number) for number in range(SENDER_COUNT)]
        for sender in senders:
            sender.start()
        for _ in range(kills):
            time.sleep(dice.uniform(*LIFETIME_RANGE_S))
            server.restart()
            report.kills += 1
        stop.set()
        for sender in senders:
            sender.join(3 * RESPONSE_TIMEOUT_S)
        compare_segments(server, report)
    report.duration_s = time.monotonic() - started
    return report


def compare_segments(server: Server, report: CrashReport) -> None:
    held: list[str] = []
    for number in range(CALL_COUNT):
        call_id = f"v3:crash-{number}"
        segments = _fetch_segments(server, call_id)
        held += [segment["text"] for segment in segments[1:]]
        numbers = [segment["seq"] for segment in segments]
        last = server.get_json(f"/api/calls/{quote(call_id)}")["call"]["seq"]
        if numbers != list(range(numbers[0], last + 1)):
            report.gaps.append(call_id)
    report.stored = len(held)
    report.duplicated = [text for text, count in Counter(held).items() if count > 1]
    report.lost = sorted(set(report.acknowledged) - set(held))


def _fetch_segments(server: Server, call_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = server.get_json(f"/api/calls/{quote(call_id)}/segments?after_seq={after}")
        found += page["segments"]
        after = page["next"]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the server under load and count what it kept.")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run_crash_test(options.kills, folder=Path(folder), seed=options.seed)
    print(f"{report} (seed {options.seed})")
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
