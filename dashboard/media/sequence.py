"""The order of numbered frames: which are missing, which come late or twice. Frames are counted here, never kept.

Nothing is held back and nothing waited for: a missing number is given up once newer frames or time have passed it.
"""

from __future__ import annotations

from enum import Enum, auto

WINDOW_FRAMES = 5
WINDOW_S = 0.1
"""A frame that comes this many frames or seconds after its place was due is late (Telnyx contract, section 4.3)."""

# RFC 3550, appendix A.1: beyond these a number says that counting began anew, if the next one follows it.
MAX_DROPOUT = 3_000
MAX_MISORDER = 100
# How far back it is remembered which numbers came.
_REMEMBERED = 64
_REMEMBERED_BITS = (1 << _REMEMBERED) - 1
# Frames on each of two tracks after which it is clear whether they count together.
_FRAMES_TO_TELL = 10


class Place(Enum):
    NEWEST = auto()
    FILLED = auto()
    """It filled a gap in time."""
    LATE = auto()
    """Its gap was given up before, or it has come already."""


class Window:
    """One run of numbers. `found_missing` counts those given up since it was last set to 0."""

    __slots__ = ("_came", "_missing", "_restart", "found_missing", "newest")

    def __init__(self) -> None:
        self.newest: int | None = None
        self.found_missing = 0
        self._came = 0
        self._missing: dict[int, float] = {}
        self._restart: int | None = None

    def place(self, number: int, at_s: float) -> Place:
        """Take one number; `at_s` is a clock that only goes forward."""
        if self.newest is None:
            return self._begin(number)
        ahead = number - self.newest
        if not -MAX_MISORDER <= ahead <= MAX_DROPOUT:
            return self._far_away(number)
        if ahead <= 0:
            return self._behind(number)
        if ahead > 1:
            self._note_missing(number, ahead - 1, at_s)
        self.newest = number
        self._came = (self._came << min(ahead, _REMEMBERED) | 1) & _REMEMBERED_BITS
        if self._missing:
            self.settle(at_s)
        return Place.NEWEST

    def settle(self, at_s: float) -> None:
        """Give up the numbers whose time is over."""
        newest = self.newest or 0
        for number, noticed_s in list(self._missing.items()):
            if newest - number >= WINDOW_FRAMES or at_s - noticed_s >= WINDOW_S:
                del self._missing[number]
                self.found_missing += 1

    def came(self, number: int) -> bool:
        """Whether a number came lately."""
        behind = -1 if self.newest is None else self.newest - number
        return 0 <= behind < _REMEMBERED and bool(self._came >> behind & 1)

    def _begin(self, number: int) -> Place:
        self.found_missing += len(self._missing)
        self._missing.clear()
        self.newest, self._came, self._restart = number, 1, None
        return Place.NEWEST

    def _far_away(self, number: int) -> Place:
        """One stray number moves nothing; two in a row are where counting goes on."""
        if number == self._restart:
            return self._begin(number)
        self._restart = number + 1
        return Place.LATE

    def _behind(self, number: int) -> Place:
        if self._missing.pop(number, None) is None:
            return Place.LATE
        assert self.newest is not None
        self._came |= 1 << self.newest - number
        return Place.FILLED

    def _note_missing(self, number: int, count: int, at_s: float) -> None:
        given_up = max(0, count - WINDOW_FRAMES)
        self.found_missing += given_up
        for missing in range(number - count + given_up, number):
            self._missing[missing] = at_s


class Numbering:
    """Whether the tracks of a stream count each for itself or all together: nobody documents it, so it is found out.

    Until it is, tracks count for themselves; numbers counted together then looked like gaps, and are forgiven. A
    number that is missing from common counting is put to the track whose frame shows it.
    """

    __slots__ = ("_common", "_frames", "_told", "_windows", "late", "missing")

    def __init__(self) -> None:
        self.missing: dict[str, int] = {}
        self.late: dict[str, int] = {}
        self._windows: dict[str, Window] = {}
        self._frames: dict[str, int] = {}
        self._common: Window | None = None
        self._told = False

    def place(self, track: str, number: int, at_s: float) -> Place:
        window = self._windows.get(track)
        if window is None:
            window = self._windows[track] = Window() if self._common is None else self._common
            self.missing[track] = self.late[track] = self._frames[track] = 0
        placed = window.place(number, at_s)
        if placed is Place.LATE:
            self.late[track] += 1
        if window.found_missing:
            self._charge(track, window)
        if not self._told and len(self._windows) > 1:
            self._find_out(track, number)
        return placed

    def settle(self, at_s: float) -> None:
        """Give up what is overdue although no frame follows."""
        for track, window in self._windows.items():
            window.settle(at_s)
            if window.found_missing:
                self._charge(track, window)

    def _charge(self, track: str, window: Window) -> None:
        self.missing[track] += window.found_missing
        window.found_missing = 0

    def _find_out(self, track: str, number: int) -> None:
        self._frames[track] += 1
        others = [window for other, window in self._windows.items() if other != track]
        if any(window.came(number) for window in others):
            self._told = True
            return
        if min(self._frames.values()) < _FRAMES_TO_TELL:
            return
        self._told = True
        newest = [window.newest or 0 for window in self._windows.values()]
        if max(newest) - min(newest) <= _FRAMES_TO_TELL:
            self._count_together(max(newest), number)

    def _count_together(self, newest: int, number: int) -> None:
        self._common = Window()
        self._common.place(max(newest, number), 0.0)
        for track in self._windows:
            self._windows[track] = self._common
            self.missing[track] = self.late[track] = 0
