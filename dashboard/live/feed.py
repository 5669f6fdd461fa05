"""Changes become frames. Cost is per frame and per watcher, not per change, so under load a frame carries many.

When idle a change leaves at once. After a flush the feed rests in proportion to what the flush cost, so that telling
the watchers never takes more than a fixed share of the processor, however many they are.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Event, Lock
from time import perf_counter
from typing import Any

from dashboard.calls.changes import CallUpdated, Change, InterimHeard, SegmentAdded
from dashboard.calls.transcript import Segment
from dashboard.live.latency import Timing
from dashboard.media.meter import StreamMeasured
from dashboard.services.webhook_log import Inspection
from dashboard.web.serializers import JSON, change_json, timing_json

log = logging.getLogger(__name__)

CALLS_ROOM = "calls"
"""Everybody who watches the list: durable changes of every call."""

EVENTS_ROOM = "events"
"""Everybody who watches webhooks come in."""

SEEN_LIMIT = 200
"""Webhooks that one frame tells of, the newest: nobody reads faster."""

REST_PER_COST = 1.0
REST_MIN_S = 0.008
REST_MAX_S = 0.25

LaneKey = tuple[str, str | None]
StreamKey = tuple[str, str]
Told = Change | StreamMeasured | Inspection
"""What the feed carries: changes of a call, how its stream is doing, and the webhooks behind it all."""


def call_room(call_id: str) -> str:
    """Everybody who watches one call: all of its changes."""
    return f"call:{call_id}"


class Feed:
    """`send(rooms, changes)` hands one frame to everybody in some rooms, and once to those who are in several;
    `is_watched(room)` says if anybody is there.
    """

    def __init__(
        self,
        *,
        send: Callable[[list[str], list[JSON]], None],
        is_watched: Callable[[str], bool],
        spawn: Callable[..., Any],
        sleep: Callable[[float], Any],
        timing: Callable[[Segment], Timing | None] = lambda segment: None,
    ) -> None:
        """`timing` is asked for each segment as it leaves."""
        self._send = send
        self._is_watched = is_watched
        self._sleep = sleep
        self._timing = timing
        self.frames_sent = 0
        self.interims_overtaken = 0
        self._frames: dict[str, Frame] = {}
        self._lock = Lock()
        self._waiting = Event()
        self._closed = False
        spawn(self._run)

    def publish(self, changes: Sequence[Told]) -> None:
        """Queue changes for everybody who watches. Never blocks and never fails."""
        with self._lock:
            for change in changes:
                for room in _rooms(change):
                    if self._is_watched(room):
                        self._frames.setdefault(room, Frame()).add(change)
            if self._frames:
                self._waiting.set()

    def flush(self) -> None:
        """Send what is queued, now."""
        with self._lock:
            frames, self._frames = self._frames, {}
        self.interims_overtaken += sum(frame.overtaken for frame in frames.values())
        rendered: dict[int, JSON] = {}
        for rooms, frame in _together(frames):
            try:
                self._send(rooms, [self._rendered(change, rendered) for change in frame.changes()])
                self.frames_sent += 1
            except Exception:
                # Whoever missed this frame sees the gap in the numbers and asks for the rest.
                log.exception("a frame could not be sent")

    @property
    def waiting(self) -> int:
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
            self._sleep(min(REST_MAX_S, max(REST_MIN_S, cost * REST_PER_COST)))

    def _rendered(self, change: Told, rendered: dict[int, JSON]) -> JSON:
        """A change that goes to two rooms is rendered once."""
        key = id(change)
        if key not in rendered:
            rendered[key] = change_json(change)
            if isinstance(change, SegmentAdded) and (timing := self._timing(change.segment)) is not None:
                rendered[key]["timing"] = timing_json(timing)
        return rendered[key]


def _together(frames: dict[str, Frame]) -> Iterator[tuple[list[str], Frame]]:
    """What goes to which rooms. Mostly one call has news, and then the list has the same: one frame does for both."""
    listed = frames.pop(CALLS_ROOM, None)
    for room, frame in frames.items():
        if listed is not None and (volatile := frame.without(listed)) is not None:
            yield [room, CALLS_ROOM], listed
            listed = None
            frame = volatile
        if len(frame):
            yield [room], frame
    if listed is not None:
        yield [CALLS_ROOM], listed


class Frame:
    """The changes that leave together: durable ones all and in order, else only the newest of each lane and stream."""

    __slots__ = ("_durable", "_interims", "_seen", "_streams", "overtaken")

    def __init__(self) -> None:
        self._durable: list[Change] = []
        self._interims: dict[LaneKey, InterimHeard] = {}
        self._streams: dict[StreamKey, StreamMeasured] = {}
        self._seen: deque[Inspection] = deque(maxlen=SEEN_LIMIT)
        self.overtaken = 0

    def __len__(self) -> int:
        return len(self._durable) + len(self._interims) + len(self._streams) + len(self._seen)

    def add(self, change: Told) -> None:
        if isinstance(change, StreamMeasured):
            self._streams[change.call_id, change.stream_id] = change
            return
        if isinstance(change, Inspection):
            self._seen.append(change)
            return
        if isinstance(change, InterimHeard):
            key = (change.interim.call_id, change.interim.track)
            self.overtaken += self._interims.pop(key, None) is not None
            self._interims[key] = change
            return
        self._durable.append(change)
        if isinstance(change, SegmentAdded):
            self._drop_older_interim(change)

    def changes(self) -> Iterable[Told]:
        """Finals first: an interim that is left is newer than the final of its lane."""
        yield from self._durable
        yield from self._interims.values()
        yield from self._streams.values()
        yield from self._seen

    def without(self, other: Frame) -> Frame | None:
        """What there is besides the durable changes of the other; None if it has not all of them and no more."""
        if self._durable != other._durable:
            return None
        self._durable = []
        return self

    def _drop_older_interim(self, change: SegmentAdded) -> None:
        key = (change.segment.call_id, change.segment.track)
        waiting = self._interims.get(key)
        if waiting is not None and waiting.interim.occurred_at <= change.segment.occurred_at:
            del self._interims[key]
            self.overtaken += 1


def _rooms(change: Told) -> tuple[str, ...]:
    match change:
        case CallUpdated():
            return call_room(change.call.call_id), CALLS_ROOM
        case SegmentAdded():
            return call_room(change.segment.call_id), CALLS_ROOM
        case InterimHeard():
            return (call_room(change.interim.call_id),)
        case StreamMeasured():
            return (call_room(change.call_id),)
        case Inspection():
            return (EVENTS_ROOM,)
