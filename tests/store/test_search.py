"""Full-text search gives the same results in every database."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from dashboard.errors import StoreBusyError
from dashboard.store import Store, search
from dashboard.store.database import Database
from tests.calls.stories import CALL_IDS, transcribed_event

from .records import CALL_ID, call_answered, call_initiated, record_operation, segment_texts

LINES = {
    10: "My order number is 7429.",
    20: "One moment, Zoë, I look for your order.",
    30: "Is it the café in the Rue de l'Église?",
    40: "The order of the day",
    50: "你好世界, 我的订单",
    60: "It is <img src=x onerror=alert(1)> & more",
    70: "Order! ORDER!",
}


def add_line(store: Store, seconds: float, text: str, call_id: str = CALL_ID) -> None:
    store.record_event(
        record_operation(transcribed_event(text, seconds, call_id=call_id, event_id=f"{call_id}-{seconds}"))
    )


@pytest.fixture
def filled_store(store: Store) -> Store:
    store.record_event(call_initiated())
    for seconds, line in LINES.items():
        add_line(store, seconds, line)
    return store


def search_texts(store: Store, query: str, **options: int) -> list[str]:
    return [hit.segment.text for hit in store.search_segments(query, limit=50, **options).hits]


def lines(*seconds: int) -> list[str]:
    return [LINES[second] for second in seconds]


RESULTS = [
    ("order", (70, 40, 20, 10)),
    ("ORDER ", (70, 40, 20, 10)),
    ("ord", (70, 40, 20, 10)),
    ("ord ", ()),
    ("ord number", ()),
    ("order num", (10,)),
    ("number order", (10,)),
    ('"order number"', (10,)),
    ('"number order"', ()),
    ('"order of the" day', (40,)),
    ("zoe", (20,)),
    ("ZOË cafe", ()),
    ("cafe eglise", (30,)),
    ("l'eglise", (30,)),
    ("7429", (10,)),
    ("742", (10,)),
    ("世界", (50,)),
    ("界世", ()),
    ("我的订", (50,)),
    ("img onerror", (60,)),
    ("nothing of the kind", ()),
]


def test_words_and_phrases_find_lines_newest_first(filled_store: Store) -> None:
    results = {query: search_texts(filled_store, query) for query, _ in RESULTS}
    assert results == {query: lines(*seconds) for query, seconds in RESULTS}


HOSTILE = [
    "",
    " ",
    '"',
    '""""',
    "*",
    "order*",
    "NOT",
    "order AND",
    "AND OR NOT NEAR(",
    "words:order",
    "^order",
    "-order",
    "{a b}: c",
    "order'); DROP TABLE segments; --",
    "' | ! & <-> :* \\",
    "\\'",
    "a\x00b",
    "%_%",
    "\u202e" * 50,
    "(" * 10_000,
    '"' * 9_999,
    "x" * 1_000_000,
    "a " * 10_000,
    "👩‍👩‍👧",
    "\U0001fae8",
    "ⓐ ﷺ ǆ",
]


def test_hostile_queries_are_harmless(filled_store: Store) -> None:
    for query in HOSTILE:
        assert isinstance(search_texts(filled_store, query), list)
    assert search_texts(filled_store, "order'); DROP TABLE segments; --") == []
    assert (
        search_texts(filled_store, "order*")
        == search_texts(filled_store, '"order')
        == search_texts(filled_store, "^order")
        == lines(70, 40, 20, 10)
    )
    assert search_texts(filled_store, "number") == lines(10)


def test_hostile_lines_are_stored_and_found(store: Store) -> None:
    for seconds, line in enumerate(filter(None, (query.replace("\x00", "").strip() for query in HOSTILE))):
        add_line(store, seconds, line)
    add_line(store, 99, "the last words")
    assert search_texts(store, "last words") == ["the last words"]
    assert search_texts(store, "x" * 200) == ["x" * 1_000_000]


