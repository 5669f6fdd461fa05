"""The demo and the load, without the command line around them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dashboard.simulator import Simulator
from dashboard.simulator.scenarios import DemoScenario

from .conftest import Sink


def test_a_call_that_ended_is_replaced(simulate: Callable[..., Simulator]) -> None:
    simulator = simulate(speed=1.0)
    demo = DemoScenario(simulator, calls=3, once=False, seed=1)
    demo.start()
    assert simulator.wait_until(lambda s: len(s.active_calls) == 3)
    simulator.active_calls[0].hang_up()
    assert simulator.wait_until(lambda s: len(s.calls) == 4)
    assert len(simulator.active_calls) == 3


def test_the_first_calls_speak_different_languages_from_the_middle(simulate: Callable[..., Simulator]) -> None:
    simulator = simulate(speed=1.0)
    DemoScenario(simulator, calls=8, once=False, seed=1).start()
    assert simulator.wait_until(lambda s: len(s.calls) == 8)
    plans = [call.plan for call in simulator.active_calls]
    assert len({plan.spoken_script for plan in plans}) == 8
    started = [plan for plan in plans if plan.start_at_s > 0]
    assert len(started) == 6
    assert all(plan.transcription is not None and plan.transcription.has_interims for plan in started)
    assert all(plan.transcription.tracks == ("inbound", "outbound") for plan in started if plan.transcription)


def test_after_the_end_no_call_is_alive_or_placed(simulate: Callable[..., Simulator], sink: Sink) -> None:
    simulator = simulate(speed=1.0)
    demo = DemoScenario(simulator, calls=3, once=False, seed=1)
    demo.start()
    assert simulator.wait_until(lambda s: len(s.active_calls) == 3)
    demo.stop()
    looked_around = threading.Event()
    # Later than the demo's next look around, on the same thread.
    simulator.run_later(0.6, looked_around.set)
    assert looked_around.wait(5.0)
    assert simulator.active_calls == [] and len(simulator.calls) == 3


def test_a_demo_ended_early_leaves_no_late_comer(simulate: Callable[..., Simulator]) -> None:
    simulator = simulate(speed=1.0)
    demo = DemoScenario(simulator, calls=3, once=False, seed=1)
    demo.start()
    assert simulator.wait_until(lambda s: len(s.calls) == 1)
    demo.stop()
    assert simulator.wait_until(lambda s: len(s.calls) == 3)
    assert simulator.wait_until(lambda s: not s.active_calls)
