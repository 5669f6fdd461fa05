"""Finding words in everything that was ever said. What a word is, `calls.words` says; the database lists them.

Two databases, one meaning: SQLite's FTS5 and PostgreSQL's tsvector get the same words and the same phrases. The lists
are filled in the transaction of the segments, and keep no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, Select, TextClause, and_, or_, select, text

from dashboard.calls.call import Call
from dashboard.calls.text_search import Phrase, parse_query, tokenize
from dashboard.calls.transcript import Segment
from dashboard.store.bulk_insert import split_into_chunks
from dashboard.store.row_mapping import call_from_row, segment_from_row
from dashboard.store.schema import calls, segments

REBUILD_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A segment that was found, with those around it."""

    call: Call
    segment: Segment
    before: Segment | None
    after: Segment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHitPage:
    """`next` is where the next page goes on."""

    hits: list[SearchHit]
    next: int | None


@dataclass(frozen=True, slots=True)
class _SearchEngine:
    """How one database is told words. `add` is followed by `values` for each (event_id, words).

    `find` takes `query`, `before` and `limit` and gives (id, event_id).
    """

    insert_sql: str
    values_sql: str
    find_sql: TextClause
    index_text: Callable[[Sequence[str]], str]
    query_text: Callable[[Sequence[Phrase]], str]


def _fts5_query(query_phrases: Sequence[Phrase]) -> str:
    """Everything in quotes, where FTS5 has no operators (sqlite.org, "FTS5 Extension", 3.1)."""
    return " AND ".join(f'"{" ".join(phrase.words)}"{" *" if phrase.is_prefix else ""}' for phrase in query_phrases)


def _tsvector_text(tokens: Sequence[str]) -> str:
    return " ".join(f"'{word}':{place}" for place, word in enumerate(tokens, start=1))


def _tsquery_text(query_phrases: Sequence[Phrase]) -> str:
    return " & ".join(
        " <-> ".join(f"'{word}'" for word in phrase.words) + (":*" if phrase.is_prefix else "")
        for phrase in query_phrases
    )


_FTS5 = _SearchEngine(
    insert_sql="INSERT INTO search_entry (event_id, words) VALUES ",
    values_sql="(?, ?)",
    find_sql=text(
        "SELECT search_rows.id, search_rows.event_id FROM search_words"
        " JOIN search_rows ON search_rows.id = search_words.rowid"
        " WHERE search_words MATCH :query AND search_words.rowid < :before"
        " ORDER BY search_words.rowid DESC LIMIT :limit"
    ),
    index_text=" ".join,
    query_text=_fts5_query,
)
_TSVECTOR = _SearchEngine(
    insert_sql="INSERT INTO search_rows (event_id, words) VALUES ",
    values_sql="(%s, CAST(%s AS tsvector))",
    find_sql=text(
        "SELECT id, event_id FROM search_rows"
        " WHERE words @@ CAST(:query AS tsquery) AND id < :before ORDER BY id DESC LIMIT :limit"
    ),
    index_text=_tsvector_text,
    query_text=_tsquery_text,
)
_MAX_ROW_ID = 2**62


def _engine_for(connection: Connection) -> _SearchEngine:
    return _FTS5 if connection.dialect.name == "sqlite" else _TSVECTOR


def index_segments(connection: Connection, segment_texts: Iterable[tuple[str, str]]) -> None:
    """List the words of segments, given as (event_id, text), in the transaction that adds them."""
    engine = _engine_for(connection)
    rows = [(event_id, engine.index_text(said)) for event_id, spoke in segment_texts if (said := tokenize(spoke))]
    for chunk in split_into_chunks(rows):
        text_of_values = ", ".join([engine.values_sql] * len(chunk))
        connection.exec_driver_sql(engine.insert_sql + text_of_values, tuple(value for row in chunk for value in row))


def add_all(connection: Connection) -> None:
    """List the words of every segment there is, oldest first: for a database that was kept before there were lists."""
    query = select(segments.c.event_id, segments.c.text).order_by(segments.c.occurred_at, segments.c.event_id)
    stored = ((row.event_id, row.text) for row in connection.execute(query).all())
    while batch := list(islice(stored, REBUILD_BATCH)):
        index_segments(connection, batch)


def find_segments(connection: Connection, query: str, *, limit: int, before: int | None = None) -> SearchHitPage:
    """The segments that hold all words of a person's query, those heard last first. No words find nothing."""
    wanted = parse_query(query)
    if not wanted:
        return SearchHitPage(hits=[], next=None)
    engine = _engine_for(connection)
    bounds = {
        "query": engine.query_text(wanted),
        "before": _MAX_ROW_ID if before is None else before,
        "limit": limit + 1,
    }
    rows = connection.execute(engine.find_sql, bounds).all()
    shown = rows[:limit]
    hits = _load_hits(connection, [row.event_id for row in shown])
    return SearchHitPage(hits=hits, next=shown[-1].id if len(rows) > limit else None)


def _load_hits(connection: Connection, event_ids: list[str]) -> list[SearchHit]:
    around = {row.event_id: row for row in connection.execute(_select_neighbours(event_ids))}
    neighbours = {row.before_id for row in around.values()} | {row.after_id for row in around.values()}
    known = dict(_fetch_segments(connection, {*event_ids, *neighbours} - {None}))
    found = [known[event_id] for event_id in event_ids if event_id in known]
    of_calls = _fetch_calls(connection, {segment.call_id for segment in found})
    return [
        SearchHit(
            call=of_calls[segment.call_id],
            segment=segment,
            before=known.get(around[segment.event_id].before_id),
            after=known.get(around[segment.event_id].after_id),
        )
        for segment in found
    ]


def _select_neighbours(event_ids: list[str]) -> Select[tuple[str, str | None, str | None]]:
    """Each segment with the ids of the one before it and the one after it in its transcript."""
    near, hit = segments.alias("near"), segments.alias("hit")
    same_time = near.c.occurred_at == hit.c.occurred_at
    earlier = or_(near.c.occurred_at < hit.c.occurred_at, and_(same_time, near.c.event_id < hit.c.event_id))
    later = or_(near.c.occurred_at > hit.c.occurred_at, and_(same_time, near.c.event_id > hit.c.event_id))
    beside = select(near.c.event_id).where(near.c.call_id == hit.c.call_id).limit(1)
    before = beside.where(earlier).order_by(near.c.occurred_at.desc(), near.c.event_id.desc())
    after = beside.where(later).order_by(near.c.occurred_at, near.c.event_id)
    columns = (before.scalar_subquery().label("before_id"), after.scalar_subquery().label("after_id"))
    return select(hit.c.event_id, *columns).where(hit.c.event_id.in_(event_ids))


def _fetch_segments(connection: Connection, event_ids: Iterable[str]) -> Iterator[tuple[str, Segment]]:
    for row in connection.execute(select(segments).where(segments.c.event_id.in_(sorted(event_ids)))):
        yield row.event_id, segment_from_row(row)


def _fetch_calls(connection: Connection, call_ids: Iterable[str]) -> Mapping[str, Call]:
    rows = connection.execute(select(calls).where(calls.c.call_id.in_(sorted(call_ids))))
    return {row.call_id: call_from_row(row) for row in rows}
