"""What a long call costs the page: a line that comes, interims, scrolling, opening it; and whether what is read moves.

    python -m bench.page [--lines 10000] [--new 50] [--interims 5000]

Drives a real Chromium at a real server, and ends with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from bench.browser import Visit, chromium
from bench.load import Loop, Senders
from bench.measures import accepted
from bench.servers import PRODUCT, Server
from bench.speech import Speech

CALL = "v3:a-long-call"
CONNECTIONS = 16
SETTLED_MS = 150
"""Longer than a line takes to be drawn and painted, and shorter than the second of the clocks."""

SEND_S = 120.0
PATIENCE_MS = 2_000

LINE_MS = 16.0
LATE_FRAME_MS = 50.0
LONG_TASK_MS = 50.0
HEAP_MB = 0.25
NODES = 20
"""Growth that a second look at the same page shows too: a node that was just replaced is not collected yet."""

FIRST_PAINT_MS = 2_500.0

SCROLL_PX = 1_200
SCROLL = """([down, by]) => new Promise((done) => {
  const element = document.querySelector("live-transcript");
  const gaps = [];
  let last = null;
  const step = (now) => {
    if (last !== null) gaps.push(now - last);
    last = now;
    const before = element.scrollTop;
    element.scrollTop += down ? by : -by;
    if (element.scrollTop !== before) requestAnimationFrame(step);
    else done(gaps);
  };
  requestAnimationFrame(step);
})"""
TO_THE_MIDDLE = "(element) => { element.scrollTop = element.scrollHeight / 2; }"
TO_THE_END = "(element) => { element.scrollTop = element.scrollHeight; }"
WHERE = """() => {
  const { left } = document.querySelector(".transcript__log").getBoundingClientRect();
  const view = document.querySelector("live-transcript").getBoundingClientRect();
  const row = document.elementFromPoint(left + 1, view.top + view.height / 2).closest(".segment");
  window.readRow ??= row;
  return window.readRow.getBoundingClientRect().top;
}"""


@dataclass(frozen=True, slots=True)
class Bar:
    title: str
    measured: float
    limit: float

    @property
    def is_met(self) -> bool:
        return self.measured <= self.limit


class Sender:
    """Puts lines into the call, each as a signed webhook, and waits until the server has them."""

    def __init__(self, server: Server, speech: Speech) -> None:
        self._server = server
        self._speech = speech
        self._connect()

    def _connect(self) -> None:
        self._loop = Loop()
        self._senders = Senders(self._loop, self._server.port, CONNECTIONS, accepted)

    def send(self, requests: Sequence[bytes]) -> None:
        try:
            self._senders.send_all(requests)
            self._wait()
        except ConnectionError:
            # The server closes connections that were quiet for long, as they are while the page is scrolled.
            self._connect()
            self._senders.send_all(requests)
            self._wait()

    def _wait(self) -> None:
        if not self._loop.run_until(lambda: self._senders.busy == 0, timeout_s=SEND_S):
            raise SystemExit("the server did not take the lines in time")

    def begin(self, lines: int) -> None:
        for request in self._speech.beginning(CALL):
            self.send([request])
        self.send(self._speech.finals(CALL, lines))

    def say(self, *, is_final: bool = True) -> None:
        self.send([self._speech.words(CALL, is_final=is_final)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--new", type=int, default=50)
    parser.add_argument("--interims", type=int, default=5_000)
    options = parser.parse_args()
    speech = Speech()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(PRODUCT, public_key=speech.public_key, folder=Path(folder)) as server,
        chromium() as browser,
    ):
        sender = Sender(server, speech)
        sender.begin(options.lines)
        visit = Visit(browser, f"http://127.0.0.1:{server.port}/calls/{quote(CALL, safe='')}")
        visit.page.wait_for_timeout(PATIENCE_MS)
        print(f"{options.lines} lines in the call; milliseconds as p50, p95, worst")
        bars = [
            *_opening(visit),
            *_lines(visit, sender, options.new),
            *_interims(visit, sender, options.interims),
            *_scrolling(visit),
        ]
    print("\n| bar | limit | measured | met |\n|---|---|---|---|")
    for bar in bars:
        print(f"| {bar.title} | ≤ {bar.limit:g} | {bar.measured:.2f} | {'yes' if bar.is_met else '**no**'} |")
    return 0 if all(bar.is_met for bar in bars) else 1


def _opening(visit: Visit) -> Iterator[Bar]:
    opening = visit.opening
    print(
        f"  opening: painted after {opening.painted_ms:.0f} ms, scripts run after {opening.parsed_ms:.0f} ms, "
        f"{opening.main_thread_ms:.0f} ms of main thread, {opening.bytes / 1000:.0f} kB"
    )
    yield Bar("first paint, ms", opening.painted_ms, FIRST_PAINT_MS)


def _lines(visit: Visit, sender: Sender, count: int) -> Iterator[Bar]:
    print("  main thread of one line:")
    idle = _costs(visit, lambda: None, count)
    print(f"    nothing comes          {_row(idle)}")
    following = _costs(visit, sender.say, count)
    print(f"    the reader follows     {_row(following)}")
    visit.page.locator("live-transcript").evaluate(TO_THE_MIDDLE)
    visit.page.wait_for_timeout(500)
    before = visit.page.evaluate(WHERE)
    away = _costs(visit, sender.say, count)
    moved = abs(visit.page.evaluate(WHERE) - before)
    print(f"    the reader is half-way {_row(away)}; what is read moved by {moved:g} px")
    yield Bar("a line while the reader follows, p95 ms", _percentile(following, 95), LINE_MS)
    yield Bar("a line while the reader is half-way, p95 ms", _percentile(away, 95), LINE_MS)
    yield Bar("a reader half-way is moved by, px", moved, 0)


def _interims(visit: Visit, sender: Sender, count: int) -> Iterator[Bar]:
    """With one interim open before and after, so that the same rows are there."""
    visit.page.locator("live-transcript").evaluate(TO_THE_END)
    sender.say(is_final=False)
    visit.page.wait_for_timeout(PATIENCE_MS)
    before = visit.kept()
    told = visit.messages
    for _ in range(count):
        sender.say(is_final=False)
    visit.page.wait_for_timeout(PATIENCE_MS)
    after = visit.kept()
    grown_mb = (after.heap_bytes - before.heap_bytes) / 1e6
    print(
        f"  {count} interims in {visit.messages - told} messages: heap {before.heap_bytes / 1e6:.2f} MB, "
        f"then {after.heap_bytes / 1e6:.2f}; nodes {before.nodes}, then {after.nodes}; "
        f"listeners {before.listeners}, then {after.listeners}"
    )
    yield Bar(f"heap after {count} interims, MB more", grown_mb, HEAP_MB)
    yield Bar("nodes after them, more", after.nodes - before.nodes, NODES)
    yield Bar("listeners after them, more", after.listeners - before.listeners, 0)


def _scrolling(visit: Visit) -> Iterator[Bar]:
    """Through the whole call: up it is new to the browser, down it has seen it."""
    gaps: list[float] = []
    tasks: list[float] = []
    for name, down in (("up", False), ("down", True)):
        passed: list[float] = []
        tasks += visit.tasks_ms(partial(_scroll, visit, down, passed))
        print(f"  scrolling {name:4} through {len(passed)} frames: {_row(sorted(passed))} ms between them")
        gaps += passed
    late = 100 * sum(gap > LATE_FRAME_MS for gap in gaps) / len(gaps)
    print(f"  tasks of the main thread meanwhile: {_row(sorted(tasks))}")
    yield Bar("frames later than 50 ms while scrolling, %", late, 1)
    yield Bar("tasks longer than 50 ms while scrolling", sum(task > LONG_TASK_MS for task in tasks), 0)


def _scroll(visit: Visit, down: bool, gaps: list[float]) -> None:
    gaps += visit.page.evaluate(SCROLL, [down, SCROLL_PX])


def _costs(visit: Visit, act: Callable[[], None], count: int) -> list[float]:
    """Main-thread time around each act, in order of size."""
    costs = []
    for _ in range(count):
        visit.settle()
        before = visit.busy_ms()
        act()
        visit.page.wait_for_timeout(SETTLED_MS)
        costs.append(visit.busy_ms() - before)
    return sorted(costs)


def _row(ranked: Sequence[float]) -> str:
    figures = (_percentile(ranked, 50), _percentile(ranked, 95), ranked[-1])
    return ", ".join(f"{figure:.1f}" for figure in figures)


def _percentile(ranked: Sequence[float], percent: int) -> float:
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


if __name__ == "__main__":
    sys.exit(main())
