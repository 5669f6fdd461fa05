"""Changes become frames. Cost is per frame and per watcher, not per change, so under load a frame carries many.

When idle a change leaves at once. After a flush the feed rests in proportion to what the flush cost, so that telling
the watchers never takes more than a fixed share of the processor, however many they are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from threading import Event, Lock
from time import perf_counter
from typing import Any, NamedTuple

from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.transcript import Segment
from dashboard.live.latency import Timing

log = logging.getLogger(__name__)

# Watchers of the list: durable changes of every call.
CALLS_ROOM = "calls"

# Watchers of the webhook inspector.
EVENTS_ROOM = "events"

# Volatile updates that one frame carries, the newest.
MAX_VOLATILE_UPDATES = 200

PAUSE_PER_COST = 1.0
MIN_PAUSE_S = 0.008
MAX_PAUSE_S = 0.25

JSON = dict[str, Any]


class VolatileUpdate(NamedTuple):
    """A value of the moment for one room. In one frame a newer value replaces an older one of the same key."""

    room: str
    key: Hashable
    value: Any


FeedItem = Change | VolatileUpdate
# `emit(rooms, changes)` sends one frame to some rooms, and once to a socket that is in several.
Emit = Callable[[list[str], list[JSON]], None]

# `serialize(change or value, timing)` gives the JSON of one entry.
Serialize = Callable[[Any, Timing | None], JSON]


def call_room(call_id: str) -> str:
    """The room of one call: all of its changes."""
    return f"call:{call_id}"


class ChangeFeed:
    """Sends changes to the sockets that watch. `is_watched(room)` says whether a room has any."""

    def __init__(
        self,
        *,
        emit: Emit,
        serialize: Serialize,
        is_watched: Callable[[str], bool],
        spawn: Callable[..., Any],
        sleep: Callable[[float], Any],
        timing_of: Callable[[Segment], Timing | None] = lambda segment: None,
    ) -> None:
        """`timing` is asked for each segment as it leaves."""
        self._emit = emit
        self._serialize = serialize
        self._is_watched = is_watched
        self._sleep = sleep
        self._timing = timing_of
        self.batches_sent = 0
        self.interims_overtaken = 0
        self._frames: dict[str, Batch] = {}
        self._lock = Lock()
        self._waiting = Event()
        self._closed = False
        spawn(self._run)

    def publish(self, changes: Sequence[FeedItem]) -> None:
        """Queue changes for watched rooms. Never blocks and never fails."""
        with self._lock:
            for change in changes:
                for room in _rooms_of(change):
                    if self._is_watched(room):
                        self._frames.setdefault(room, Batch()).add(change)
            if self._frames:
                self._waiting.set()

    def flush(self) -> None:
        """Send what is queued, now."""
        with self._lock:
            frames, self._frames = self._frames, {}
        self.interims_overtaken += sum(frame.overtaken_interims for frame in frames.values())
        rendered: dict[int, JSON] = {}
        for rooms, frame in _batches_by_rooms(frames):
            try:
                self._emit(rooms, [self._serialize_once(change, rendered) for change in frame.items()])
                self.batches_sent += 1
            except Exception:
                # A client that missed this frame sees the gap in the numbers and asks for the rest.
                log.exception("a frame could not be sent")

    @property
    def queued_changes(self) -> int:
        """Changes that have not left yet, counted once for each room."""
        with self._lock:
            return sum(len(frame) for frame in self._frames.values())

    def close(self) -> None:
        self._closed = True
        self._waiting.set()
        self.flush()

    def _run(self) -> None:
        while not self._closed:
            self._waiting.wait()
            self._waiting.clear()
            started = perf_counter()
            self.flush()
            self._sleep(0)  # the sockets write now: that is part of what a frame costs
            cost = perf_counter() - started
            self._sleep(min(MAX_PAUSE_S, max(MIN_PAUSE_S, cost * PAUSE_PER_COST)))

    def _serialize_once(self, change: FeedItem, rendered: dict[int, JSON]) -> JSON:
        """A change that goes to two rooms is rendered once."""
        key = id(change)
        if key not in rendered:
            timing = self._timing(change.segment) if isinstance(change, SegmentAdded) else None
            value = change.value if isinstance(change, VolatileUpdate) else change
            rendered[key] = self._serialize(value, timing)
        return rendered[key]


def _batches_by_rooms(frames: dict[str, Batch]) -> Iterator[tuple[list[str], Batch]]:
    """What goes to which rooms. Mostly one call has news, and then the list has the same: one frame does for both."""
    listed = frames.pop(CALLS_ROOM, None)
    for room, frame in frames.items():
        if listed is not None and (volatile := frame.without_durable_of(listed)) is not None:
            yield [room, CALLS_ROOM], listed
            listed = None
            frame = volatile
        if len(frame):
            yield [room], frame
    if listed is not None:
        yield [CALLS_ROOM], listed


class Batch:
    """The changes of one frame: durable ones in order, volatile ones by key."""

    __slots__ = ("_durable", "_volatile", "overtaken_interims")

    def __init__(self) -> None:
        self._durable: list[Change] = []
        self._volatile: dict[Hashable, InterimHeard | VolatileUpdate] = {}
        self.overtaken_interims = 0

    def __len__(self) -> int:
        return len(self._durable) + len(self._volatile)

    def add(self, change: FeedItem) -> None:
        if isinstance(change, VolatileUpdate):
            self._volatile.pop(change.key, None)
            self._volatile[change.key] = change
            if len(self._volatile) > MAX_VOLATILE_UPDATES:
                del self._volatile[next(iter(self._volatile))]
            return
        if isinstance(change, InterimHeard):
            key = _lane_key(change.interim.call_id, change.interim.track)
            self.overtaken_interims += self._volatile.pop(key, None) is not None
            self._volatile[key] = change
            return
        self._durable.append(change)
        if isinstance(change, SegmentAdded):
            self._drop_older_interim(change)

    def items(self) -> Iterable[FeedItem]:
        """Durable changes first: an interim that is left is newer than its lane's final."""
        yield from self._durable
        yield from self._volatile.values()

    def without_durable_of(self, other: Batch) -> Batch | None:
        """This batch without the durable changes of `other`; None if they differ."""
        if self._durable != other._durable:
            return None
        self._durable = []
        return self

    def _drop_older_interim(self, change: SegmentAdded) -> None:
        key = _lane_key(change.segment.call_id, change.segment.track)
        waiting = self._volatile.get(key)
        if isinstance(waiting, InterimHeard) and waiting.interim.occurred_at <= change.segment.occurred_at:
            del self._volatile[key]
            self.overtaken_interims += 1


def _lane_key(call_id: str, track: str | None) -> Hashable:
    return "interim", call_id, track


def _rooms_of(change: FeedItem) -> tuple[str, ...]:
    match change:
        case CallUpdated():
            return call_room(change.call.call_id), CALLS_ROOM
        case SegmentAdded():
            return call_room(change.segment.call_id), CALLS_ROOM
        case InterimHeard():
            return (call_room(change.interim.call_id),)
        case VolatileUpdate():
            return (change.room,)
