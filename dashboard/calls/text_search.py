"""Words and phrases of a search, and their places in a text. The same in every database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A longer word counts by its beginning: indexes have limits, and people type less.
MAX_WORD_LENGTH = 64

MAX_PHRASES = 12
MAX_QUERY_WORDS = 40

_DIACRITICS = re.compile("[\u0300-\u036f]")
# Chinese, Japanese and Korean ideographs come without spaces: each is a word, and several in a row are a phrase.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Vowel signs of other scripts are part of their words; Python's \w leaves them out.
_MARKS = "".join(mark for mark in map(chr, range(0x0483, 0xA000)) if unicodedata.category(mark).startswith("M"))
_WORD = re.compile(f"[{_IDEOGRAPH}]|(?:(?![_{_IDEOGRAPH}])[\\w{_MARKS}])+")
_WORD_WITH_MARKS = re.compile(f"[{_IDEOGRAPH}]|(?:(?![_{_IDEOGRAPH}])[\\w{_MARKS}\u0300-\u036f])+")
_ASCII_WORD = re.compile("[a-z0-9]+")
# So many words begin with one letter that it says nothing, and takes long to say.
_ONE_LETTER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_QUOTED = re.compile('"([^"]*)"?|([^\\s"]+)')
_QUOTES = str.maketrans("“”„‟«»", '""""""')


Piece = tuple[str, bool]
# Some text, and whether it matches the query.


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that follow each other. `is_open` says that the last of them may be only begun."""

    words: tuple[str, ...]
    is_prefix: bool = False


def tokenize(text: str) -> list[str]:
    """The words of a text in order, in lower case and without diacritics."""
    if text.isascii():
        return [word[:MAX_WORD_LENGTH] for word in _ASCII_WORD.findall(text.lower())]
    plain = _DIACRITICS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    return [word[:MAX_WORD_LENGTH] for word in _WORD.findall(unicodedata.normalize("NFKC", plain).casefold())]


def tokenize_with_offsets(text: str) -> list[tuple[int, int, str]]:
    """(start, end, word) of each word of a text."""
    return [
        (found.start(), found.end(), word) for found in _WORD_WITH_MARKS.finditer(text) for word in tokenize(found[0])
    ]


def parse_query(query: str) -> list[Phrase]:
    """Phrases that must all occur: words and "quoted phrases". The last word may be a prefix.

    An unclosed quote, an operator or a bracket means nothing special. Without words there are no phrases.
    """
    found: list[Phrase] = []
    left = MAX_QUERY_WORDS
    for part in _QUOTED.finditer(query.translate(_QUOTES)):
        sought = tuple(tokenize(part[1] or part[2] or "")[:left])
        left -= len(sought)
        if sought and len(found) < MAX_PHRASES:
            is_last = part[2] is not None and part.end() == len(query)
            found.append(Phrase(words=sought, is_prefix=is_last and sought[-1] not in _ONE_LETTER))
    return found


def highlight(text: str, query: str) -> list[Piece]:
    """The text cut where matches begin and end. The pieces joined are the text."""
    found: list[Piece] = []
    at = 0
    for start, end in _merge_spans(sorted(_matching_spans(text, parse_query(query)))):
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    return [piece for piece in (*found, (text[at:], False)) if piece[0]]


def _matching_spans(text: str, phrases: Sequence[Phrase]) -> Iterator[tuple[int, int]]:
    said = tokenize_with_offsets(text)
    for phrase in phrases:
        for index in range(len(said) - len(phrase.words) + 1):
            spoken = said[index : index + len(phrase.words)]
            if _matches_phrase([word for _, _, word in spoken], phrase):
                yield spoken[0][0], spoken[-1][1]


def _matches_phrase(words: Sequence[str], phrase: Phrase) -> bool:
    *first, last = phrase.words
    return list(words[:-1]) == first and (words[-1].startswith(last) if phrase.is_prefix else words[-1] == last)


def _merge_spans(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
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
