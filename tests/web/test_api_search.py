"""Search as pages and scripts ask for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import CALL_ID, transcription_payload

START = datetime(2026, 8, 21, 10, 15, tzinfo=UTC)
Deliver = Callable[..., Any]


@pytest.fixture
def talk(deliver: Deliver) -> None:
    deliver("call.initiated", {"direction": "incoming"}, at=START)
    for second, text in enumerate(("Hello?", "My order is late.", "Which order?"), start=1):
        track = "outbound" if second % 2 else "inbound"
        deliver("call.transcription", transcription_payload(text, track=track), at=START + timedelta(seconds=second))


def test_a_result_has_the_shapes_of_the_api(client: FlaskClient, talk: None) -> None:
    detail = client.get(f"/api/calls/{CALL_ID}").get_json()
    hello, late, which = detail["segments"]
    parts = [["My order is ", False], ["late", True], [".", False]]
    assert client.get("/api/search?q=late").get_json() == {
        "results": [{"call": detail["call"], "segment": late, "parts": parts, "before": hello, "after": which}],
        "next": None,
    }


def test_pages_follow_each_other(client: FlaskClient, talk: None) -> None:
    first = client.get("/api/search?q=order&limit=1").get_json()
    second = client.get(f"/api/search?q=order&limit=1&after={first['next']}").get_json()
    texts = [page["results"][0]["segment"]["text"] for page in (first, second)]
    assert (texts, second["next"]) == (["Which order?", "My order is late."], None)


def test_nothing_to_look_for_finds_nothing(client: FlaskClient, talk: None) -> None:
    for address in ("/api/search", "/api/search?q=", "/api/search?q=%22%27)*", "/api/search?q=%00%ff"):
        answer = client.get(address)
        assert (answer.status_code, answer.get_json()) == (200, {"results": [], "next": None})


def test_bad_pages_are_refused_by_name(client: FlaskClient) -> None:
    for wrong in ("after=x", "after=-1", f"after={2**63}", "limit=0", "limit=51"):
        answer = client.get(f"/api/search?q=order&{wrong}")
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")


def test_search_is_for_those_who_are_signed_in(guarded: Flask) -> None:
    assert guarded.test_client().get("/api/search?q=order").status_code == 401
