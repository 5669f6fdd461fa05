"""What was looked for is marked where it was said, and nothing else is; the text stays what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.calls.text_search import highlight


def marked(text: str, query: str) -> list[str]:
    return [part for part, is_hit in highlight(text, query) if is_hit]


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("My order is late.", "late", ["late"]),
        ("Which order? That order.", "order", ["order", "order"]),
        ("A table for six, a big table.", "tab", ["table", "table"]),
        ("Harbor and Pine, good morning.", '"good morning"', ["good morning"]),
        ("good day, good morning", '"good morning"', ["good morning"]),
        ("good, Morning", '"good morning"', ["good, Morning"]),
        ("Un café, s'il vous plaît", "cafe plait", ["café", "plaît"]),
        ("un cafe\u0301 noir", "café noir", ["cafe\u0301", "noir"]),
        ("東京タワー", "京", ["京"]),
        ("<b>order</b>", "b", ["b", "b"]),
        ("tables", '"table"', []),
        ("nothing of it", "order", []),
        ("anything", '"*)', []),
    ],
)
def test_exactly_what_was_looked_for_is_marked(text: str, query: str, found: list[str]) -> None:
    assert marked(text, query) == found


@given(st.text(), st.text())
def test_the_pieces_joined_are_the_text(text: str, query: str) -> None:
    assert "".join(part for part, _ in highlight(text, query)) == text
