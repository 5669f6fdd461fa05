"""The keywords to look for, and their counts by call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from dashboard.calls.keywords import Keyword, KeywordKind
from dashboard.store.operations import OperationResult
from dashboard.store.row_mapping import load_marks
from dashboard.store.schema import keywords, segments
from dashboard.store.unit_of_work import Operation, UnitOfWork


def all_keywords(connection: Connection) -> list[Keyword]:
    """Every keyword, by text."""
    rows = connection.execute(select(keywords).order_by(keywords.c.text, keywords.c.keyword_id))
    return [Keyword(keyword_id=row.keyword_id, kind=KeywordKind(row.kind), text=row.text) for row in rows]


def count_keywords(connection: Connection, call_ids: Sequence[str]) -> Mapping[str, Counter[str]]:
    """How often each keyword occurs in each of these calls. Calls without keywords are left out."""
    counts: dict[str, Counter[str]] = {}
    has_marks = segments.c.call_id.in_(call_ids) & segments.c.marks.is_not(None)
    for call_id, marks in connection.execute(select(segments.c.call_id, segments.c.marks).where(has_marks)):
        counts.setdefault(call_id, Counter()).update(mark.keyword for mark in load_marks(marks))
    return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveKeyword(Operation):
    """Save a keyword and replace the one with its id."""

    keyword: Keyword

    def execute(self, unit: UnitOfWork) -> OperationResult:
        keyword = self.keyword
        unit.save_keyword({"keyword_id": keyword.keyword_id, "kind": keyword.kind, "text": keyword.text})
        return OperationResult(is_new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteKeyword(Operation):
    """Delete a keyword. `is_new` says whether there was one."""

    keyword_id: str

    def execute(self, unit: UnitOfWork) -> OperationResult:
        return OperationResult(is_new=unit.delete_keyword(self.keyword_id))
