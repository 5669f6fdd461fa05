"""Keywords: words, phrases and regular expressions to find in speech.

Expressions run in RE2, whose time grows with the text only (github.com/google/re2), and text and matches are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

import re2  # type: ignore[import-untyped]

from dashboard.calls.transcript import Mark
from dashboard.messages import _

MAX_KEYWORD_LENGTH = 200
MAX_KEYWORDS = 100
# Instructions of a compiled expression: the class of all letters has about 1,000.
MAX_PROGRAM_SIZE = 10_000

MAX_SEARCHED_LETTERS = 4_000
MAX_MATCHES_PER_KEYWORD = 10


class KeywordKind(StrEnum):
    # One word or several, whole, in any case, with spaces or punctuation between them.
    PHRASE = "phrase"
    REGEX = "regex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """Something to watch for. `text` is also its name where it is counted."""

    keyword_id: str
    kind: KeywordKind
    text: str


class KeywordMatcher:
    """A set of keywords, compiled. ValueError says which cannot be."""

    def __init__(self, keywords: Iterable[Keyword] = ()) -> None:
        self._expressions = [(keyword, compile_keyword(keyword)) for keyword in keywords]

    def find_matches(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, keyword id) of all matches in order; positions count characters."""
        searched = text[:MAX_SEARCHED_LETTERS]
        found = [
            (start, end, keyword.keyword_id)
            for keyword, expression in self._expressions
            for start, end in _match_spans(keyword, expression, searched)
        ]
        return sorted(found)

    def find_marks(self, text: str) -> tuple[Mark, ...]:
        """All matches as marks, whose positions count UTF-16 code units."""
        if not self._expressions:
            return ()
        names = {keyword.keyword_id: keyword.text for keyword, _ in self._expressions}
        return tuple(
            Mark(start=_utf16_offset(text, start), end=_utf16_offset(text, end), keyword=names[keyword_id])
            for start, end, keyword_id in self.find_matches(text)
        )


def compile_keyword(keyword: Keyword) -> Any:
    """The expression of a keyword. ValueError if there is none, with what to do about it."""
    text = keyword.text.strip()
    if not text or len(text) > MAX_KEYWORD_LENGTH:
        raise ValueError(_("must have 1 to %(most)s characters", most=MAX_KEYWORD_LENGTH))
    pattern = text if keyword.kind is KeywordKind.REGEX else r"[\s\pP]+".join(map(re2.escape, text.split()))
    try:
        expression = re2.compile(pattern, _re2_options())
    except re2.error:
        # Its own message is bytes and repeats the pattern.
        raise ValueError(
            _("is no regular expression that RE2 knows; it has no look-around and no references")
        ) from None
    if expression.programsize > MAX_PROGRAM_SIZE:
        raise ValueError(_("is too large once its repetitions are written out"))
    if expression.search("") is not None:
        raise ValueError(_("would match where nothing is said"))
    return expression


def _re2_options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 1 << 20
    return options


def _match_spans(keyword: Keyword, expression: Any, text: str) -> Iterable[tuple[int, int]]:
    spans = ((match.start(), match.end()) for match in islice(expression.finditer(text), MAX_MATCHES_PER_KEYWORD * 10))
    if keyword.kind is KeywordKind.PHRASE:
        spans = (span for span in spans if _is_whole_word(text, *span))
    return islice((span for span in spans if span[0] < span[1]), MAX_MATCHES_PER_KEYWORD)


def _is_whole_word(text: str, start: int, end: int) -> bool:
    """Whether a match that begins or ends in a letter or digit touches no other one."""
    opens = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    goes_on = end < len(text) and text[end].isalnum() and text[end - 1].isalnum()
    return not opens and not goes_on


def _utf16_offset(text: str, position: int) -> int:
    return len(text[:position].encode("utf-16-le", "surrogatepass")) // 2
