"""What goes its rounds stops with the application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest

from dashboard import create_app
from dashboard.services.background import PeriodicTasks
from dashboard.settings import Settings
from tests.conftest import services_of


def spawn(function: Callable[..., Any], *arguments: Any) -> Thread:
    thread = Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def test_a_task_sleeps_as_long_as_it_wants_and_ends_with_the_rounds() -> None:
    started: list[Thread] = []
    tasks, slept, asleep = PeriodicTasks(lambda *task: started.append(spawn(*task))), Event(), Event()

    def job() -> None:
        tasks.sleep(0.001)
        slept.set()
        try:
            asleep.set()
            tasks.sleep(600)
        except Exception:
            tasks.sleep(600)

    tasks.every(600, job, name="sleeper", at_start=True)
    assert slept.wait(5) and asleep.wait(5)
    assert started[0].is_alive()
    tasks.stop()
    started[0].join(5)
    assert not started[0].is_alive()


def test_a_job_that_fails_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    tasks, turns, again = PeriodicTasks(spawn), [], Event()

    def job() -> None:
        turns.append(len(turns))
        if len(turns) > 1:
            again.set()
        raise OSError("secret words")

    tasks.every(0.001, job, name="fails")
    assert again.wait(5)
    tasks.stop()
    assert "background task failed: task=fails error=OSError" in caplog.text and "secret" not in caplog.text


def test_nothing_of_an_application_runs_on_when_it_is_shut_down(settings: Settings) -> None:
    before = set(threading.enumerate())
    app = create_app(settings)
    tasks = set(threading.enumerate()) - before
    assert len(tasks) > 5
    services_of(app).close()
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
    monkeypatch.setattr(services_of(app).automation, "stop_all", away)
    services_of(app).close()
    assert services_of(app).store._writer.is_closed
    assert "not stopped: error=OSError" in caplog.text
