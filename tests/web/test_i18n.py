"""Everybody is answered in their language: the chosen one, else the browser's, else English, which costs nothing."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.messages import _, ngettext
from dashboard.web import i18n
from dashboard.web.assets import Assets
from dashboard.web.context import context_of
from dashboard.web.i18n import (
    available_languages,
    format_decimal_number,
    locale_of,
    native_name,
    translate,
    translations_for,
)
from dashboard.web.phrasebook import script_with_translations
from tests.conftest import CALL_ID
from tests.web.conftest import PASSWORD, csrf_token

ROOT = Path(__file__).parents[2]
SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}

POLISH = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "Events"
msgstr "Zdarzenia"

msgid "%(num)s line"
msgid_plural "%(num)s lines"
msgstr[0] "%(num)s wiersz"
msgstr[1] "%(num)s wiersze"
msgstr[2] "%(num)s wierszy"
"""

ARABIC = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"""


@pytest.fixture
def more_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Polish and Arabic, made of nothing but a catalogue each."""
    for tag, text in (("pl", POLISH), ("ar", ARABIC)):
        path = tmp_path / "translations" / tag / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    caches = (available_languages, translations_for)
    monkeypatch.setattr(i18n, "TRANSLATIONS_FOLDER", tmp_path / "translations")
    for each in caches:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


def heading(client: FlaskClient, **headers: str) -> str:
    page = client.get("/events", headers=headers).get_data(as_text=True)
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("asked_for", "answered"),
    [
        ("", "Events"),
        ("en-US,en;q=0.9", "Events"),
        ("es", "Eventos"),
        ("es-MX", "Eventos"),
        ("fr, es;q=0.5", "Eventos"),
        ("en, es;q=0.9", "Events"),
        ("fr", "Events"),
        ("*", "Events"),
        (";q=x,,es;;", "Eventos"),
    ],
)
def test_the_browser_says_what_its_reader_reads(client: FlaskClient, asked_for: str, answered: str) -> None:
    assert heading(client, **{"Accept-Language": asked_for}) == answered


@pytest.mark.parametrize(
    ("chosen", "answered"), [("en", "Events"), ("es", "Eventos"), ("xx", "Eventos"), ("", "Eventos")]
)
def test_a_choice_counts_more_than_the_browser(client: FlaskClient, chosen: str, answered: str) -> None:
    client.set_cookie("language", chosen)
    assert heading(client, **SPANISH) == answered


def test_a_page_says_which_language_it_is_in(client: FlaskClient) -> None:
    answer = client.get("/", headers=SPANISH)
    assert '<html lang="es" dir="ltr">' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == "es"
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_has_no_language_is_the_same_for_everybody(app: Flask, deliver: Callable[..., object]) -> None:
    assets: Assets = context_of(app).assets
    client = app.test_client()
    for address in (assets.url("js/pages/console.js"), assets.url("favicon.svg")):
        assert "Accept-Language" not in client.get(address, headers=SPANISH).headers.get("Vary", "")
    answer = deliver("call.initiated")
    assert "Vary" not in answer.headers  # type: ignore[attr-defined]


def test_errors_and_schemas_of_the_api_are_in_the_readers_language(client: FlaskClient) -> None:
    error = client.get("/api/calls/nobody", headers=SPANISH).get_json()["error"]
    assert (error["code"], error["message"]) == ("call_not_found", "Llamada desconocida.")
    commands = {
        tag: client.get("/api/commands", headers={"Accept-Language": tag}).get_data(as_text=True)
        for tag in "en es".split()
    }
    assert "Idioma" in json.dumps(json.loads(commands["es"]), ensure_ascii=False) and "Idioma" not in commands["en"]
    assert client.get("/api/calls/nobody").get_json()["error"]["message"] == "Unknown call."


def test_an_unknown_page_says_so_in_the_readers_language(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers={**SPANISH, "Accept": "text/html"})
    assert page.status_code == 404 and "Volver a las llamadas" in page.get_data(as_text=True)


