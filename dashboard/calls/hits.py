"""Where in a line the words stand that somebody looked for. Knows no index: it reads the text, as a person would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashboard.calls.text_search import Phrase, phrases, placed

Piece = tuple[str, bool]
"""Some text, and whether it was looked for."""


def pieces(text: str, query: str) -> list[Piece]:
    """The text in order, cut where what was looked for begins and ends. Joined again it is the text."""
    found: list[Piece] = []
    at = 0
    for start, end in _merged(sorted(_spans(text, phrases(query)))):
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in (*found, (text[at:], False)) if piece[0]]


def _spans(text: str, wanted: Sequence[Phrase]) -> Iterator[tuple[int, int]]:
    said = placed(text)
    for phrase in wanted:
        for index in range(len(said) - len(phrase.words) + 1):
            spoken = said[index : index + len(phrase.words)]
            if _matches([word for _, _, word in spoken], phrase):
                yield spoken[0][0], spoken[-1][1]


def _matches(said: Sequence[str], phrase: Phrase) -> bool:
    *first, last = phrase.words
    return list(said[:-1]) == first and (said[-1].startswith(last) if phrase.is_open else said[-1] == last)


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that overlap as one."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start < current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current
