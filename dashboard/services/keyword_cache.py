"""The compiled keywords, so that a webhook needs no query for them."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dashboard.calls.keywords import Keyword, KeywordMatcher, compile_keyword
from dashboard.calls.transcript import Mark

log = logging.getLogger(__name__)


class KeywordCache:
    """`ask` gives the keywords as they are stored."""

    def __init__(self, load_keywords: Callable[[], list[Keyword]]) -> None:
        self._load_keywords = load_keywords
        self._keywords: list[Keyword] = []
        self._matcher = KeywordMatcher()

    def find_marks(self, text: str) -> tuple[Mark, ...]:
        return self._matcher.find_marks(text)

    def refresh(self) -> None:
        """Compile anew if something changed."""
        keywords = self._load_keywords()
        if keywords != self._keywords:
            self._matcher = KeywordMatcher(filter(_is_usable, keywords))
            self._keywords = keywords


def _is_usable(keyword: Keyword) -> bool:
    """Whether this release can compile a keyword that another one stored."""
    try:
        compile_keyword(keyword)
    except ValueError as error:
        log.warning("keyword %s is not watched for: it %s", keyword.keyword_id, error)
        return False
    return True
