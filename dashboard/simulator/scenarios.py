"""Keeps calls coming: a lively demo that nobody has to attend, or a load of so many texts a second."""

from __future__ import annotations

import random
import time

from .call import SimCall
from .simulator import Simulator
from .speech.script import SCRIPTS

_LOOK_AROUND_S = 0.4
# A call that waits for an operator is answered by itself after this time, so an unattended demo goes on.
_PATIENCE_S = 15.0
# Texts that are due within one tick are sent together.
_LOAD_TICK_S = 0.01


class Demo:
    """`calls` calls at any time, each with its own language; `once` replaces none of them."""

    def __init__(self, simulator: Simulator, *, calls: int, once: bool, seed: int | None) -> None:
        self._simulator = simulator
        self._size = calls
        self._once = once
        self._rng = random.Random(seed)
        self._unused: list[str] = []
        self._opened = 0
        self._ended = False

    @property
    def over(self) -> bool:
        """Only with `once`: every call was placed and has ended."""
        return self._once and self._opened == self._size and not self._simulator.living_calls

    def begin(self) -> None:
        """Bring up the first calls within two seconds, most of them in the middle of their conversation."""
        spacing_s = min(0.25, 1.5 / self._size)
        for number in range(self._size):
            self._simulator.later(number * spacing_s, lambda number=number: self._open(number))  # type: ignore[misc]

    def end(self) -> None:
        """Hang up everywhere and place no more calls: nobody should be left talking in the dashboard's memory."""
        self._ended = True
        for call in self._simulator.living_calls:
            call.hang_up()

    def _open(self, number: int) -> None:
        self._opened += 1
        if number < max(1, self._size - self._size // 4):
            # Spread over the conversation, so that they do not all end together.
            start_at_s = 5.0 + 45.0 * number / self._size
            call = self._simulator.place_call(
                self._next_script(), auto_answer=0.3, transcribe=True, start_at=start_at_s, extras=True
            )
            self._end_if_late(call)
        else:
            self._place_newcomer()
        if self._opened == self._size and not self._once:
            self._simulator.later(_LOOK_AROUND_S, self._look_around)

    def _look_around(self) -> None:
        if self._ended:
            return
        if len(self._simulator.living_calls) < self._size:
            self._place_newcomer()
        self._simulator.later(_LOOK_AROUND_S, self._look_around)

    def _place_newcomer(self) -> None:
        """A call that rings: some wait for an operator, and one in four is transcribed only if somebody asks for it."""
        outgoing = self._rng.random() < 0.25
        waits = not outgoing and self._rng.random() < 0.5
        call = self._simulator.place_call(
            self._next_script(),
            "outgoing" if outgoing else "incoming",
            auto_answer=_PATIENCE_S if waits else self._rng.uniform(2.0, 5.0),
            transcribe=self._rng.random() < 0.75,
            extras=True,
        )
        self._end_if_late(call)

    def _end_if_late(self, call: SimCall) -> None:
        # `end` runs on another thread and may have missed a call that was just being placed.
        if self._ended:
            call.hang_up()

    def _next_script(self) -> str:
        if not self._unused:
            self._unused = self._rng.sample(list(SCRIPTS), len(SCRIPTS))
        return self._unused.pop()


class Load:
    """`calls` calls without pauses; together they make `per_second` transcription webhooks, interims and finals."""

    def __init__(self, simulator: Simulator, *, calls: int, per_second: float) -> None:
        self._simulator = simulator
        self._size = calls
        self._per_second = per_second
        self._calls: list[SimCall] = []
        self._turn = 0
        self._said = 0
        self._began_s = 0.0

    over = False

    def begin(self) -> None:
        names = list(SCRIPTS)
        self._calls = [
            self._simulator.place_call(names[n % len(names)], auto_answer=0.0, transcribe=True, paced=False)
            for n in range(self._size)
        ]
        self._simulator.later(0.2, self._first_tick)

    def end(self) -> None:
        for call in self._calls:
            call.hang_up()

    def _first_tick(self) -> None:
        self._began_s = time.monotonic()
        self._tick()

    def _tick(self) -> None:
        due = int((time.monotonic() - self._began_s) * self._per_second)
        while self._said < due and self._say_one():
            self._said += 1
        # What could not be said (everybody was told to stop) is not made up for later.
        self._said = due
        self._simulator.later(_LOAD_TICK_S, self._tick)

    def _say_one(self) -> bool:
        for _ in self._calls:
            self._turn = (self._turn + 1) % len(self._calls)
            if self._calls[self._turn].say_next():
                return True
        return False
