"""Writes the log to stderr. A flood of equal lines is counted instead of written."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Any, Final

# Lines of one kind that may come at once; after them one a second.
_BURST: Final = 5
_MAX_KINDS: Final = 1_000


def configure_logging() -> None:
    """Log everything from INFO on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(FloodFilter())
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", handlers=[handler])


class _Kind:
    """The lines with one text, whatever their values."""

    __slots__ = ("dropped", "seen_at", "spare")

    def __init__(self, now: float) -> None:
        self.spare = float(_BURST)
        self.seen_at = now
        self.dropped = 0


class FloodFilter(logging.Filter):
    """Lets through a few lines of a kind and then one a second, which says how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, Any], _Kind] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = self._clock()
        key = record.name, record.msg
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _MAX_KINDS:
                self._kinds.clear()  # texts are constants, so only a bug makes this many
            kind = self._kinds[key] = _Kind(now)
        kind.spare = min(_BURST, kind.spare + now - kind.seen_at)
        kind.seen_at = now
        if kind.spare < 1:
            kind.dropped += 1
            return False
        kind.spare -= 1
        if kind.dropped:
            record.msg, record.args = f"{record.getMessage()} (and {kind.dropped} more like this)", None
            kind.dropped = 0
        return True
