"""What is measured: each function starts servers, loads them once and yields (metric, name of the server, value)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.crowd import Crowd, Delays, share
from bench.fill import LINES, fill
from bench.load import Loop, Senders
from bench.servers import BARE, EVENTLET, GEVENT, NODE, PRODUCT, Kind, Server
from bench.speech import Speech

Sample = tuple[str, str, float]

CALL = "v3:bench-0"
CONNECTIONS = 32
WARM_UP = 500
PATIENCE_S = 60.0
EMPTY, FULL = "nearly empty store", "full store"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent. Everything is bounded in number or in time."""

    flood: int = 12_000
    flood_s: float = 3.0
    crowds: tuple[int, ...] = (50, 200)
    paced_s: float = 6.0
    idle_watchers: int = 300
    segments: int = 1_000_000
    repeats: int = 150


QUICK = Size(flood=3_000, flood_s=1.0, paced_s=2.0, idle_watchers=100, segments=100_000, repeats=50)


def throughput(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """Webhooks a second with one watcher: all finals, then all interims."""
    for kind in _those(kinds, PRODUCT, EVENTLET, GEVENT, NODE, BARE):
        for metric, make in (("finals", Speech.finals), ("interims", Speech.interims)):
            speech = Speech()
            with Server(kind, public_key=speech.public_key, folder=folder) as server:
                _begin(server, speech, [CALL])
                requests = make(speech, CALL, size.flood)
                flood = _flood(server, speech, requests, size.flood_s, watchers=1 if kind.tells else 0)
            yield f"{metric}_per_s", kind.name, flood.count / flood.elapsed_s
            yield f"{metric}_processor_us", kind.name, flood.processor_s / flood.count * 1e6


def carried(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """Webhooks a second times watchers, until the last watcher has heard the last word."""
    for watchers in size.crowds:
        yield from carried_by(_those(kinds, PRODUCT, NODE, EVENTLET), folder, size, watchers)


def carried_by(kinds: Sequence[Kind], folder: Path, size: Size, watchers: int) -> Iterator[Sample]:
    """The same, for these servers and so many watchers."""
    for kind in kinds:
        speech = Speech()
        with Server(kind, public_key=speech.public_key, folder=folder) as server:
            _begin(server, speech, [CALL])
            flood = _flood(server, speech, speech.talk(CALL, size.flood), size.flood_s, watchers=watchers)
        yield f"carried_{watchers}_per_s", kind.name, flood.count * watchers / flood.elapsed_s


def latency(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """From sending a webhook to hearing it, at 100 webhooks a second and 50 watchers."""
    for kind in _those(kinds, PRODUCT, NODE, EVENTLET, GEVENT):
        speech = Speech()
        with Server(kind, public_key=speech.public_key, folder=folder) as server:
            _begin(server, speech, [CALL])
            delays = _talk_evenly(server, speech, per_s=100, seconds=size.paced_s, watchers=50)
        yield "latency_p50_ms", kind.name, share(delays.heard_ms, 0.5)
        yield "latency_p99_ms", kind.name, share(delays.heard_ms, 0.99)


def watcher_memory(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """What one more idle watcher costs."""
    yield from watcher_memory_of(_those(kinds, PRODUCT, NODE, EVENTLET), folder, size)


def watcher_memory_of(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """The same, for these servers."""
    for kind in kinds:
        speech = Speech()
        with Server(kind, public_key=speech.public_key, folder=folder) as server:
            _begin(server, speech, [CALL])
            loop = Loop()
            few = Crowd(loop, server, [CALL], 20)
            before = _settled_memory(loop, server)
            many = Crowd(loop, server, [CALL], size.idle_watchers)
            after = _settled_memory(loop, server)
            for crowd in (few, many):
                crowd.leave()
        yield "watcher_kb", kind.name, (after - before) / size.idle_watchers / 1_000


def stored(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """One webhook and one page, with a full store and with one that holds only the calls this page shows.

    Both servers run at once and are asked in turn: what else the machine does meanwhile hits both alike.
    """
    if PRODUCT not in kinds:
        return
    speech = Speech()
    files = {EMPTY: folder / "empty.sqlite3", FULL: folder / "full.sqlite3"}
    for name, segments in ((EMPTY, 50 * LINES), (FULL, size.segments)):
        if not files[name].exists():
            fill(files[name], segments)
    key = speech.public_key
    with (
        Server(PRODUCT, public_key=key, folder=folder, database=files[EMPTY]) as empty,
        Server(PRODUCT, public_key=key, folder=folder, database=files[FULL]) as full,
    ):
        servers = {EMPTY: empty, FULL: full}
        call_id = f"v3:bench-{time.time_ns()}"
        for server in servers.values():
            _begin(server, speech, [call_id])
            _deliver(server, speech.finals(call_id, 200))
        webhooks: dict[str, list[float]] = {name: [] for name in servers}
        pages: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(size.repeats):
            final = [speech.words(call_id, is_final=True)]
            for name, server in servers.items():
                webhooks[name].append(_timed_ms(_deliver, server, final))
                pages[name].append(_timed_ms(server.get, f"/calls/{call_id}"))
    for name in servers:
        yield "webhook_ms", name, share(webhooks[name], 0.5)
        yield "page_ms", name, share(pages[name], 0.5)


def start(kinds: Sequence[Kind], folder: Path, size: Size) -> Iterator[Sample]:
    """From the command to the first answer, with a database that has to be made first."""
    for kind in _those(kinds, PRODUCT, EVENTLET, NODE):
        with Server(kind, public_key=Speech().public_key, folder=folder) as server:
            yield "start_s", kind.name, server.started_in_s


# --- the parts they are made of -------------------------------------------------------------------------------------


def _those(kinds: Iterable[Kind], *wanted: Kind) -> list[Kind]:
    return [kind for kind in kinds if kind in wanted]


def _begin(server: Server, speech: Speech, call_ids: Iterable[str]) -> None:
    """Let the calls begin, and the server warm up."""
    _deliver(server, [request for call_id in call_ids for request in speech.beginning(call_id)], connections=1)


def _deliver(server: Server, requests: Sequence[bytes], *, connections: int = 1) -> None:
    """Send everything, and wait for every answer."""
    loop = Loop()
    senders = Senders(loop, server.port, min(connections, len(requests)), accepted)
    senders.send_all(requests)
    if not loop.run_until(lambda: senders.busy == 0, timeout_s=PATIENCE_S):
        raise SystemExit(f"{server.kind.name} did not answer within {PATIENCE_S:.0f} s")
    senders.close()


def accepted(number: int, status: int) -> None:
    if status not in (200, 204):
        raise SystemExit(f"webhook {number} was answered with {status}")


@dataclass(frozen=True, slots=True)
class Flood:
    """What was sent, until when all of it was heard by all, and what it cost the server."""

    count: int
    elapsed_s: float
    processor_s: float


def _flood(server: Server, speech: Speech, requests: Sequence[bytes], seconds: float, *, watchers: int) -> Flood:
    """Send as fast as answers come, for so long at most, and wait until everybody has heard the last of it."""
    loop = Loop()
    _deliver(server, speech.talk(CALL, WARM_UP), connections=CONNECTIONS)
    crowd = Crowd(loop, server, [CALL], watchers)
    senders = Senders(loop, server.port, CONNECTIONS, accepted)
    last = speech.words(CALL, is_final=True)
    crowd.expect(speech.written - 1)
    processor_s, began = server.processor_s, time.monotonic()
    senders.send_all(requests)
    loop.run_until(lambda: senders.busy == 0, timeout_s=seconds)
    count = len(requests) - senders.drop_waiting()
    loop.run_until(lambda: senders.busy == 0, timeout_s=PATIENCE_S)
    senders.send(count, last)
    done = loop.run_until(lambda: senders.busy == 0 and crowd.everybody_heard_the_end, timeout_s=PATIENCE_S)
    elapsed_s = time.monotonic() - began
    if not done:
        raise SystemExit(f"{server.kind.name} did not tell everybody; {crowd.cut_off} were cut off")
    crowd.leave()
    senders.close()
    return Flood(count, elapsed_s, server.processor_s - processor_s)


def _talk_evenly(server: Server, speech: Speech, *, per_s: float, seconds: float, watchers: int) -> Delays:
    loop = Loop()
    _deliver(server, speech.talk(CALL, WARM_UP), connections=CONNECTIONS)
    crowd = Crowd(loop, server, [CALL], watchers)
    delays = Delays(speech.written)
    crowd.observe(delays.observe)
    senders = Senders(loop, server.port, CONNECTIONS, accepted)
    began, count = time.monotonic(), int(per_s * seconds)
    for number in range(count):
        is_final = number % 13 == 12
        request = speech.words(CALL, is_final=is_final)
        while (now := time.monotonic()) < began + number / per_s:
            loop.turn(began + number / per_s - now)
        delays.sent(now, is_final=is_final)
        senders.send(number, request)
    everybody = crowd.watchers
    loop.run_until(lambda: senders.busy == 0 and not delays.missing_finals(everybody), timeout_s=5)
    if missing := delays.missing_finals(everybody):
        raise SystemExit(f"{server.kind.name} lost {missing} finals on the way to its watchers")
    crowd.leave()
    senders.close()
    return delays


def _settled_memory(loop: Loop, server: Server) -> int:
    """The least of two seconds: what is left when garbage was collected."""
    found: list[int] = []
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        loop.turn(0.2)
        found.append(server.memory_bytes)
    return min(found)


def _timed_ms(action: Callable[..., object], *arguments: object) -> float:
    began = time.monotonic()
    action(*arguments)
    return (time.monotonic() - began) * 1_000
