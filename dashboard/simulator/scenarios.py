"""Places calls: a demo that runs by itself, or a load of so many texts a second."""

from __future__ import annotations

import random
import time

from .call import SimCall
from .simulator import Simulator
from .speech.script import SCRIPTS

_REPLACE_INTERVAL_S = 0.4
# A call that waits for an operator is answered by itself after this time, so an unattended demo goes on.
_OPERATOR_WAIT_S = 15.0
# Texts that are due within one tick are sent together.
_LOAD_TICK_S = 0.01


class DemoScenario:
    """`calls` calls at any time, each with its own language; `once` replaces none of them."""

    def __init__(self, simulator: Simulator, *, calls: int, once: bool, seed: int | None) -> None:
        self._simulator = simulator
        self._call_count = calls
        self._once = once
        self._rng = random.Random(seed)
        self._unused_scripts: list[str] = []
        self._opened_count = 0
        self._is_stopped = False

    @property
    def is_over(self) -> bool:
        """Only with `once`: every call was placed and has ended."""
        return self._once and self._opened_count == self._call_count and not self._simulator.active_calls

    def start(self) -> None:
        """Bring up the first calls within two seconds, most of them in the middle of their conversation."""
        spacing_s = min(0.25, 1.5 / self._call_count)
        for number in range(self._call_count):
            self._simulator.run_later(number * spacing_s, lambda number=number: self._open_call(number))  # type: ignore[misc]

    def stop(self) -> None:
        """Hang up all calls and place no more, so that none stays open in the dashboard."""
        self._is_stopped = True
        for call in self._simulator.active_calls:
            call.hang_up()

    def _open_call(self, number: int) -> None:
        self._opened_count += 1
        if number < max(1, self._call_count - self._call_count // 4):
            # Spread over the conversation, so that they do not all end together.
            start_at_s = 5.0 + 45.0 * number / self._call_count
            call = self._simulator.place_call(
                self._next_script(), auto_answer=0.3, transcribe=True, start_at=start_at_s, extras=True
            )
            self._hang_up_if_stopped(call)
        else:
            self._place_ringing_call()
        if self._opened_count == self._call_count and not self._once:
            self._simulator.run_later(_REPLACE_INTERVAL_S, self._replace_ended_calls)

    def _replace_ended_calls(self) -> None:
        if self._is_stopped:
            return
        if len(self._simulator.active_calls) < self._call_count:
            self._place_ringing_call()
        self._simulator.run_later(_REPLACE_INTERVAL_S, self._replace_ended_calls)

    def _place_ringing_call(self) -> None:
        """A call that rings: some wait for an operator, and one in four is transcribed only on request."""
        outgoing = self._rng.random() < 0.25
        waits = not outgoing and self._rng.random() < 0.5
        call = self._simulator.place_call(
            self._next_script(),
            "outgoing" if outgoing else "incoming",
            auto_answer=_OPERATOR_WAIT_S if waits else self._rng.uniform(2.0, 5.0),
            transcribe=self._rng.random() < 0.75,
            extras=True,
        )
        self._hang_up_if_stopped(call)

    def _hang_up_if_stopped(self, call: SimCall) -> None:
        # `end` runs on another thread and may have missed a call that was just being placed.
        if self._is_stopped:
            call.hang_up()

    def _next_script(self) -> str:
        if not self._unused_scripts:
            self._unused_scripts = self._rng.sample(list(SCRIPTS), len(SCRIPTS))
        return self._unused_scripts.pop()


class LoadScenario:
    """`calls` calls without pauses; together they make `per_second` transcription webhooks, interims and finals."""

    def __init__(self, simulator: Simulator, *, calls: int, per_second: float) -> None:
        self._simulator = simulator
        self._call_count = calls
        self._per_second = per_second
        self._calls: list[SimCall] = []
        self._call_index = 0
        self._said_count = 0
        self._started_at = 0.0

    is_over = False

    def start(self) -> None:
        names = list(SCRIPTS)
        self._calls = [
            self._simulator.place_call(names[n % len(names)], auto_answer=0.0, transcribe=True, paced=False)
            for n in range(self._call_count)
        ]
        self._simulator.run_later(0.2, self._start_ticking)

    def stop(self) -> None:
        for call in self._calls:
            call.hang_up()

    def _start_ticking(self) -> None:
        self._started_at = time.monotonic()
        self._say_due_results()

    def _say_due_results(self) -> None:
        due = int((time.monotonic() - self._started_at) * self._per_second)
        while self._said_count < due and self._say_next():
            self._said_count += 1
        # Speech that was due after the stop is dropped.
        self._said_count = due
        self._simulator.run_later(_LOAD_TICK_S, self._say_due_results)

    def _say_next(self) -> bool:
        for _ in self._calls:
            self._call_index = (self._call_index + 1) % len(self._calls)
            if self._calls[self._call_index].say_next():
                return True
        return False