def test_sentences_are_said_with_their_values(app: Flask) -> None:
    with app.test_request_context(headers=SPANISH):
        assert translate("Events") == "Eventos" and translate("nobody wrote this") == "nobody wrote this"
        assert translate(_("Come again in %(seconds)s s.", seconds=1.5)) == "Volver en 1,5 s."
        nested = _("%(what)s. %(why)s", what=_("Nobody answered"), why="<as it came>")
        assert translate(nested) == "Nadie contestó. <as it came>"
        lines = [ngettext("%(num)s line", "%(num)s lines", number) for number in (1, 2)]
        assert [translate(each) for each in lines] == ["1 línea", "2 líneas"]
    assert translate(_("Come again in %(seconds)s s.", seconds=1.5)) == "Come again in 1.5 s."


def choose(client: FlaskClient, tag: str, *, token: str | None = None, back: str = "", came_from: str = "") -> object:
    data = {"language": tag, "next": back, "csrf_token": token or csrf_token(client, "/login")}
    return client.post("/language", data=data, headers={"Referer": came_from} if came_from else {})


def test_a_choice_is_remembered_for_a_year_by_the_browser_alone(client: FlaskClient) -> None:
    answer = choose(client, "es", token=csrf_token(client), came_from="http://localhost/events?verdict=refused")
    assert (answer.status_code, answer.location) == (303, "/events?verdict=refused")  # type: ignore[attr-defined]
    cookie = client.get_cookie("language")
    assert cookie is not None and cookie.value == "es" and cookie.max_age == 365 * 24 * 60 * 60
    assert cookie.same_site == "Lax" and cookie.http_only
    assert heading(client) == "Eventos"


@pytest.mark.parametrize(
    ("back", "came_from", "path"),
    [
        ("/login?next=/setup", "http://localhost/login", "/login?next=/setup"),
        ("//evil.example/", "", "/"),
        ("https://evil.example/", "", "/"),
        ("/\\evil.example", "", "/"),
        ("", "https://evil.example//other.example/x", "/"),
        ("", "https://evil.example/events", "/events"),
        ("", "http://[", "/"),
        ("", "", "/"),
    ],
)
def test_a_choice_leads_back_and_never_elsewhere(guarded: Flask, back: str, came_from: str, path: str) -> None:
    answer = choose(guarded.test_client(), "es", back=back, came_from=came_from)
    assert (answer.status_code, answer.location) == (303, path)  # type: ignore[attr-defined]


def test_a_choice_needs_a_language_and_a_token_but_nobody_signed_in(guarded: Flask) -> None:
    client = guarded.test_client()
    assert choose(client, "xx").status_code == 400  # type: ignore[attr-defined]
    assert choose(client, "../es").status_code == 400  # type: ignore[attr-defined]
    assert client.post("/language", data={"language": "es"}).status_code == 400
    assert client.get_cookie("language") is None
    assert choose(client, "es").status_code == 303  # type: ignore[attr-defined]
    page = client.get("/login").get_data(as_text=True)
    assert "Contraseña" in page
    wrong = client.post("/login", data={"password": f"{PASSWORD}?", "csrf_token": csrf_token(client, "/login")})
    assert "Esa no es la contraseña. Quedan 4 intentos" in wrong.get_data(as_text=True)


