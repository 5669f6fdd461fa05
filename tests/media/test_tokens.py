"""Tokens that open streams, and who holds the stream of a call."""

from __future__ import annotations

import re

import pytest

from dashboard.media.registry import StreamRegistry
from dashboard.media.tokens import FIRST_USE_WITHIN_S, StreamTokens

KEY = "a secret key of the test"
CALL = "v3:EXAMPLE-call-control-id_0001"


class Clock:
    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Held:
    replaced = False

    def make_way(self) -> None:
        self.replaced = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> StreamTokens:
    return StreamTokens(KEY, now=clock)


def test_a_token_names_its_call_and_is_url_safe(tokens: StreamTokens) -> None:
    token = tokens.issue(CALL)

    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
    assert tokens.verify(token) == CALL
    assert tokens.issue(CALL) != token


def test_another_process_with_the_same_key_takes_it(tokens: StreamTokens, clock: Clock) -> None:
    assert StreamTokens(KEY, now=clock).verify(tokens.issue(CALL)) == CALL
    assert StreamTokens("another key", now=clock).verify(tokens.issue(CALL)) is None


def test_an_unused_token_expires(tokens: StreamTokens, clock: Clock) -> None:
    token = tokens.issue(CALL)
    clock.now += FIRST_USE_WITHIN_S + 1

    assert tokens.verify(token) is None


def test_a_used_token_lets_its_call_come_back_until_it_is_spent(tokens: StreamTokens, clock: Clock) -> None:
    token = tokens.issue(CALL)
    assert tokens.verify(token) == CALL
    clock.now += 3_600

    assert tokens.verify(token) == CALL
    tokens.revoke(token)
    assert tokens.verify(token) is None


def test_a_token_with_any_letter_changed_is_refused(tokens: StreamTokens) -> None:
    token = tokens.issue(CALL)
    for at, letter in enumerate(token[:-1]):
        other = "A" if letter != "A" else "B"
        assert tokens.verify(token[:at] + other + token[at + 1 :]) is None


@pytest.mark.parametrize("token", ["", "x", "é", "=" * 8, "A" * 43, "A" * 200, "A" * 100_000, "a.b", "\x00"])
def test_what_is_no_token_is_refused(tokens: StreamTokens, token: str) -> None:
    assert tokens.verify(token) is None
    tokens.revoke(token)


def test_the_newest_stream_of_a_call_wins() -> None:
    streams = StreamRegistry()
    older, newer = Held(), Held()
    for held in (older, newer):
        assert streams.acquire()
        streams.assign(CALL, held)

    assert (older.replaced, newer.replaced) == (True, False)
    streams.release(CALL, older)
    assert streams.count == 1
    streams.assign(CALL, Held())
    assert newer.replaced


def test_there_is_room_for_so_many_and_no_more() -> None:
    streams = StreamRegistry(limit=2)
    assert [streams.acquire() for _ in range(3)] == [True, True, False]

    streams.release(CALL, Held())

    assert streams.acquire()
