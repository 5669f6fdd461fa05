"""What counts as a word, and how a person's query is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.text_search import MAX_PHRASES, MAX_QUERY_WORDS, MAX_WORD_LENGTH, Phrase, parse_query, tokenize


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My order, no. 7429!", ["my", "order", "no", "7429"]),
        ("Zoë's café — ÀÉÎÕÜ", ["zoe", "s", "cafe", "aeiou"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ŁÓDŹ Čeština Ελλάδα", ["łodz", "cestina", "ελλαδα"]),
        ("İstanbul ﬁne ②", ["istanbul", "fine", "2"]),
        ("你好世界", ["你", "好", "世", "界"]),
        ("東京タワー1号", ["東", "京", "タ", "ワ", "ー", "1", "号"]),
        ("한국어 말", ["한국어", "말"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("snake_case a-b c.d", ["snake", "case", "a", "b", "c", "d"]),
        ("\u202eabc\u202c 👋 ¿", ["abc"]),
        ("", []),
        ("'; -- \" * ( NEAR", ["near"]),
        ("x" * 100_000, ["x" * MAX_WORD_LENGTH]),
    ],
)
def test_words_of_a_text(text: str, found: list[str]) -> None:
    assert tokenize(text) == found


def shown(query: str) -> list[str]:
    return [" ".join(phrase.words) + ("…" if phrase.is_prefix else "") for phrase in parse_query(query)]


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("my order", ["my", "order…"]),
        ("order ", ["order"]),
        ('"my order" late', ["my order", "late…"]),
        ('late "my order"', ["late", "my order"]),
        ('"my ord', ["my ord"]),
        ("“my order”", ["my order"]),
        ("don't", ["don t"]),
        ("they're", ["they re…"]),
        ("a OR b NOT cat*", ["a", "or", "b", "not", "cat…"]),
        ("a OR b NOT c", ["a", "or", "b", "not", "c"]),
        ("title:x {a b} ^c", ["title x", "a", "b", "c"]),
        ('""', []),
        ("  ?! ", []),
        ("你好", ["你 好…"]),
    ],
)
def test_a_query_is_words_and_phrases_and_nothing_else(query: str, understood: list[str]) -> None:
    assert shown(query) == understood


def test_a_query_is_bounded() -> None:
    many = parse_query(" ".join(f"word{number}" for number in range(1_000)))
    long = parse_query('"' + "word " * 1_000 + '"')
    assert len(many) == MAX_PHRASES
    assert [len(phrase.words) for phrase in long] == [MAX_QUERY_WORDS]


@given(st.text(max_size=60))
def test_every_word_of_a_text_finds_it(text: str) -> None:
    said = tokenize(text)
    assert [word for phrase in parse_query(text.replace('"', " ")) for word in phrase.words] == said[:MAX_PHRASES] or (
        len(said) > MAX_PHRASES
    )
    assert all(word and " " not in word and word == "".join(tokenize(word)) for word in said)


def test_phrases_are_values() -> None:
    assert parse_query("at") == [Phrase(words=("at",), is_prefix=True)]
