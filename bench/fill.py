"""Fills a database with calls that are over, as if it had been in use for years. Writes SQL, not webhooks.

    python -m bench.fill FILE [--segments 1000000]

Knows the tables of the dashboard, which must exist (`python -m dashboard migrate`), and nothing else of it.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from bench.servers import ROOT, environment_of

LINES = 200
"""Segments of one call."""

LINE_US = 4_000_000
WORDS = "and then I called about the order that was due on Monday, but nobody could tell me where it is"
BODY_BYTES = 700
"""A webhook of the provider has 600 to 900."""


def fill(file: Path, segments: int) -> None:
    """Make the tables and put so many segments into them, with their calls and their webhooks."""
    migrate = [sys.executable, "-m", "dashboard", "migrate"]
    subprocess.run(migrate, cwd=ROOT, env=environment_of(file), check=True, stdout=subprocess.DEVNULL)
    if not segments:
        return
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-500000"):
            connection.execute(f"PRAGMA {pragma}").close()
        _write(connection, max(1, segments // LINES))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()


def _write(connection: sqlite3.Connection, calls: int) -> None:
    """Rows first and indexes after them: a tenth of the time, and the same tables."""
    made_by_hand = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    indexes = connection.execute(made_by_hand).fetchall()
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    began_us = time.time_ns() // 1_000 - (calls + 2) * LINES * LINE_US
    connection.executemany(
        "INSERT INTO calls (call_id, leg_id, direction, from_number, to_number, started_at, answered_at, ended_at, "
        "hangup_cause, switches, seq) "
        "VALUES (?, ?, 'inbound', '+15550100', '+15550199', ?, ?, ?, 'normal_clearing', '{}', ?)",
        _calls(calls, began_us),
    )
    connection.executemany(
        "INSERT INTO segments (event_id, call_id, seq, track, text, confidence, started_at, occurred_at) "
        f"VALUES (?, ?, ?, ?, '{WORDS}', 0.97, ?, ?)",
        _segments(calls, began_us),
    )
    connection.execute(
        "INSERT INTO events (event_id, call_id, type, known, attempt, occurred_at, received_at, body) "
        "SELECT event_id, call_id, 'call.transcription', 1, 1, occurred_at, occurred_at + 80000, ? FROM segments",
        (WORDS.ljust(BODY_BYTES),),
    )
    # The search keeps lists of words, numbered in the order in which they were heard.
    connection.execute("INSERT INTO search_rows (id, event_id) SELECT rowid, event_id FROM segments ORDER BY rowid")
    spoken = WORDS.replace(",", "").lower()
    connection.execute("INSERT INTO search_words (rowid, words) SELECT id, ? FROM search_rows ORDER BY id", (spoken,))
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")


def _calls(calls: int, began_us: int) -> Iterator[tuple[object, ...]]:
    for number in range(calls):
        started_us = began_us + number * LINES * LINE_US
        answered_us, ended_us = started_us + 2_000_000, started_us + LINES * LINE_US
        yield f"v3:filled-{number:06d}", str(uuid.UUID(int=number)), started_us, answered_us, ended_us, LINES + 3


def _segments(calls: int, began_us: int) -> Iterator[tuple[object, ...]]:
    """Random ids in ascending order: the same tree as from random inserts, built in one sweep."""
    step = 2**128 // (calls * LINES + 1)
    for number in range(calls * LINES):
        call, line = divmod(number, LINES)
        at_us = began_us + number * LINE_US + 2_500_000
        track = ("inbound", "outbound")[line % 2]
        event_id = str(uuid.UUID(int=(number + 1) * step))
        yield event_id, f"v3:filled-{call:06d}", line + 3, track, at_us - 1_500_000, at_us


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--segments", type=int, default=1_000_000)
    options = parser.parse_args()
    began = time.monotonic()
    fill(options.file.resolve(), options.segments)
    size_mb = options.file.stat().st_size / 1e6
    print(f"{options.segments} segments in {time.monotonic() - began:.0f} s, {size_mb:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
