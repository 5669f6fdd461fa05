"""What is looked after now and then, for as long as the application lasts."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

Sleep = Callable[[float], None]


class _Over(BaseException):
    """Not an Exception: a task that takes those in its stride must not take this one."""


class Rounds:
    """Runs tasks that sleep between their rounds. Every sleep ends, and with it the task, when the rounds do."""

    def __init__(self, spawn: Callable[..., Any]) -> None:
        self._spawn = spawn
        self._over = Event()

    def start(self, task: Callable[[Sleep], Any]) -> None:
        self._spawn(self._run, task)

    def end(self) -> None:
        self._over.set()

    def _run(self, task: Callable[[Sleep], Any]) -> None:
        try:
            task(self._sleep)
        except _Over:
            pass

    def _sleep(self, seconds: float) -> None:
        if self._over.wait(seconds):
            raise _Over
