"""What a long call costs the page: the main-thread time of a line that comes, how evenly it scrolls, whether it moves.

    python -m bench.page [--lines 10000] [--new 50]

Drives a real Chromium at a real server. It reads the browser's own account of its main thread, and nothing of the
page's code.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.load import Loop, Senders
from bench.measures import accepted
from bench.servers import PRODUCT, Server
from bench.speech import Speech

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CALL = "v3:a-long-call"
CONNECTIONS = 16
SETTLED_MS = 150
"""Longer than a line takes to be drawn and painted, and shorter than the second of the clocks."""

BUDGET_MS = 16.0
SEND_S = 120.0

PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
FRAMES = """(down) => new Promise((done) => {
  const element = document.querySelector("live-transcript");
  const gaps = [];
  let last = null;
  const step = (now) => {
    if (last !== null) gaps.push(now - last);
    last = now;
    element.scrollTop += down ? 300 : -300;
    if (gaps.length < 120) requestAnimationFrame(step);
    else done(gaps);
  };
  requestAnimationFrame(step);
})"""
WHERE = """() => {
  const { left, top } = document.querySelector(".transcript__log").getBoundingClientRect();
  const view = document.querySelector("live-transcript").getBoundingClientRect();
  const row = document.elementFromPoint(left + 1, view.top + view.height / 2).closest(".segment");
  window.readRow ??= row;
  return window.readRow.getBoundingClientRect().top;
}"""


class Sender:
    """Puts lines into the call, each as a signed webhook, and waits until the server has them."""

    def __init__(self, server: Server, speech: Speech) -> None:
        self._loop = Loop()
        self._senders = Senders(self._loop, server.port, CONNECTIONS, accepted)
        self._speech = speech

    def send(self, requests: Sequence[bytes]) -> None:
        self._senders.send_all(requests)
        if not self._loop.run_until(lambda: self._senders.busy == 0, timeout_s=SEND_S):
            raise SystemExit("the server did not take the lines in time")

    def begin(self, lines: int) -> None:
        for request in self._speech.beginning(CALL):
            self.send([request])
        self.send(self._speech.finals(CALL, lines))

    def say(self) -> None:
        self.send([self._speech.words(CALL, is_final=True)])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--new", type=int, default=50)
    options = parser.parse_args()
    speech = Speech()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(PRODUCT, public_key=speech.public_key, folder=Path(folder)) as server,
        _browser() as browser,
    ):
        sender = Sender(server, speech)
        sender.begin(options.lines)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto(f"http://127.0.0.1:{server.port}/calls/{quote(CALL, safe='')}")
        page.locator("connection-status", has_text="Live").wait_for(timeout=60_000)
        page.wait_for_timeout(2_000)
        return _measure(page, sender, options.lines, options.new)


def _measure(page: Page, sender: Sender, lines: int, new: int) -> int:
    session = page.context.new_cdp_session(page)
    # Time that the thread ran, not time that passed: other programs on the machine are none of the page.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    print(f"{lines} lines, {new} new ones for each row; milliseconds of main thread for one line: p50, p95, worst")
    idle = _costs(page, session, lambda: None, new)
    print(f"  nothing comes          {_row(idle)}")
    following = _costs(page, session, sender.say, new)
    print(f"  the reader follows     {_row(following)}")
    page.locator("live-transcript").evaluate("(element) => { element.scrollTop = element.scrollHeight / 2; }")
    page.wait_for_timeout(500)
    before = page.evaluate(WHERE)
    away = _costs(page, session, sender.say, new)
    moved = page.evaluate(WHERE) - before
    print(f"  the reader is half-way {_row(away)}; what is read moved by {moved:g} px")
    for name, down in (("down", True), ("up", False)):
        gaps = sorted(page.evaluate(FRAMES, down))
        print(f"  scrolling {name:4}: {_row(gaps)} ms between frames")
    # The middle, because the clocks of the page, which tick once a second, fall into some of the windows.
    usual = _percentile(sorted(following + away), 50)
    print(f"a line costs {usual:.1f} ms, of {BUDGET_MS:.0f}")
    return 0 if usual <= BUDGET_MS and moved == 0 else 1


def _costs(page: Page, session: CDPSession, act: Callable[[], None], count: int) -> list[float]:
    """Main-thread time around each act, everything included: script, style, layout, paint."""
    costs = []
    for _ in range(count):
        page.evaluate(PAINTED)
        before = _task_ms(session)
        act()
        page.wait_for_timeout(SETTLED_MS)
        costs.append(_task_ms(session) - before)
    return sorted(costs)


def _task_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration") * 1000


def _row(ranked: Sequence[float]) -> str:
    figures = (_percentile(ranked, 50), _percentile(ranked, 95), ranked[-1])
    return ", ".join(f"{figure:.1f}" for figure in figures)


def _percentile(ranked: Sequence[float], percent: int) -> float:
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


@contextmanager
def _browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit("no Chromium: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
