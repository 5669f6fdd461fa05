"""The watchers of a measurement: who has heard what, and how long it took. Knows marks and moments, no server."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Callable, Sequence

from bench.load import Loop, Watcher
from bench.servers import Server
from bench.speech import MARK


class Crowd:
    """Sockets that watch `call_ids` in turn. Like a page of the dashboard, each also watches the list of calls."""

    def __init__(self, loop: Loop, server: Server, call_ids: Sequence[str], count: int) -> None:
        self._loop = loop
        self._end: bytes | None = None
        self._at_end: set[Watcher] = set()
        self._observe: Callable[[Watcher, int, float], None] | None = None
        self.watchers: list[Watcher] = []
        for number in range(count):
            self._join(server, call_ids[number * len(call_ids) // count])

    def _join(self, server: Server, call_id: str) -> None:
        watcher = Watcher(self._loop, server.port, self._heard)
        if server.kind.watches:
            watcher.ask("watch", "{}")
            answer = watcher.ask("watch", json.dumps({"call_id": call_id}))
            if b'"error"' in answer:
                raise SystemExit(f"{server.kind.name} does not let anybody watch: {answer!r}")
        watcher.listen()
        self.watchers.append(watcher)

    def observe(self, observer: Callable[[Watcher, int, float], None]) -> None:
        """Call `observer(watcher, number, moment)` for everything that is heard."""
        self._observe = observer

    def expect(self, number: int) -> None:
        """Everybody has heard everything once they have heard this number: it was sent after all others."""
        self._end = b"~%d~" % number
        self._at_end.clear()

    @property
    def everybody_heard_the_end(self) -> bool:
        return len(self._at_end) == len(self.watchers)

    @property
    def cut_off(self) -> int:
        return sum(not watcher.is_open for watcher in self.watchers)

    def leave(self) -> None:
        for watcher in self.watchers:
            watcher.close()

    def _heard(self, watcher: Watcher, payload: bytes) -> None:
        if self._observe is not None:
            now = time.monotonic()
            for mark in MARK.findall(payload):
                self._observe(watcher, int(mark), now)
        if self._end is not None and self._end in payload:
            self._at_end.add(watcher)


class Delays:
    """How long after it was sent each number reached each watcher, in ms; what comes twice counts once."""

    def __init__(self, first_number: int) -> None:
        self._first = first_number
        self._sent_at = array("d")
        self._is_final = bytearray()
        self._seen: dict[Watcher, bytearray] = {}
        self.heard_ms = array("f")

    def sent(self, at: float, *, is_final: bool) -> None:
        """The next number was sent."""
        self._sent_at.append(at)
        self._is_final.append(is_final)

    def forget(self, index: int) -> None:
        """It was refused, and the provider would send it again: nobody has to hear of it."""
        self._is_final[index] = False

    def observe(self, watcher: Watcher, number: int, at: float) -> None:
        index = number - self._first
        if not 0 <= index < len(self._sent_at):
            return  # of the warm-up
        seen = self._seen.setdefault(watcher, bytearray())
        if len(seen) <= index:
            seen.extend(bytes(index + 1 - len(seen)))
        if not seen[index]:
            seen[index] = 1
            self.heard_ms.append((at - self._sent_at[index]) * 1_000)

    @property
    def finals(self) -> int:
        return sum(self._is_final)

    def missing_finals(self, watchers: Sequence[Watcher]) -> int:
        """Finals that did not reach somebody, once for everybody they did not reach."""
        missing = 0
        for watcher in watchers:
            seen = self._seen.get(watcher, bytearray())
            heard = sum(final & was_seen for final, was_seen in zip(self._is_final, seen, strict=False))
            missing += self.finals - heard
        return missing


def share(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies; 0 if there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
