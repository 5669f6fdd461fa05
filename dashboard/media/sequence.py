"""Finds missing, late and repeated frames by their numbers. Keeps no frame and waits for none.

A missing number counts as lost once newer frames or enough time have passed it.
"""

from __future__ import annotations

from enum import Enum, auto

REORDER_WINDOW_FRAMES = 5
# A frame that comes this many frames or seconds after its place was due is late (Telnyx contract, section 4.3).
REORDER_WINDOW_S = 0.1

# RFC 3550, appendix A.1: beyond these a number says that counting began anew, if the next one follows it.
MAX_DROPOUT = 3_000
MAX_MISORDER = 100
# How far back it is remembered which numbers came.
_REMEMBERED = 64
_REMEMBERED_BITS = (1 << _REMEMBERED) - 1
# Frames on each of two tracks after which it is clear whether they count together.
_FRAMES_TO_TELL = 10


class FrameOrder(Enum):
    NEWEST = auto()
    # It filled a gap in time.
    FILLED = auto()
    # Its gap was given up before, or it has come already.
    LATE = auto()


class SequenceWindow:
    """One run of numbers. `found_missing` counts those given up since it was last set to 0."""

    __slots__ = ("_came", "_missing", "_restart", "found_missing", "newest")

    def __init__(self) -> None:
        self.newest: int | None = None
        self.found_missing = 0
        self._came = 0
        self._missing: dict[int, float] = {}
        self._restart: int | None = None

    def classify_frame(self, number: int, at_s: float) -> FrameOrder:
        """Classify one frame number. `at_s` is a clock that only goes forward."""
        if self.newest is None:
            return self._restart_at(number)
        ahead = number - self.newest
        if not -MAX_MISORDER <= ahead <= MAX_DROPOUT:
            return self._classify_far_frame(number)
        if ahead <= 0:
            return self._classify_late_frame(number)
        if ahead > 1:
            self._note_missing(number, ahead - 1, at_s)
        self.newest = number
        self._came = (self._came << min(ahead, _REMEMBERED) | 1) & _REMEMBERED_BITS
        if self._missing:
            self.expire(at_s)
        return FrameOrder.NEWEST

    def expire(self, at_s: float) -> None:
        """Give up the numbers whose time is over."""
        newest = self.newest or 0
        for number, noticed_s in list(self._missing.items()):
            if newest - number >= REORDER_WINDOW_FRAMES or at_s - noticed_s >= REORDER_WINDOW_S:
                del self._missing[number]
                self.found_missing += 1

    def was_received(self, number: int) -> bool:
        """Whether a number came lately."""
        behind = -1 if self.newest is None else self.newest - number
        return 0 <= behind < _REMEMBERED and bool(self._came >> behind & 1)

    def _restart_at(self, number: int) -> FrameOrder:
        self.found_missing += len(self._missing)
        self._missing.clear()
        self.newest, self._came, self._restart = number, 1, None
        return FrameOrder.NEWEST

    def _classify_far_frame(self, number: int) -> FrameOrder:
        """Ignore one stray number; two in a row restart the count there."""
        if number == self._restart:
            return self._restart_at(number)
        self._restart = number + 1
        return FrameOrder.LATE

    def _classify_late_frame(self, number: int) -> FrameOrder:
        if self._missing.pop(number, None) is None:
            return FrameOrder.LATE
        assert self.newest is not None
        self._came |= 1 << self.newest - number
        return FrameOrder.FILLED

    def _note_missing(self, number: int, count: int, at_s: float) -> None:
        given_up = max(0, count - REORDER_WINDOW_FRAMES)
        self.found_missing += given_up
        for missing in range(number - count + given_up, number):
            self._missing[missing] = at_s


class SequenceTracker:
    """Detects whether tracks share one sequence of numbers, which is not documented.

    Until that is known, each track counts for itself; what then looked like gaps of a shared sequence is forgiven. A
    gap in a shared sequence is charged to the track whose frame shows it.
    """

    __slots__ = ("_common", "_frames", "_scheme_known", "_windows", "late", "missing")

    def __init__(self) -> None:
        self.missing: dict[str, int] = {}
        self.late: dict[str, int] = {}
        self._windows: dict[str, SequenceWindow] = {}
        self._frames: dict[str, int] = {}
        self._common: SequenceWindow | None = None
        self._scheme_known = False

    def classify_frame(self, track: str, number: int, at_s: float) -> FrameOrder:
        window = self._windows.get(track)
        if window is None:
            window = self._windows[track] = SequenceWindow() if self._common is None else self._common
            self.missing[track] = self.late[track] = self._frames[track] = 0
        placed = window.classify_frame(number, at_s)
        if placed is FrameOrder.LATE:
            self.late[track] += 1
        if window.found_missing:
            self._count_gaps(track, window)
        if not self._scheme_known and len(self._windows) > 1:
            self._detect_scheme(track, number)
        return placed

    def expire(self, at_s: float) -> None:
        """Give up what is overdue although no frame follows."""
        for track, window in self._windows.items():
            window.expire(at_s)
            if window.found_missing:
                self._count_gaps(track, window)

    def _count_gaps(self, track: str, window: SequenceWindow) -> None:
        self.missing[track] += window.found_missing
        window.found_missing = 0

    def _detect_scheme(self, track: str, number: int) -> None:
        self._frames[track] += 1
        others = [window for other, window in self._windows.items() if other != track]
        if any(window.was_received(number) for window in others):
            self._scheme_known = True
            return
        if min(self._frames.values()) < _FRAMES_TO_TELL:
            return
        self._scheme_known = True
        newest = [window.newest or 0 for window in self._windows.values()]
        if max(newest) - min(newest) <= _FRAMES_TO_TELL:
            self._use_shared_sequence(max(newest), number)

    def _use_shared_sequence(self, newest: int, number: int) -> None:
        self._common = SequenceWindow()
        self._common.classify_frame(max(newest, number), 0.0)
        for track in self._windows:
            self._windows[track] = self._common
            self.missing[track] = self.late[track] = 0
