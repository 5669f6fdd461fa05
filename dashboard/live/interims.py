"""The open interim of each lane, in memory only and bounded.

An unknown call is read from the store once, so that after a restart no interim older than the last final is shown.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Protocol

from dashboard.calls.call import Call, CallState
from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.events import Direction, Track, Transcribed
from dashboard.calls.transcript import Interim, Lane, build_interim

MAX_CALLS = 5_000


class StoredLanes(Protocol):
    @property
    def ended(self) -> bool: ...

    @property
    def direction(self) -> Direction | None: ...

    @property
    def closed_at(self) -> Mapping[Track | None, datetime]: ...


class _CallLanes:
    """The lanes of one call."""

    __slots__ = ("direction", "ended", "lanes")

    def __init__(self, direction: Direction | None, ended: bool, lanes: dict[Track | None, Lane]) -> None:
        self.direction = direction
        self.ended = ended
        self.lanes = lanes


class InterimTracker:
    """Tracks open interims. `load_lanes` reads a call from the store; it returns None for an unknown call."""

    def __init__(self, load_lanes: Callable[[str], StoredLanes | None], *, calls_limit: int = MAX_CALLS) -> None:
        self._recall = load_lanes
        self._limit = calls_limit
        self._calls: OrderedDict[str, _CallLanes] = OrderedDict()
        self._asked: dict[str, list[Change]] = {}
        self._lock = Lock()

    def update(self, event: Transcribed) -> InterimHeard | None:
        """The change that an interim makes; None if it is too old or its call is over."""
        self._load_call(event.call_id)
        with self._lock:
            spoken = self._calls.get(event.call_id)
            if spoken is None or spoken.ended:
                return None
            lane = spoken.lanes.get(event.track, Lane())
            heard = spoken.lanes[event.track] = lane.with_interim(build_interim(event))
            if heard.interim is None or heard.interim is lane.interim:
                return None
            return InterimHeard(interim=heard.interim, direction=spoken.direction)

    def first_heard_at(self, event: Transcribed) -> datetime | None:
        """When the words of this final were first heard."""
        with self._lock:
            spoken = self._calls.get(event.call_id)
            return (
                None if spoken is None else spoken.lanes.get(event.track, Lane()).first_heard_before(event.occurred_at)
            )

    def clear(self, event: Transcribed) -> None:
        """Let a final without words end the interims before it. It makes no segment that would be recalled later."""
        self._load_call(event.call_id)
        with self._lock:
            self._close_lane(event.call_id, event.track, event.occurred_at)

    def apply_changes(self, changes: Sequence[Change]) -> None:
        """Let what was stored end the interims before it."""
        with self._lock:
            for change in changes:
                self._apply_change(change)

    def for_call(self, call_id: str) -> list[InterimHeard]:
        """What is being said on a call now, oldest first. Another process may have stored what ended some of it."""
        with self._lock:
            spoken = self._calls.get(call_id)
            said = [] if spoken is None else [lane.interim for lane in spoken.lanes.values()]
        open_ends = [interim for interim in said if interim is not None and interim.text]
        stored = self._recall(call_id) if open_ends else None
        if stored is not None:
            open_ends = [interim for interim in open_ends if _is_interim_open(interim, stored)]
        direction = None if spoken is None else spoken.direction
        return [InterimHeard(interim=interim, direction=direction) for interim in sorted(open_ends, key=_occurred_at)]

    def _apply_change(self, change: Change) -> None:
        if isinstance(change, SegmentAdded):
            segment = change.segment
            self._apply_to_call(segment.call_id, change)
            self._close_lane(segment.call_id, segment.track, segment.occurred_at)
        elif isinstance(change, CallUpdated):
            self._apply_to_call(change.call.call_id, change)
            self._update_call(change.call)

    def _apply_to_call(self, call_id: str, change: Change) -> None:
        """Keep a change that was stored while the store was being read, because it may be newer."""
        if call_id in self._asked:
            self._asked[call_id].append(change)

    def _load_call(self, call_id: str) -> None:
        """Ask the store about a call not heard of. The lock is not held meanwhile, for a read may take long."""
        with self._lock:
            if call_id in self._calls:
                self._calls.move_to_end(call_id)
                return
            meanwhile = self._asked.setdefault(call_id, [])
        try:
            stored = self._recall(call_id)
        except BaseException:
            self._asked.pop(call_id, None)
            raise
        with self._lock:
            self._asked.pop(call_id, None)
            # Another request may have asked the same meanwhile.
            if call_id not in self._calls:
                self._keep_call(call_id, _lanes_from_store(stored))
                for change in meanwhile:
                    self._apply_change(change)

    def _update_call(self, call: Call) -> None:
        if call.seq == 1:
            # It has just begun: nothing was said on it that the store would have to be asked for.
            self._keep_call(call.call_id, _CallLanes(None, False, {}))
        spoken = self._calls.get(call.call_id)
        if spoken is not None:
            spoken.direction = call.direction
            if call.state is CallState.ENDED:
                spoken.ended = True
                spoken.lanes.clear()

    def _keep_call(self, call_id: str, spoken: _CallLanes) -> None:
        """The first answer stays, with what came since."""
        self._calls.setdefault(call_id, spoken)
        while len(self._calls) > self._limit:
            self._calls.popitem(last=False)

    def _close_lane(self, call_id: str, track: Track | None, at: datetime) -> None:
        spoken = self._calls.get(call_id)
        if spoken is not None:
            spoken.lanes[track] = spoken.lanes.get(track, Lane()).with_final(at)


def _lanes_from_store(stored: StoredLanes | None) -> _CallLanes:
    if stored is None:
        return _CallLanes(None, False, {})
    lanes = {track: Lane(closed_at=at) for track, at in stored.closed_at.items()}
    return _CallLanes(stored.direction, stored.ended, lanes)


def _is_interim_open(interim: Interim, stored: StoredLanes) -> bool:
    closed_at = stored.closed_at.get(interim.track)
    return not stored.ended and (closed_at is None or closed_at < interim.occurred_at)


def _occurred_at(interim: Interim) -> datetime:
    return interim.occurred_at
