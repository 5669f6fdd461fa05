"""A real Chromium, and its own account of what a page costs it. Knows nothing of the page's code.

Times of the main thread are times that it ran, not times that passed: other programs on the machine are none of the
page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
LIVE_MS = 60_000
FIRST_PAINT = """() => {
  const [visit] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { painted: paint.startTime, parsed: visit.domContentLoadedEventEnd, bytes: visit.transferSize };
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The first visit: until there was something to read, until all scripts had run, and what the main thread ran."""

    painted_ms: float
    parsed_ms: float
    main_thread_ms: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the page holds after its rubbish is collected. Nodes that are in no document count too."""

    heap_bytes: int
    nodes: int
    listeners: int


class Visit:
    """One open page and the two ways to ask about it: the thread of the page, and the browser for its trace."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 1000})
        self._session: CDPSession = self.page.context.new_cdp_session(self.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.messages = 0
        self.opening = self._open(address)

    def _open(self, address: str) -> Opening:
        self.page.on("websocket", lambda socket: socket.on("framereceived", lambda _: self._count()))
        self.page.goto(address)
        self.page.locator("connection-status", has_text="Live").wait_for(timeout=LIVE_MS)
        self.settle()
        told = self.page.evaluate(FIRST_PAINT)
        busy = self.busy_ms()
        return Opening(painted_ms=told["painted"], parsed_ms=told["parsed"], main_thread_ms=busy, bytes=told["bytes"])

    def _count(self) -> None:
        self.messages += 1

    def settle(self) -> None:
        """Waits until what is asked for so far is painted."""
        self.page.evaluate(PAINTED)
        self.page.evaluate(PAINTED)

    def busy_ms(self) -> float:
        """How long the main thread has run so far, everything included: script, style, layout, paint."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration") * 1000)

    def kept(self) -> Kept:
        for _ in range(2):  # what a first collection lets go of may hold more
            self._session.send("HeapProfiler.collectGarbage")
        counters = self._session.send("Memory.getDOMCounters")
        heap = self._session.send("Runtime.getHeapUsage")["usedSize"]
        return Kept(heap_bytes=int(heap), nodes=counters["nodes"], listeners=counters["jsEventListeners"])

    def tasks_ms(self, act: Callable[[], None]) -> list[float]:
        """The main-thread time of every task that ran while `act` did."""
        session = self._browser.new_browser_cdp_session()
        events: list[dict[str, Any]] = []
        ended: list[object] = []
        session.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
        session.on("Tracing.tracingComplete", lambda told: ended.append(told))
        config = {"includedCategories": ["toplevel", "disabled-by-default-devtools.timeline"]}
        session.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": config})
        act()
        session.send("Tracing.end")
        while not ended:
            self.page.wait_for_timeout(50)
        session.detach()
        return _tasks(events)


def _tasks(events: Sequence[dict[str, Any]]) -> list[float]:
    """In milliseconds; of the busiest renderer, which is the one with the page in it."""
    mains = {
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "thread_name" and each["args"].get("name") == "CrRendererMain"
    }
    ran: dict[tuple[int, int], list[float]] = {main: [] for main in mains}
    for each in events:
        main = (each["pid"], each["tid"])
        if main in ran and each["name"] == "RunTask" and "tdur" in each:
            ran[main].append(each["tdur"] / 1000)
    return max(ran.values(), key=sum, default=[])


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit("no Chromium: install one, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