def script_of(client: FlaskClient, path: str, **headers: str) -> str:
    page = client.get(path, headers=headers).get_data(as_text=True)
    found = re.search(r'<script type="module" src="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_a_page_in_another_language_has_its_words_before_its_modules(client: FlaskClient) -> None:
    english, spanish = script_of(client, "/search"), script_of(client, "/search", **SPANISH)
    assert spanish == english.replace("/js/", "/es/js/")
    plain = client.get(english).get_data(as_text=True)
    answer = client.get(spanish, headers={"Accept-Encoding": "gzip"})
    assert (
        answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        and answer.mimetype == "text/javascript"
    )
    first, _, rest = gzip.decompress(answer.data).decode().partition("\n")
    assert rest == plain and not plain.startswith("globalThis.texts")
    texts = json.loads(first.removeprefix("globalThis.texts = ").removesuffix(";"))
    assert texts["messages"]["%(num)s line, heard last first"] == [
        "%(num)s línea, las últimas primero",
        "%(num)s líneas, las últimas primero",
    ]
    assert "Stop streaming, then fork" not in texts["messages"], "this page never says it"


@pytest.mark.parametrize(
    "name",
    [
        "xx/js/pages/console.js",
        "en/js/pages/console.js",
        "es/js/nothing.js",
        "es/css/pages/console.css",
        "es/es/js/pages/console.js",
    ],
)
def test_scripts_exist_in_languages_that_exist(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404


def test_another_translation_is_another_address(more_languages: None) -> None:
    folder = Path(__file__).parent.parent.parent / "static"
    before = Assets(folder).version
    path = i18n.catalogue_path("pl")
    path.write_text(POLISH.replace("Zdarzenia", "Wydarzenia"), encoding="utf-8")
    assert Assets(folder).version != before


def test_english_reads_no_catalogue(app: Flask) -> None:
    translations_for.cache_clear()
    client = app.test_client()
    for path in ("/", "/events", "/search", "/setup", "/api/commands"):
        assert client.get(path).status_code == 200
    assert translations_for.cache_info().currsize <= 1
    client.get("/", headers=SPANISH)
    assert translations_for.cache_info().currsize == 2


def test_a_language_is_added_by_its_catalogue_alone(more_languages: None, app: Flask) -> None:
    client = app.test_client()
    assert available_languages() == ("en", "ar", "pl") and native_name("pl") == "Polski"
    assert heading(client, **{"Accept-Language": "pl"}) == "Zdarzenia"
    page = client.get("/", headers={"Accept-Language": "ar"}).get_data(as_text=True)
    assert '<html lang="ar" dir="rtl">' in page and "Polski</button>" in page
    with app.test_request_context(headers={"Accept-Language": "pl"}):
        lines = [translate(ngettext("%(num)s line", "%(num)s lines", number)) for number in (1, 2, 5, 22)]
    assert lines == ["1 wiersz", "2 wiersze", "5 wierszy", "22 wiersze"]


def test_browsers_get_plural_forms_in_the_order_they_choose_by(more_languages: None) -> None:
    script = script_with_translations('tn("%(num)s line", "%(num)s lines", count)', "pl")
    assert script.startswith(
        'globalThis.texts = {"messages":{"%(num)s line":["%(num)s wiersz","%(num)s wiersze","%(num)s wierszy"]}};\n'
    )
    assert [locale_of("pl").plural_form(number) for number in (1, 2, 5)] == ["one", "few", "many"]


def test_what_a_person_said_is_never_taken_for_a_text(deliver: Callable[..., object], client: FlaskClient) -> None:
    said_by_somebody = {"transcription_data": {"transcript": "Events", "is_final": True, "confidence": 0.9}}
    deliver("call.initiated", {"direction": "incoming", "from": "+15550100001", "to": "+15550100002"})
    deliver("call.transcription", said_by_somebody)
    page = client.get(f"/calls/{CALL_ID}", headers=SPANISH).get_data(as_text=True)
    assert "<span>Events</span>" in page
    detail = client.get(f"/api/calls/{CALL_ID}", headers=SPANISH).get_json()
    assert [line["text"] for line in detail["segments"]] == ["Events"]


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(0.35, 1, "0.4"), (0.45, 1, "0.5"), (2.5, 0, "3"), (1204.449, 1, "1,204.4"), (0.0, 2, "0.00"), (1e-9, 2, "0.00")],
)
def test_numbers_round_as_browsers_round_them(app: Flask, value: float, decimals: int, shown: str) -> None:
    module = "./static/js/shared/i18n.js"
    script = f"import {{ formatNumber }} from '{module}'; console.log(formatNumber({value}, {decimals}));"
    asked = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, cwd=ROOT)
    with app.test_request_context():
        assert format_decimal_number(value, decimals) == shown == asked.stdout.strip(), asked.stderr
