"""Compares this checkout with an earlier one, both started in turn, with the same senders and watchers.

    .venv/bin/python -m bench.compare OTHER_CHECKOUT [--rounds 5] [--only throughput,carried,latency,wait,memory]

Both run with this checkout's Python environment. Prints the median of each figure, and the median of the ratios of each
round with their range. Needs Linux.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench import measures
from bench.crowd import share
from bench.load import Loop, Senders
from bench.measures import CALL, CONNECTIONS, QUICK, Size
from bench.servers import PRODUCT, Kind, Server
from bench.speech import Speech

Figures = Iterator[tuple[str, float]]
MIXED_FINALS_EVERY = 5
ALONE_GAP_S = 0.1

# What a figure of this checkout may be, over the figure of the other one.
BARS = {
    "mixed_per_s": (0.95, "least"),
    "interims_per_s": (0.95, "least"),
    "finals_per_s": (0.95, "least"),
    "carried_50_per_s": (0.95, "least"),
    "carried_200_per_s": (0.95, "least"),
    "latency_p99_ms": (0.6, "most"),
    "watcher_kb": (1.1, "most"),
}


def throughput(kind: Kind, folder: Path, size: Size) -> Figures:
    """Webhooks a second with one watcher: a fifth finals, interims alone, finals alone."""
    for name, requests_of in (("mixed", _mixed), ("interims", Speech.interims), ("finals", Speech.finals)):
        speech = Speech()
        with Server(kind, public_key=speech.public_key, folder=folder) as server:
            measures._begin(server, speech, [CALL])
            flood = measures._flood(server, speech, requests_of(speech, CALL, size.flood), size.flood_s, watchers=1)
        yield f"{name}_per_s", flood.count / flood.elapsed_s


def carried(kind: Kind, folder: Path, size: Size) -> Figures:
    """Webhooks a second times watchers, until the last watcher has the last word."""
    for watchers in size.crowds:
        for metric, _, value in measures.carried_by([kind], folder, size, watchers):
            yield metric, value


def latency(kind: Kind, folder: Path, size: Size) -> Figures:
    """From webhook to client, at 100 webhooks a second and 50 watchers."""
    speech = Speech()
    with Server(kind, public_key=speech.public_key, folder=folder) as server:
        measures._begin(server, speech, [CALL])
        delays = measures._talk_evenly(server, speech, per_s=100, seconds=size.paced_s, watchers=50)
    yield "latency_p50_ms", share(delays.heard_ms, 0.5)
    yield "latency_p99_ms", share(delays.heard_ms, 0.99)


def wait(kind: Kind, folder: Path, size: Size) -> Figures:
    """From a final to its answer: one alone, and at 100 a second."""
    speech = Speech()
    with Server(kind, public_key=speech.public_key, folder=folder) as server:
        measures._begin(server, speech, [CALL])
        measures._deliver(server, speech.finals(CALL, measures.WARM_UP), connections=CONNECTIONS)
        alone = median(_answer_times_ms(server, speech, gap_s=ALONE_GAP_S, count=int(size.paced_s / ALONE_GAP_S)))
        busy = median(_answer_times_ms(server, speech, gap_s=0.01, count=int(100 * size.paced_s)))
    yield "final_alone_ms", alone
    yield "final_at_100_per_s_ms", busy
    yield "final_busy_over_alone", busy / alone


def memory(kind: Kind, folder: Path, size: Size) -> Figures:
    """What one more idle watcher costs."""
    for _, _, value in measures.watcher_memory_of([kind], folder, size):
        yield "watcher_kb", value


MEASURES: dict[str, Callable[[Kind, Path, Size], Figures]] = {
    "throughput": throughput,
    "carried": carried,
    "latency": latency,
    "wait": wait,
    "memory": memory,
}


def main() -> int:
    options = _options()
    size = QUICK if options.quick else Size()
    kinds = (replace(PRODUCT, name="this"), replace(PRODUCT, name="other", root=options.other.resolve()))
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    gc.freeze()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="compare-") as folder:
        for number in range(options.rounds):
            for name in options.only:
                # The order changes, so that a drift of the machine favours neither.
                for kind in kinds if number % 2 else kinds[::-1]:
                    _note(began, f"round {number + 1} of {options.rounds}: {name}, {kind.name}")
                    for metric, value in MEASURES[name](kind, Path(folder), size):
                        figures[metric][kind.name].append(value)
    print("| figure | this | other | this over other, median (range) | bar |\n|---|---|---|---|---|")
    for metric, by_kind in figures.items():
        print(_row(metric, by_kind["this"], by_kind["other"]))
    return 0


def _row(metric: str, this: Sequence[float], other: Sequence[float]) -> str:
    ratios = [mine / theirs for mine, theirs in zip(this, other, strict=True)]
    bar = BARS.get(metric)
    is_met = bar is None or (median(ratios) >= bar[0] if bar[1] == "least" else median(ratios) <= bar[0])
    text = "" if bar is None else f"at {bar[1]} {bar[0]}: {'met' if is_met else 'MISSED'}"
    spread = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return f"| {metric} | {median(this):,.2f} | {median(other):,.2f} | {spread} | {text} |"


def _mixed(speech: Speech, call_id: str, count: int) -> list[bytes]:
    return [speech.words(call_id, is_final=number % MIXED_FINALS_EVERY == 0) for number in range(count)]


def _answer_times_ms(server: Server, speech: Speech, *, gap_s: float, count: int) -> list[float]:
    """Send finals at even gaps and time the answers, in ms."""
    loop, sent_at, times = Loop(), {}, []

    def on_answer(number: int, status: int) -> None:
        measures.accepted(number, status)
        times.append((time.monotonic() - sent_at[number]) * 1_000)

    senders = Senders(loop, server.port, CONNECTIONS, on_answer)
    began = time.monotonic()
    for number in range(count):
        request = speech.words(CALL, is_final=True)
        while (now := time.monotonic()) < began + number * gap_s:
            loop.turn(began + number * gap_s - now)
        sent_at[number] = time.monotonic()
        senders.send(number, request)
    loop.run_until(lambda: senders.busy == 0, timeout_s=measures.PATIENCE_S)
    senders.close()
    return times


def _note(began: float, words: str) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {words}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the folder of the other checkout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(MEASURES))
    parser.add_argument("--quick", action="store_true", help="a little of everything: does it work?")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
