"""A switch shows what is true: presses, answers and the provider's word, early, late and by two clocks."""

from __future__ import annotations

import pytest

from dashboard.calls.switches import (
    LATE_TEXT_TOLERANCE,
    Switch,
    SwitchState,
    close,
    confirm,
    fail,
    observe_text,
    report,
    request,
)

from .stories import time_at

OFF, STARTING, ON, STOPPING, FAILED = SwitchState


def told(switch: Switch, state: SwitchState, seconds: float, event_id: str = "e", reason: str | None = None) -> Switch:
    return report(switch, state=state, at=time_at(seconds), event_id=event_id, reason=reason)


def running(since: float = 10) -> Switch:
    return told(Switch(), ON, since)


def test_a_press_moves_the_knob_to_the_middle_and_no_further() -> None:
    asked = request(Switch(), on=True, command_id="c1", at=time_at(5))
    assert (asked.state, asked.since, asked.command_id, asked.is_pending) == (STARTING, time_at(5), "c1", True)
    assert request(running(), on=False, command_id="c2", at=time_at(20)).state is STOPPING


def test_a_press_forgets_why_the_last_one_failed() -> None:
    failed = fail(request(Switch(), on=True, command_id="c1", at=time_at(1)), reason="no", at=time_at(2))
    assert request(failed, on=True, command_id="c2", at=time_at(3)).reason is None


def test_the_answer_settles_what_no_webhook_follows() -> None:
    started = confirm(request(Switch(), on=True, command_id="c1", at=time_at(1)), on=True, at=time_at(2))
    assert (started.state, started.since, started.on_since, started.command_id) == (ON, time_at(2), time_at(2), None)
    stopped = confirm(request(started, on=False, command_id="c2", at=time_at(3)), on=False, at=time_at(4))
    assert (stopped.state, stopped.on_since, stopped.command_id) == (OFF, None, None)


def test_a_second_start_that_finds_it_running_does_not_begin_it_again() -> None:
    started = confirm(Switch(), on=True, at=time_at(2))
    again = confirm(request(started, on=True, command_id="c2", at=time_at(50)), on=True, at=time_at(51))
    assert (again.state, again.since, again.on_since) == (ON, time_at(2), time_at(2))


def test_running_time_adds_up_over_stops_and_starts() -> None:
    once = confirm(confirm(Switch(), on=True, at=time_at(0)), on=False, at=time_at(10))
    twice = confirm(confirm(once, on=True, at=time_at(30)), on=False, at=time_at(35))
    assert (once.ran_s, twice.ran_s) == (10.0, 15.0)
    assert close(twice, time_at(90)) == twice


def test_a_start_that_is_refused_has_failed_and_says_why() -> None:
    refused = fail(request(Switch(), on=True, command_id="c1", at=time_at(1)), reason="no route", at=time_at(2))
    assert (refused.state, refused.since, refused.reason, refused.command_id) == (FAILED, time_at(2), "no route", None)


def test_what_could_not_be_stopped_is_still_on_and_says_why() -> None:
    refused = fail(request(running(10), on=False, command_id="c1", at=time_at(20)), reason="busy", at=time_at(21))
    assert (refused.state, refused.since, refused.reason, refused.command_id) == (ON, time_at(10), "busy", None)


def test_a_refused_second_start_does_not_hide_that_the_first_still_runs() -> None:
    refused = fail(request(running(10), on=True, command_id="c1", at=time_at(20)), reason="already", at=time_at(21))
    assert (refused.state, refused.since, refused.reason) == (ON, time_at(10), "already")


def test_a_refused_stop_of_what_never_ran_has_failed() -> None:
    assert fail(request(Switch(), on=False, command_id="c1", at=time_at(1)), reason="no", at=time_at(2)).state is FAILED


def test_the_provider_moves_a_switch_nobody_pressed() -> None:
    assert running(10).state is ON
    assert told(running(10), OFF, 20).state is OFF


def test_the_newest_word_wins_whenever_it_arrives() -> None:
    stopped = told(Switch(), OFF, 20)
    assert told(stopped, ON, 10) == stopped


def test_two_words_of_one_moment_end_the_same_in_both_orders() -> None:
    one_way = told(told(Switch(), ON, 10, "a"), OFF, 10, "b")
    assert told(told(Switch(), OFF, 10, "b"), ON, 10, "a") == one_way
    assert one_way.state is OFF


def test_a_failure_carries_the_provider_s_reason() -> None:
    failed = told(request(Switch(), on=True, command_id="c1", at=time_at(5)), FAILED, 6, reason="connection_failed")
    assert (failed.state, failed.reason, failed.command_id) == (FAILED, "connection_failed", None)


