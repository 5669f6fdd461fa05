"""Real browsers at a real server, with the simulator as its Telnyx. Skipped where no Chromium is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.stage import SimulatedServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 10_000
DESK = {"width": 1440, "height": 1000}

NewPage = Callable[..., Page]


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


# Of this package, not of the session: Playwright keeps an event loop running, which other tests must not meet.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium: install one, or name it in CHROMIUM")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedServer]:
    with SimulatedServer(tmp_path_factory.mktemp("browser")) as stage:
        yield stage


@pytest.fixture
def stage(shared_stage: SimulatedServer) -> Iterator[SimulatedServer]:
    """One server for all tests. Each test has calls of its own, which end with it."""
    yield shared_stage
    shared_stage.hang_up_calls()


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[Callable[..., SimulatedServer]]:
    """A separate server, to be killed or to have passwords."""
    made: list[SimulatedServer] = []

    def start(**environment: str) -> SimulatedServer:
        made.append(SimulatedServer(tmp_path, **environment))
        made[-1].__enter__()
        return made[-1]

    yield start
    for stage in made:
        stage.__exit__()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Pages in separate contexts. A script error on any of them fails the test."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def open_page(address: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda message: failures.extend(_complaints(message)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not failures


def _complaints(message: ConsoleMessage) -> list[str]:
    # The browser itself logs answers other than 2xx and lost connections.
    expected = ("Failed to load resource", "WebSocket connection to")
    return [message.text] if message.type == "error" and not message.text.startswith(expected) else []
