"""Three hundred calls at once: what a busy day asks of one process, and whether its memory stays where it is."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path

from bench.crowd import Crowd, Delays, share
from bench.load import Loop, Senders
from bench.measures import Sample, accepted
from bench.servers import PRODUCT, Kind, Server
from bench.speech import Speech

CALLS = 300
TRACKS = ("inbound", "outbound")
INTERIMS_PER_S = 3.0
FINAL_EVERY_S = 4.0
WATCHERS = 20
CONNECTIONS = 128
LATE_S = 2.0
"""The provider waits this long for an answer (Telnyx contract 2.1)."""

PATIENCE_S = 60.0
CHECK_S = 0.5
WARM_UP_PART = 1 / 3
"""Of a run: caches fill until then, and memory is not judged."""

Turn = tuple[float, int, str, bool]
"""Who speaks when: seconds from the beginning, number of the call, track, and whether it is a final."""


@dataclass(slots=True)
class Answers:
    """What became of the webhooks. Numbers count from the first one sent."""

    delays: Delays
    due_at: list[float] = field(default_factory=list)
    refused: int = 0
    late: int = 0
    slowest_s: float = 0.0

    def take(self, number: int, status: int) -> None:
        took_s = time.monotonic() - self.due_at[number]
        self.slowest_s = max(self.slowest_s, took_s)
        self.late += took_s > LATE_S
        if status == 503:
            self.refused += 1
            self.delays.forget(number)
        else:
            accepted(number, status)


def turns(seconds: float) -> Iterator[Turn]:
    """Every lane speaks in its turn, so that the load is even."""
    lanes = [(call, track) for track in TRACKS for call in range(CALLS)]

    def evenly(per_s: float, *, is_final: bool) -> Iterator[Turn]:
        for number in range(int(per_s * seconds)):
            call, track = lanes[number % len(lanes)]
            yield number / per_s, call, track, is_final

    interims = evenly(len(lanes) * INTERIMS_PER_S, is_final=False)
    finals = evenly(len(lanes) / FINAL_EVERY_S, is_final=True)
    return merge(interims, finals)


def three_hundred(kinds: Sequence[Kind], folder: Path, seconds: float) -> Iterator[Sample]:
    """The load for so long: acknowledged finals that did not reach the disk or a watcher, delays, answers, memory."""
    if PRODUCT not in kinds:
        return
    speech = Speech()
    call_ids = [f"v3:bench-{number}" for number in range(CALLS)]
    database = folder / f"calls-{time.time_ns()}.sqlite3"
    with Server(PRODUCT, public_key=speech.public_key, folder=folder, database=database) as server:
        loop = Loop()
        _begin(loop, server, speech, call_ids)
        crowd = Crowd(loop, server, call_ids, WATCHERS)
        delays = Delays(speech.written)
        crowd.observe(delays.observe)
        answers = Answers(delays)
        senders = Senders(loop, server.port, CONNECTIONS, answers.take)
        waited_s = server.waited_s
        memory, sent_s = _play(loop, senders, speech, call_ids, answers, server, seconds)
        waited_s = server.waited_s - waited_s
        everybody = crowd.watchers
        _await_the_rest(loop, senders, lambda: delays.missing_finals(everybody) == 0)
        lost = delays.missing_finals(everybody) + max(0, delays.finals - _stored(database))
        crowd.leave()
        senders.close()
    if sent_s > seconds * 1.02:
        print(f"the load took {sent_s:.0f} s, not {seconds:.0f}: this machine is too busy for it", file=sys.stderr)
    yield "calls_lost", PRODUCT.name, lost
    yield "calls_refused", PRODUCT.name, answers.refused
    yield "calls_late", PRODUCT.name, answers.late
    yield "calls_slowest_s", PRODUCT.name, answers.slowest_s
    yield "calls_p50_ms", PRODUCT.name, share(delays.heard_ms, 0.5)
    yield "calls_p99_ms", PRODUCT.name, share(delays.heard_ms, 0.99)
    yield "calls_processor_percent", PRODUCT.name, 100 * _processor_share(memory)
    yield "calls_waited_percent", PRODUCT.name, 100 * waited_s / sent_s
    yield "memory_mb", PRODUCT.name, memory[-1][1] / 1e6
    yield "memory_slope_mb_per_h", PRODUCT.name, _slope(memory) * 3_600 / 1e6
    yield "memory_growth_percent", PRODUCT.name, _growth_percent(memory)


def _begin(loop: Loop, server: Server, speech: Speech, call_ids: Sequence[str]) -> None:
    senders = Senders(loop, server.port, 1, accepted)
    senders.send_all(request for call_id in call_ids for request in speech.beginning(call_id))
    if not loop.run_until(lambda: senders.busy == 0, timeout_s=60):
        raise SystemExit("the calls did not begin")
    senders.close()


Memory = list[tuple[float, float, float]]
"""(seconds from the beginning, resident bytes, seconds of processor so far), about once a second."""


def _play(
    loop: Loop,
    senders: Senders,
    speech: Speech,
    call_ids: Sequence[str],
    answers: Answers,
    server: Server,
    seconds: float,
) -> tuple[Memory, float]:
    """Signs each webhook just before it is due, for the signatures of an hour would be too old at its end."""
    memory: Memory = []
    began = time.monotonic()
    for number, (due_s, call, track, is_final) in enumerate(turns(seconds)):
        request = speech.words(call_ids[call], is_final=is_final, track=track)
        while (now := time.monotonic()) < began + due_s:
            loop.turn(began + due_s - now)
        if number % 8 == 0:
            loop.turn(0)  # also when the load is behind its time, somebody has to read
        answers.delays.sent(now, is_final=is_final)
        answers.due_at.append(now)
        senders.send(number, request)
        if not memory or now - began >= memory[-1][0] + 1:
            memory.append((now - began, server.memory_bytes, server.processor_s))
    return memory, time.monotonic() - began


def _await_the_rest(loop: Loop, senders: Senders, complete: Callable[[], bool]) -> None:
    """Whether all is complete is not asked at every turn: it is a long count."""
    deadline = time.monotonic() + PATIENCE_S
    while (senders.busy or not complete()) and time.monotonic() < deadline:
        loop.run_until(lambda: False, timeout_s=CHECK_S)


def _stored(database: Path) -> int:
    with sqlite3.connect(database) as connection:
        return int(connection.execute("SELECT count(*) FROM segments").fetchone()[0])


def _processor_share(memory: Memory) -> float:
    """Of one core."""
    (first_s, _, first_processor_s), (last_s, _, last_processor_s) = memory[0], memory[-1]
    return (last_processor_s - first_processor_s) / max(1e-9, last_s - first_s)


def _judged(memory: Memory) -> Memory:
    return memory[int(len(memory) * WARM_UP_PART) :]


def _slope(memory: Memory) -> float:
    """Bytes a second, by least squares, after the warm-up."""
    points = [(at, size) for at, size, _ in _judged(memory)]
    mean_at = sum(at for at, _ in points) / len(points)
    mean_size = sum(size for _, size in points) / len(points)
    spread = sum((at - mean_at) ** 2 for at, _ in points)
    return sum((at - mean_at) * (size - mean_size) for at, size in points) / spread if spread else 0.0


def _growth_percent(memory: Memory) -> float:
    """How much more the last third needs than the one before, by their medians."""
    sizes = [size for _, size, _ in _judged(memory)]
    half = len(sizes) // 2
    return 100 * (share(sizes[half:], 0.5) / share(sizes[:half], 0.5) - 1) if half else 0.0
