"""What goes its rounds stops with the application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from dashboard import create_app
from dashboard.services.background import Rounds
from dashboard.settings import Settings


def spawn(function: Callable[..., Any], *arguments: Any) -> Thread:
    thread = Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def test_a_task_sleeps_as_long_as_it_wants_and_ends_with_the_rounds() -> None:
    started: list[Thread] = []
    rounds, slept, asleep = Rounds(lambda *task: started.append(spawn(*task))), Event(), Event()

    def task(sleep: Callable[[float], None]) -> None:
        sleep(0.001)
        slept.set()
        try:
            asleep.set()
            sleep(600)
        except Exception:
            sleep(600)

    rounds.start(task)
    assert slept.wait(5) and asleep.wait(5)
    assert started[0].is_alive()
    rounds.end()
    started[0].join(5)
    assert not started[0].is_alive()


def test_nothing_of_an_application_runs_on_when_it_is_shut_down(settings: Settings) -> None:
    before = set(threading.enumerate())
    app = create_app(settings)
    tasks = set(threading.enumerate()) - before
    assert len(tasks) > 5
    app.extensions["shut_down"]()
    for task in tasks:
        task.join(5)
    assert [task.name for task in tasks if task.is_alive()] == []


def test_a_stop_that_fails_keeps_nothing_from_ending(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database may be away just then, and a server that waits for it is killed with what it had accepted."""

    def away() -> None:
        raise OSError("no database")

    app = create_app(replace(settings, stop_on_shutdown=True))
    monkeypatch.setattr(app.extensions["steward"], "stop_all", away)
    app.extensions["shut_down"]()
    assert app.extensions["store"]._writer.is_closed
    assert "was not stopped: OSError" in caplog.text
