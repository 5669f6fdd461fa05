"""Full-text search in all segments.

`calls.text_search` splits texts into words, so SQLite's FTS5 and PostgreSQL's tsvector give the same results. The index
is written in the transaction of the segments and stores no text.
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
    """A segment that matches, with its neighbours in the transcript."""

    call: Call
    segment: Segment
    before: Segment | None
    after: Segment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHitPage:
    """One page of hits. `next` is the cursor of the next page."""

    hits: list[SearchHit]
    next: int | None


@dataclass(frozen=True, slots=True)
class _SearchEngine:
    """The SQL of one database's search index.

    `insert_sql` is followed by `values_sql` for each (event_id, words). `find_sql` takes `query`, `before` and `limit`
    and returns (id, event_id).
    """

    insert_sql: str
    values_sql: str
    find_sql: TextClause
    index_text: Callable[[Sequence[str]], str]
    query_text: Callable[[Sequence[Phrase]], str]


def _fts5_query(query_phrases: Sequence[Phrase]) -> str:
    """Every phrase in quotes. FTS5 reads no operators there (sqlite.org, "FTS5 Extension", 3.1)."""
    return " AND ".join(f'"{" ".join(phrase.words)}"{" *" if phrase.is_prefix else ""}' for phrase in query_phrases)


def _tsvector_text(tokens: Sequence[str]) -> str:
    return " ".join(f"'{word}':{position}" for position, word in enumerate(tokens, start=1))


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
    """Index segments in the transaction that adds them. `segment_texts` holds (event_id, text)."""
    engine = _engine_for(connection)
    rows = [
        (event_id, engine.index_text(tokens))
        for event_id, segment_text in segment_texts
        if (tokens := tokenize(segment_text))
    ]
    for chunk in split_into_chunks(rows):
        values_sql = ", ".join([engine.values_sql] * len(chunk))
        connection.exec_driver_sql(engine.insert_sql + values_sql, tuple(value for row in chunk for value in row))


def add_all(connection: Connection) -> None:
    """Index every stored segment, oldest first. The migration that adds the index calls it."""
    query = select(segments.c.event_id, segments.c.text).order_by(segments.c.occurred_at, segments.c.event_id)
    rows = ((row.event_id, row.text) for row in connection.execute(query).all())
    while batch := list(islice(rows, REBUILD_BATCH)):
        index_segments(connection, batch)


def find_segments(connection: Connection, query: str, *, limit: int, before: int | None = None) -> SearchHitPage:
    """Segments that match a query, newest first. A query without words matches none."""
    query_phrases = parse_query(query)
    if not query_phrases:
        return SearchHitPage(hits=[], next=None)
    engine = _engine_for(connection)
    parameters = {
        "query": engine.query_text(query_phrases),
        "before": _MAX_ROW_ID if before is None else before,
        "limit": limit + 1,
    }
    rows = connection.execute(engine.find_sql, parameters).all()
    page = rows[:limit]
    hits = _load_hits(connection, [row.event_id for row in page])
    return SearchHitPage(hits=hits, next=page[-1].id if len(rows) > limit else None)


def _load_hits(connection: Connection, event_ids: list[str]) -> list[SearchHit]:
    neighbours = {row.event_id: row for row in connection.execute(_select_neighbours(event_ids))}
    neighbour_ids = {row.before_id for row in neighbours.values()} | {row.after_id for row in neighbours.values()}
    segments_by_id = dict(_fetch_segments(connection, {*event_ids, *neighbour_ids} - {None}))
    hit_segments = [segments_by_id[event_id] for event_id in event_ids if event_id in segments_by_id]
    calls_by_id = _fetch_calls(connection, {segment.call_id for segment in hit_segments})
    return [
        SearchHit(
            call=calls_by_id[segment.call_id],
            segment=segment,
            before=segments_by_id.get(neighbours[segment.event_id].before_id),
            after=segments_by_id.get(neighbours[segment.event_id].after_id),
        )
        for segment in hit_segments
    ]


def _select_neighbours(event_ids: list[str]) -> Select[tuple[str, str | None, str | None]]:
    """(event_id, before_id, after_id): each segment with its neighbours in the transcript."""
    near, hit = segments.alias("near"), segments.alias("hit")
    same_time = near.c.occurred_at == hit.c.occurred_at
    earlier = or_(near.c.occurred_at < hit.c.occurred_at, and_(same_time, near.c.event_id < hit.c.event_id))
    later = or_(near.c.occurred_at > hit.c.occurred_at, and_(same_time, near.c.event_id > hit.c.event_id))
    neighbour = select(near.c.event_id).where(near.c.call_id == hit.c.call_id).limit(1)
    before = neighbour.where(earlier).order_by(near.c.occurred_at.desc(), near.c.event_id.desc())
    after = neighbour.where(later).order_by(near.c.occurred_at, near.c.event_id)
    columns = (before.scalar_subquery().label("before_id"), after.scalar_subquery().label("after_id"))
    return select(hit.c.event_id, *columns).where(hit.c.event_id.in_(event_ids))


def _fetch_segments(connection: Connection, event_ids: Iterable[str]) -> Iterator[tuple[str, Segment]]:
    for row in connection.execute(select(segments).where(segments.c.event_id.in_(sorted(event_ids)))):
        yield row.event_id, segment_from_row(row)


def _fetch_calls(connection: Connection, call_ids: Iterable[str]) -> Mapping[str, Call]:
    rows = connection.execute(select(calls).where(calls.c.call_id.in_(sorted(call_ids))))
    return {row.call_id: call_from_row(row) for row in rows}
