"""Labels of codes: one table, printed on every page for its scripts."""

from __future__ import annotations

import html
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.web.labels import LABELS, translate_code


def printed_labels(page: str) -> dict[str, dict[str, str]]:
    [printed] = re.findall(r'<script type="application/json" id="labels">(.*?)</script>', page, flags=re.DOTALL)
    labels: dict[str, dict[str, str]] = json.loads(printed)
    return labels


@pytest.mark.parametrize("path", ["/", "/events", "/search", "/setup"])
def test_a_page_has_the_labels_of_its_scripts(client: FlaskClient, path: str) -> None:
    assert printed_labels(client.get(path).text) == LABELS


def test_the_labels_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    labels = printed_labels(client.get("/", headers={"Accept-Language": "es"}).text)
    assert labels["call_state"] == {"ringing": "Sonando", "answered": "Contestada", "ended": "Terminada"}


def test_the_printed_labels_cannot_end_their_script(app: Flask) -> None:
    with app.test_request_context():
        template = app.jinja_env.from_string("{{ {'code': '</script>'} | tojson }}")
        assert "<" not in html.unescape(template.render())


def test_every_code_has_a_filter_for_its_label(app: Flask) -> None:
    assert set(LABELS) <= set(app.jinja_env.filters)
    with app.test_request_context():
        assert app.jinja_env.from_string("{{ 'user_busy' | hangup_cause }}").render() == "User busy"


@pytest.mark.parametrize(
    ("table", "code", "expected"),
    [
        ("hangup_cause", "recovery_on_timer_expire", "Recovery on timer expire"),
        ("webhook_reason", "brand_new", "brand new"),
        ("requester", "R2-D2", "R2-D2"),
        ("hangup_cause", None, ""),
    ],
)
def test_a_code_without_a_label_is_readable(app: Flask, table: str, code: str | None, expected: str) -> None:
    with app.test_request_context():
        assert translate_code(table, code) == expected
