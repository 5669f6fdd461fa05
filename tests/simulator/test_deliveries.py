"""Deliveries: what is repeated and how, and the bad manners that a real network has too."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dashboard.simulator import DeliveryOptions, Simulator

from .conftest import SMALL_TALK, Sink

Simulate = Callable[..., Simulator]
QUICK = {"backoff_s": 0.02, "timeout_s": 0.2}


def ring(simulator: Simulator) -> None:
    simulator.place_call(SMALL_TALK, auto_answer=None)


@pytest.mark.parametrize("answer", [500, 503, 408, 429, 5.0])
def test_a_failed_delivery_is_repeated_with_the_same_id(simulate: Simulate, sink: Sink, answer: int | float) -> None:
    sink.answers = [answer, answer]
    simulator = simulate(delivery_options=DeliveryOptions(**QUICK))
    ring(simulator)
    assert simulator.drain()
    assert [item.document["meta"]["attempt"] for item in sink.received] == [1, 2, 3]
    assert len({item.event["id"] for item in sink.received}) == 1
    webhook = simulator.webhooks[0]
    lost = None if isinstance(answer, float) else answer
    assert (webhook.state, webhook.statuses) == ("delivered", [lost, lost, 200])


def test_the_pause_between_attempts_doubles(simulate: Simulate, sink: Sink) -> None:
    sink.answers = [503] * 3
    simulator = simulate(delivery_options=DeliveryOptions(backoff_s=0.05))
    ring(simulator)
    assert simulator.drain()
    times = [item.at for item in sink.received]
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert gaps[0] >= 0.05 and gaps[1] >= 0.1 and gaps[2] >= 0.2


def test_every_attempt_is_signed_afresh(simulate: Simulate, sink: Sink) -> None:
    sink.answers = [503]
    simulator = simulate(delivery_options=DeliveryOptions(**QUICK))
    ring(simulator)
    assert simulator.drain()
    signatures = {dict(item.headers)["Telnyx-Signature-Ed25519"] for item in sink.received}
    assert len(signatures) == 2


def test_after_so_many_attempts_a_webhook_is_given_up(simulate: Simulate, sink: Sink) -> None:
    sink.answers = [500] * 10
    simulator = simulate(delivery_options=DeliveryOptions(max_attempts=3, **QUICK))
    ring(simulator)
    assert simulator.drain()
    assert simulator.webhooks[0].state == "failed"
    assert len(sink.received) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_other_client_errors_are_final(simulate: Simulate, sink: Sink, status: int) -> None:
    sink.answers = [status]
    simulator = simulate(delivery_options=DeliveryOptions(**QUICK))
    ring(simulator)
    assert simulator.drain()
    assert (simulator.webhooks[0].state, len(sink.received)) == ("refused", 1)


def test_a_dead_target_is_tried_again(simulate: Simulate) -> None:
    simulator = simulate(target="http://127.0.0.1:9", delivery_options=DeliveryOptions(max_attempts=2, **QUICK))
    ring(simulator)
    assert simulator.drain()
    assert [attempt.error for attempt in simulator.webhooks[0].attempts] == ["connection", "connection"]


def test_a_duplicate_is_the_same_event_again(simulate: Simulate, sink: Sink) -> None:
    simulator = simulate(delivery_options=DeliveryOptions(duplicate=1.0))
    ring(simulator)
    assert simulator.drain()
    first, second = sink.received
    assert first.event["id"] == second.event["id"]
    assert first.event == second.event


def test_a_late_webhook_is_overtaken_by_later_ones(simulate: Simulate, sink: Sink) -> None:
    simulator = simulate(delivery_options=DeliveryOptions(late=1.0, late_s=0.3))
    call = simulator.place_call(SMALL_TALK, auto_answer=None)
    simulator.send_webhook("call.speak.ended", call)
    assert simulator.drain()
    assert [item.event["event_type"] for item in sink.received] == ["call.speak.ended", "call.initiated"]


def test_shuffled_webhooks_arrive_in_another_order_than_they_happened(simulate: Simulate, sink: Sink) -> None:
    simulator = simulate(delivery_options=DeliveryOptions(shuffle=0.7, shuffle_s=0.1))
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, transcribe=True, paced=False)
    assert call.wait_until(lambda c: c.is_answered)
    for _ in range(25):
        call.say_next()
    assert simulator.drain()
    times = [item.event["occurred_at"] for item in sink.received]
    assert sorted(times) != times
    assert len(set(times)) == len(simulator.webhooks) == 27


def test_without_bad_manners_a_call_arrives_in_order(simulate: Simulate, sink: Sink) -> None:
    simulator = simulate()
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, transcribe=True, paced=False)
    assert call.wait_until(lambda c: c.is_answered)
    for _ in range(25):
        call.say_next()
    assert simulator.drain()
    times = [item.event["occurred_at"] for item in sink.received]
    assert sorted(times) == times
    assert len(set(times)) == 27


def test_a_slow_target_does_not_silence_the_calls(simulate: Simulate, sink: Sink) -> None:
    sink.answers = [3.0] * 50
    simulator = simulate(speed=40.0)
    call = simulator.place_call(SMALL_TALK, auto_answer=0.0, transcribe=True)
    began = time.monotonic()
    assert call.wait_until(lambda c: not c.is_alive, timeout=3.0)
    assert time.monotonic() - began < 1.5
    assert simulator.webhooks[-1].event_type == "call.hangup"
