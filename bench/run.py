"""Runs the benchmark: every server in turn, again and again, and in the end one table.

    make bench
    .venv/bin/python -m bench.run [--quick] [--rounds 3] [--only throughput,latency] [--minutes 60]

Everything stays on this machine. A busy machine shifts all figures: believe the ratios within a run. Needs Linux.
"""

from __future__ import annotations

import argparse
import gc
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import measures
from bench.calls import three_hundred
from bench.measures import QUICK, Sample, Size
from bench.servers import Kind, installed
from bench.table import figures, verdicts

Measure = Callable[[Sequence[Kind], Path, Size], Iterator[Sample]]

ROUNDS: dict[str, Measure] = {
    "start": measures.start,
    "throughput": measures.throughput,
    "carried": measures.carried,
    "latency": measures.latency,
    "memory": measures.watcher_memory,
    "stored": measures.stored,
}
"""Measured in every round, in this order."""

CALLS = "calls"
"""Measured once, for longer."""

CALLS_S = 180.0
QUICK_CALLS_S = 20.0


def main() -> int:
    options = _options()
    only = options.only or (*ROUNDS, CALLS)
    size = QUICK if options.quick else Size()
    seconds = 60 * options.minutes if options.minutes else QUICK_CALLS_S if options.quick else CALLS_S
    kinds = installed()
    samples: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    began = time.monotonic()
    gc.freeze()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for number in range(options.rounds):
            for name in filter(only.__contains__, ROUNDS):
                _note(began, f"round {number + 1} of {options.rounds}: {name}")
                _collect(samples, ROUNDS[name](kinds, Path(folder), size))
        if CALLS in only:
            _note(began, f"300 calls at once, for {seconds:.0f} s")
            _collect(samples, three_hundred(kinds, Path(folder), seconds))
    _note(began, "done")
    print(f"Python {platform.python_version()}, {options.rounds} rounds in alternation: median (least to most)\n")
    print("\n".join(figures(samples)))
    print("\n".join(verdicts(samples)))
    return 0


def _collect(samples: dict[str, dict[str, list[float]]], found: Iterator[Sample]) -> None:
    for metric, name, value in found:
        samples[metric][name].append(value)


def _note(began: float, words: str) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {words}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="how often each server has its turn (3, and 1 with --quick)")
    parser.add_argument("--only", type=_names, help=f"some of {', '.join((*ROUNDS, CALLS))}")
    parser.add_argument("--quick", action="store_true", help="a little of everything: does it work?")
    parser.add_argument("--minutes", type=float, help="how long the 300 calls are (3)")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in (*ROUNDS, CALLS)]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join((*ROUNDS, CALLS))}")
    return names


if __name__ == "__main__":
    sys.exit(main())