def test_a_hit_has_its_call_and_neighbours(filled_store: Store) -> None:
    [hit] = filled_store.search_segments("zoe", limit=5).hits
    assert hit.call == filled_store.get_transcript(CALL_ID).call
    assert hit.before is not None and hit.after is not None
    assert (hit.before.text, hit.after.text) == (LINES[10], LINES[30])
    first, last = (
        filled_store.search_segments("7429", limit=5).hits[0],
        filled_store.search_segments("order", limit=1).hits[0],
    )
    assert (first.before, last.after) == (None, None)


def test_neighbours_are_of_the_same_call_by_time(store: Store) -> None:
    for number, call_id in enumerate(CALL_IDS):
        add_line(store, 10 + number, "before", call_id)
        add_line(store, 30 + number, "after", call_id)
        add_line(store, 20 + number, "needle", call_id)
        add_line(store, 20 + number + 0.5, "just after", call_id)
    hits = store.search_segments("needle", limit=5).hits
    assert [hit.call.call_id for hit in hits] == list(reversed(CALL_IDS))
    assert {(hit.before and hit.before.text, hit.after and hit.after.text) for hit in hits} == {
        ("before", "just after")
    }
    assert all(hit.before and hit.before.call_id == hit.segment.call_id for hit in hits)


@pytest.mark.parametrize("limit", [1, 3, 5, 20])
def test_pages_hold_every_hit_once(store: Store, limit: int) -> None:
    for number in range(10):
        add_line(store, number, f"needle {number}")
    texts: list[str] = []
    before: int | None = None
    for _ in range(12):
        page = store.search_segments("needle", limit=limit, before=before)
        texts += [hit.segment.text for hit in page.hits]
        if (before := page.next) is None:
            break
        # Belongs above the first page.
        add_line(store, 100 + len(texts), "a newer needle")
    assert texts == [f"needle {number}" for number in reversed(range(10))]


def test_a_repeated_final_is_found_once(store: Store) -> None:
    for _ in range(3):
        add_line(store, 5, "needle")
    assert search_texts(store, "needle") == ["needle"]


def test_calls_without_lines_have_no_hits(store: Store) -> None:
    store.record_event(call_initiated())
    store.record_event(call_answered())
    assert store.search_segments("order", limit=5) == search.SearchHitPage(hits=[], next=None)


def test_add_all_indexes_stored_segments_by_time(filled_store: Store, url: str) -> None:
    """The migration does this for a database with segments."""
    add_line(filled_store, 15, "A late order")
    database = Database(url)

    def rebuild_index(connection: Connection) -> None:
        for table in ("search_words", "search_rows") if database.is_sqlite else ("search_rows",):
            delete_all = "INSERT INTO search_words (search_words) VALUES ('delete-all')"
            connection.execute(text(delete_all if table == "search_words" else f"DELETE FROM {table}"))
        search.add_all(connection)

    database.write(rebuild_index)
    database.close()
    assert search_texts(filled_store, "order") == [*lines(70, 40, 20), "A late order", *lines(10)]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_vacuum_changes_no_result(filled_store: Store, url: str) -> None:
    """Only SQLite renumbers rows."""
    database = Database(url)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("DELETE FROM segments WHERE text LIKE 'One%'")  # type: ignore[union-attr]
        connection.connection.driver_connection.execute("VACUUM")  # type: ignore[union-attr]
    database.close()
    assert search_texts(filled_store, "order") == lines(70, 40, 10)
    assert search_texts(filled_store, "7429") == lines(10)


def test_segments_that_cannot_be_indexed_are_not_stored(filled_store: Store, url: str) -> None:
    """Segments and index are written in one transaction."""
    database = Database(url)
    broken = "DROP TRIGGER search_enter" if database.is_sqlite else "DROP TABLE search_rows"
    database.write(lambda connection: connection.execute(text(broken)))
    database.close()
    with pytest.raises(StoreBusyError):
        add_line(filled_store, 80, "unlisted")
    assert "unlisted" not in segment_texts(filled_store.get_transcript(CALL_ID).segments)
