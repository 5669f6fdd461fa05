"""Keywords: chosen by operators, marked in what is said from then on, and counted in the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.calls.keywords import MAX_KEYWORDS, Keyword, KeywordKind
from dashboard.services.keyword_cache import KeywordCache
from dashboard.store.keywords import SaveKeyword
from tests.conftest import CALL_ID, services_of, transcription_payload
from tests.web.conftest import BEARER, VIEWER_PASSWORD, csrf_token, sign_in

Deliver = Callable[..., Any]
Choose = Callable[..., Any]


@pytest.fixture
def choose(client: FlaskClient) -> Choose:
    """Save a keyword as the page does."""
    headers = {"X-CSRFToken": csrf_token(client)}

    def choose(keyword_id: str, text: Any, **others: Any) -> Any:
        return client.put(f"/api/keywords/{quote(keyword_id)}", json={"text": text, **others}, headers=headers)

    return choose


def marks(client: FlaskClient) -> list[list[list[int]] | None]:
    return [segment.get("marks") for segment in client.get(f"/api/calls/{CALL_ID}").get_json()["segments"]]


def test_keywords_are_saved_changed_listed_and_deleted(client: FlaskClient, choose: Choose) -> None:
    assert client.get("/api/keywords").get_json() == {"keywords": []}
    refund = {"id": "k-1", "kind": "phrase", "text": "refund"}
    assert choose("k-1", "refund").get_json() == {"keyword": refund}
    order = {"id": "k-2", "kind": "regex", "text": r"order \d+"}
    choose("k-2", "nonsense")
    choose("k-2", r"order \d+", kind="regex")
    assert client.get("/api/keywords").get_json() == {"keywords": [order, refund]}
    assert client.get("/api/keywords/k-2").get_json() == {"keyword": order}
    headers = {"X-CSRFToken": csrf_token(client)}
    assert client.delete("/api/keywords/k-2", headers=headers).status_code == 204
    assert client.delete("/api/keywords/k-2", headers=headers).status_code == 404
    assert client.get("/api/keywords/k-2").status_code == 404
    assert client.get("/api/keywords").get_json() == {"keywords": [refund]}


def test_what_is_said_is_marked_where_a_browser_finds_it(client: FlaskClient, choose: Choose, deliver: Deliver) -> None:
    choose("k-1", "refund")
    deliver("call.transcription", transcription_payload("👋 a refund, a Refund"))
    deliver("call.transcription", transcription_payload("nothing of interest"))
    assert marks(client) == [[[5, 11], [15, 21]], None]
    [plain] = [s for s in client.get(f"/api/calls/{CALL_ID}").get_json()["segments"] if "marks" not in s]
    assert plain["text"] == "nothing of interest"


def test_the_list_counts_what_was_said(client: FlaskClient, choose: Choose, deliver: Deliver) -> None:
    deliver("call.initiated", call_id="v3:silent")
    choose("k-1", "refund")
    choose("k-2", r"\d{4}", kind="regex")
    for text in ("refund 1234", "refund", "nothing"):
        deliver("call.transcription", transcription_payload(text))
    hits = {call["id"]: call["keyword_hits"] for call in client.get("/api/calls").get_json()["calls"]}
    assert hits == {"v3:silent": [], CALL_ID: [{"word": r"\d{4}", "count": 1}, {"word": "refund", "count": 2}]}


def test_a_keyword_marks_what_is_said_while_it_is_chosen(client: FlaskClient, choose: Choose, deliver: Deliver) -> None:
    deliver("call.transcription", transcription_payload("refund"))
    choose("k-1", "refund")
    deliver("call.transcription", transcription_payload("refund"))
    client.delete("/api/keywords/k-1", headers={"X-CSRFToken": csrf_token(client)})
    deliver("call.transcription", transcription_payload("refund"))
    assert marks(client) == [None, [[0, 6]], None]


@pytest.mark.parametrize(
    ("keyword_id", "body", "field"),
    [
        ("k-1", {}, "text"),
        ("k-1", {"text": 7}, "text"),
        ("k-1", {"text": "  "}, "text"),
        ("k-1", {"text": "a\nb"}, "text"),
        ("k-1", {"text": "x" * 201}, "text"),
        ("k-1", {"text": "(", "kind": "regex"}, "text"),
        ("k-1", {"text": "(?=a)b", "kind": "regex"}, "text"),
        ("k-1", {"text": "a", "kind": "glob"}, "kind"),
        ("k-1", {"text": "a", "kind": ["regex"]}, "kind"),
        ("k-1", {"text": "a", "colour": "red"}, "colour"),
        ("k 1", {"text": "a"}, "id"),
        ("k" * 65, {"text": "a"}, "id"),
    ],
)
def test_what_cannot_be_watched_for_is_refused(
    keyword_id: str, body: dict[str, Any], field: str, guarded: Flask
) -> None:
    client = guarded.test_client()
    answer = client.put(f"/api/keywords/{quote(keyword_id)}", json=body, headers=BEARER)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.get_json()["error"]["details"]["fields"]] == [field]
    assert client.get("/api/keywords", headers=BEARER).get_json() == {"keywords": []}


def test_there_may_only_be_so_many(app: Flask, choose: Choose) -> None:
    for number in range(MAX_KEYWORDS):
        keyword = Keyword(keyword_id=f"k-{number}", kind=KeywordKind.PHRASE, text="refund")
        services_of(app).store.change_keyword(SaveKeyword(keyword=keyword))
    assert choose("one-more", "refund").status_code == 409
    assert choose("k-7", "order").status_code == 200


def test_viewers_read_and_operators_write(guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.get("/api/keywords").status_code == 401
    sign_in(client, VIEWER_PASSWORD)
    assert client.get("/api/keywords").status_code == 200
    headers = {"X-CSRFToken": csrf_token(client)}
    assert client.put("/api/keywords/k-1", json={"text": "a"}, headers=headers).status_code == 403
    assert client.delete("/api/keywords/k-1", headers=headers).status_code == 403
    scripts = guarded.test_client()
    assert scripts.put("/api/keywords/k-1", json={"text": "a"}, headers=BEARER).status_code == 200


def test_what_another_process_chose_is_seen_at_the_next_look(
    app: Flask, make_app: Callable[..., Flask], choose: Choose
) -> None:
    other: KeywordCache = services_of(make_app()).keywords
    choose("k-1", "refund")
    other.refresh()
    assert [mark.keyword for mark in other.find_marks("a refund")] == ["refund"]


def test_a_stored_keyword_that_cannot_be_used_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    stored = [
        Keyword(keyword_id="bad", kind=KeywordKind.REGEX, text="(?=a)"),
        Keyword(keyword_id="good", kind=KeywordKind.PHRASE, text="refund"),
    ]
    watching = KeywordCache(lambda: stored)
    watching.refresh()
    assert [mark.keyword for mark in watching.find_marks("a refund")] == ["refund"]
    assert "keyword bad is not watched for" in caplog.text