def test_a_confirming_word_counts_although_the_provider_s_clock_is_behind_ours() -> None:
    asked = request(Switch(), on=True, command_id="c1", at=time_at(10))
    confirmed = told(asked, ON, 7)
    assert (confirmed.state, confirmed.command_id) == (ON, None)
    stopped = told(request(confirmed, on=False, command_id="c2", at=time_at(20)), OFF, 17)
    assert (stopped.state, stopped.command_id) == (OFF, None)


def test_an_old_contrary_word_that_comes_late_leaves_the_press_waiting() -> None:
    asked = request(Switch(), on=True, command_id="c1", at=time_at(10))
    waiting = told(asked, OFF, 4)
    assert (waiting.state, waiting.command_id) == (STARTING, "c1")
    assert told(waiting, ON, 11).state is ON


def test_a_contrary_word_from_after_the_press_is_the_truth() -> None:
    asked = request(running(10), on=True, command_id="c1", at=time_at(20))
    assert told(asked, OFF, 21).state is OFF


def test_a_start_learned_while_stopping_is_what_remains_if_the_stop_is_refused() -> None:
    started = request(Switch(), on=True, command_id="c1", at=time_at(10))
    stopping = told(request(started, on=False, command_id="c2", at=time_at(12)), ON, 11)
    assert stopping.state is STOPPING
    refused = fail(stopping, reason="busy", at=time_at(13))
    assert (refused.state, refused.since) == (ON, time_at(11))


def test_giving_up_is_put_right_by_a_confirmation_that_comes_after_all() -> None:
    given_up = fail(request(Switch(), on=True, command_id="c1", at=time_at(1)), reason="no answer", at=time_at(11))
    assert told(given_up, ON, 2).state is ON


@pytest.mark.parametrize(
    "before",
    [
        Switch(),
        request(Switch(), on=True, command_id="c1", at=time_at(5)),
        Switch(state=FAILED, since=time_at(1), reason="lost"),
    ],
    ids=["off", "starting", "failed"],
)
def test_text_proves_that_transcription_runs(before: Switch) -> None:
    heard = observe_text(before, at=time_at(6))
    assert (heard.state, heard.since, heard.reason, heard.command_id) == (ON, time_at(6), None, None)


def test_the_earliest_text_says_since_when_whichever_came_first() -> None:
    assert observe_text(observe_text(Switch(), at=time_at(9)), at=time_at(6)) == observe_text(
        observe_text(Switch(), at=time_at(6)), at=time_at(9)
    )


def test_text_does_not_turn_on_what_is_being_stopped() -> None:
    stopping = request(confirm(Switch(), on=True, at=time_at(1)), on=False, command_id="c1", at=time_at(5))
    assert observe_text(stopping, at=time_at(6)) == stopping


def test_text_that_lags_behind_a_stop_does_not_turn_it_on_again() -> None:
    stopped = confirm(Switch(), on=False, at=time_at(10))
    assert observe_text(stopped, at=time_at(10) + LATE_TEXT_TOLERANCE) == stopped
    assert observe_text(stopped, at=time_at(11) + LATE_TEXT_TOLERANCE).state is ON


def test_stale_text_of_the_run_before_does_not_age_the_new_one() -> None:
    stopped = confirm(confirm(Switch(), on=True, at=time_at(1)), on=False, at=time_at(10))
    again = confirm(request(stopped, on=True, command_id="c2", at=time_at(12)), on=True, at=time_at(13))
    assert observe_text(again, at=time_at(5)).since == time_at(13)


def test_nothing_runs_on_a_call_that_is_over() -> None:
    ended = close(running(10), time_at(30))
    assert (ended.state, ended.since, ended.on_since, ended.ran_s) == (OFF, time_at(30), None, 20.0)
    stopped = told(running(10), OFF, 20)
    assert close(stopped, time_at(30)) == stopped


def test_a_stop_that_nobody_asked_for_says_why() -> None:
    stopping = request(running(10), on=False, command_id="c1", at=time_at(20), by="rule", reason="Nobody spoke.")
    assert confirm(stopping, on=False, at=time_at(21)).stopped_because == "Nobody spoke."
    assert told(stopping, OFF, 21).stopped_because == "Nobody spoke."


def test_the_next_press_is_the_one_that_counts() -> None:
    stopped = confirm(
        request(running(10), on=False, command_id="c1", at=time_at(20), reason="Nobody spoke."),
        on=False,
        at=time_at(21),
    )
    assert request(stopped, on=True, command_id="c2", at=time_at(22), reason="A rule says so.").stopped_because is None
    assert request(stopped, on=False, command_id="c2", at=time_at(22)).stopped_because is None


def test_the_end_of_the_call_is_no_stop_by_anybody() -> None:
    stopping = request(running(10), on=False, command_id="c1", at=time_at(20), reason="Nobody spoke.")
    assert close(stopping, time_at(21)).stopped_because is None
    stopped = confirm(stopping, on=False, at=time_at(21))
    assert close(stopped, time_at(30)).stopped_because == "Nobody spoke."
