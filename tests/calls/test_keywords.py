"""Keywords are found where they were said, and no pattern can hold up the server."""

from __future__ import annotations

import time

import pytest

from dashboard.calls.keywords import MAX_MATCHES_PER_KEYWORD, MAX_SEARCHED_LETTERS, Keyword, KeywordKind, KeywordMatcher


def watch(*texts: str, kind: KeywordKind = KeywordKind.PHRASE) -> KeywordMatcher:
    return KeywordMatcher(Keyword(keyword_id=text, kind=kind, text=text) for text in texts)


def found(watched: KeywordMatcher, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in watched.find_matches(text)]


@pytest.mark.parametrize(
    ("keyword", "text", "said"),
    [
        ("refund", "I want a REFUND, a refund!", ["REFUND", "refund"]),
        ("fund", "I want a refund of the funds", []),
        ("money back", "My money  back. Money, back? moneyback", ["money  back", "Money, back"]),
        ("don't", "Don't. I don't", ["Don't", "don't"]),
        ("straße", "In der STRAßE", ["STRAßE"]),
        ("Öl", "öl, Ölig, ÖL", ["öl", "ÖL"]),
        ("你好", "你好", ["你好"]),
        ("C++", "C++ and C", ["C++"]),
        (".*", "anything .* at all", [".*"]),
        ("(", "a ( b", ["("]),
        ("an", "banana an an", ["an", "an"]),
    ],
)
def test_words_and_phrases_are_found_whole_and_in_any_case(keyword: str, text: str, said: list[str]) -> None:
    assert found(watch(keyword), text) == said


def test_expressions_are_found_anywhere() -> None:
    watched = watch(r"\border\b.{0,20}\d{4}", r"[45]\d{3}(?:[ -]?\d{4}){3}", kind=KeywordKind.REGEX)
    text = "My ORDER is 7429. The card that I used is 4111 1111 1111 1111."
    assert found(watched, text) == ["ORDER is 7429", "4111 1111 1111 1111"]


def test_matches_say_which_keyword_it_was_in_order() -> None:
    watched = watch("late", "my order", "order")
    assert watched.find_matches("my order is late") == [(0, 8, "my order"), (3, 8, "order"), (12, 16, "late")]


def test_marks_count_as_browsers_do() -> None:
    text = "👩‍👩‍👧 refund 👋 refund"
    units = text.encode("utf-16-le")
    marks = watch("refund").find_marks(text)
    assert [units[2 * mark.start : 2 * mark.end].decode("utf-16-le") for mark in marks] == ["refund", "refund"]
    assert marks[0].start == 9 and {mark.keyword for mark in marks} == {"refund"}


@pytest.mark.parametrize(
    "pattern",
    ["", "   ", "(", "[", "a{1001}", "(?=a)", r"(a)\1", "x" * 201, "((a{30}){30}){30}", "a*", "(|a)", "^", "\ud800"],
)
def test_what_cannot_be_watched_for_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        watch(pattern, kind=KeywordKind.REGEX)


HOSTILE = [r"(a+)+$", r"(a|aa)+b", r"(.*a){20}", r"a(?:.*b)?", r"(?s)a.*a.*a.*b", r"(\pL+\s*)+\d", r"(a?){50}a{50}"]


def test_hostile_expressions_take_no_time() -> None:
    texts = ["a" * 100_000, "aB " * 30_000, "ß" * 100_000, "👋" * 50_000]
    started = time.perf_counter()
    for pattern in HOSTILE:
        for text in texts:
            watch(pattern, kind=KeywordKind.REGEX).find_marks(text)
    assert time.perf_counter() - started < 5


def test_matches_and_text_are_bounded() -> None:
    watched = watch("a")
    assert len(watched.find_matches("a " * 1_000)) == MAX_MATCHES_PER_KEYWORD
    assert watched.find_matches(" " * MAX_SEARCHED_LETTERS + "a") == []


def test_without_keywords_nothing_is_marked() -> None:
    assert KeywordMatcher().find_marks("anything") == ()
