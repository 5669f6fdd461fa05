"""Writes the log to stderr. A flood of equal lines is counted instead of written."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from typing import Any, Final, TextIO

# Lines of one kind that may come at once; after them one a second.
_BURST: Final = 5
_MAX_KINDS: Final = 1_000


def configure_logging() -> None:
    """Log everything from INFO on."""
    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", handlers=[FloodControlHandler()]
    )


class _Kind:
    """The lines with one text, whatever their values."""

    __slots__ = ("dropped", "last_dropped", "seen_at", "spare")

    def __init__(self, now: float) -> None:
        self.spare = float(_BURST)
        self.seen_at = now
        self.dropped = 0
        self.last_dropped: logging.LogRecord | None = None


class FloodControlHandler(logging.StreamHandler[TextIO]):
    """Writes a few lines of a kind and then one a second, which says how many were left out.

    What was left out at the end of a flood is counted before the next line of any kind, or when the log is closed.
    """

    def __init__(self, stream: TextIO | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._kinds: dict[tuple[str, Any], _Kind] = {}
        self._flooding: set[tuple[str, Any]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        now = self._clock()
        key = record.name, record.msg
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _MAX_KINDS:
                self._kinds.clear()  # texts are constants, so only a bug makes this many
                self._flooding.clear()
            kind = self._kinds[key] = _Kind(now)
        kind.spare = min(_BURST, kind.spare + now - kind.seen_at)
        kind.seen_at = now
        if kind.spare < 1:
            kind.dropped += 1
            kind.last_dropped = record
            self._flooding.add(key)
            return
        kind.spare -= 1
        self._write_counts(now, except_for=key)
        super().emit(self._with_count(key, record, kind.dropped))

    def close(self) -> None:
        self._write_counts(float("inf"))
        super().close()

    def _write_counts(self, now: float, *, except_for: tuple[str, Any] | None = None) -> None:
        """Count the floods that have been quiet for a second."""
        over = [key for key in self._flooding if key != except_for and now - self._kinds[key].seen_at >= 1]
        for key in over:
            last = self._kinds[key].last_dropped
            if last is not None:
                super().emit(self._with_count(key, last, self._kinds[key].dropped - 1))

    def _with_count(self, key: tuple[str, Any], record: logging.LogRecord, count: int) -> logging.LogRecord:
        """A record that also says how many were left out. These count as written from now on."""
        self._flooding.discard(key)
        self._kinds[key].dropped = 0
        self._kinds[key].last_dropped = None
        if count < 1:
            return record
        # A copy, because other handlers get the record too.
        counted = copy.copy(record)
        counted.msg, counted.args = f"{record.getMessage()} (and {count} more like this)", None
        return counted
