"""Pages, headers and files as a browser gets them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import ROOT
from dashboard.web.assets import SOCKETIO_CLIENT_FILE, SOCKETIO_CLIENT_INTEGRITY, Assets
from dashboard.web.context import context_of
from dashboard.web.security_headers import content_security_policy
from tests.conftest import CALL_ID, services_of, transcription_payload
from tests.web.conftest import PASSWORD, sign_in

STATIC = ROOT / "static"
EVIL = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>{{7*7}}"
PAGES = (
    "/",
    f"/calls/{CALL_ID}",
    f"/calls/{CALL_ID}/read",
    "/events",
    "/events/nothing",
    "/search?q=alert",
    "/setup",
    "/nothing-here",
    "/calls/v3:unknown",
)


# A script of this type is a block of data, which browsers never run.
DATA = "application/json"


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and the text inside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = "" if dict(attrs).get("type") == DATA else tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style"):
            self.inline += data.strip()


@pytest.fixture
def pages(client: FlaskClient, deliver: Callable[..., Any], make_app: Callable[..., Flask]) -> dict[str, str]:
    """Every page, with a call on it that says bad things in every field."""
    names = {"from": EVIL, "to": EVIL, "call_leg_id": EVIL, "call_session_id": EVIL}
    deliver("call.initiated", {**names, "direction": "incoming"})
    deliver("call.answered")
    deliver("call.transcription", transcription_payload(EVIL))
    deliver("call.transcription", transcription_payload(EVIL, final=False, track="outbound"))
    deliver("streaming.failed", {"failure_reason": EVIL})
    deliver(f"odd.{EVIL}", {}, call_id=EVIL)
    found = {address: client.get(address, headers={"Accept": "text/html"}).text for address in PAGES}
    signed_in = make_app(dashboard_password=PASSWORD).test_client()
    found["/login"] = signed_in.get("/login").text
    sign_in(signed_in)
    found["/ signed in"] = signed_in.get("/").text
    return found


def test_no_page_has_inline_scripts_styles_or_handlers(pages: dict[str, str]) -> None:
    for address, page in pages.items():
        parsed = Tags(page)
        assert parsed.inline == "", address
        for tag, attributes in parsed.tags:
            assert tag != "style" and "style" not in attributes, address
            assert not [name for name in attributes if name.startswith("on")], address
            assert tag != "script" or attributes.get("src") or attributes.get("type") == DATA, address
            assert not (attributes.get("href") or "").lower().startswith("javascript:"), address


def test_what_people_say_and_what_callers_are_called_is_escaped(pages: dict[str, str]) -> None:
    for address, page in pages.items():
        assert "<img src=x" not in page and "alert(2)</script>" not in page, address
        assert not [tag for tag, attributes in Tags(page).tags if tag == "img" and attributes.get("src") == "x"]
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages[f"/calls/{CALL_ID}"]
    assert "{{7*7}}" in pages[f"/calls/{CALL_ID}"]


def test_everything_a_page_loads_is_there(pages: dict[str, str], client: FlaskClient) -> None:
    for page in pages.values():
        for tag, attributes in Tags(page).tags:
            if tag not in ("script", "link"):
                continue
            address = attributes.get("src") or attributes.get("href") or ""
            if address.startswith("/"):
                assert client.get(address).status_code == 200, address


def test_content_policy_allows_nothing_unsafe() -> None:
    for policy in (content_security_policy(None), content_security_policy("https://cdn.example/file.js")):
        assert "unsafe" not in policy and "*" not in policy
        directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
        assert directives["default-src"] == ["'none'"]
        assert directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]
        assert directives["script-src"][0] == "'self'"


def test_every_answer_carries_the_security_headers(client: FlaskClient) -> None:
    for address in (*PAGES, "/api/calls", "/api/calls/unknown", "/healthz", "/static/x/favicon.svg"):
        headers = client.get(address).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], address
        assert headers["X-Content-Type-Options"] == "nosniff", address
        assert headers["Referrer-Policy"] == "same-origin", address


def test_transcripts_are_never_cached_on_the_way(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated")
    for address in (*PAGES, "/api/calls", f"/api/calls/{CALL_ID}", f"/api/calls/{CALL_ID}/segments"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address


def test_strict_transport_only_where_the_public_address_is_https(make_app: Callable[..., Flask]) -> None:
    assert "Strict-Transport-Security" not in make_app().test_client().get("/healthz").headers
    secure = make_app(public_url="https://calls.example.com").test_client()
    assert "max-age" in secure.get("/healthz").headers["Strict-Transport-Security"]


def test_files_are_kept_for_ever_under_their_hash_and_gzipped(app: Flask, client: FlaskClient) -> None:
    assets: Assets = context_of(app).assets
    for name, mimetype in (("css/pages/console.css", "text/css"), ("js/pages/console.js", "text/javascript")):
        plain = client.get(assets.url(name))
        packed = client.get(assets.url(name), headers={"Accept-Encoding": "br, gzip"})
        assert plain.mimetype == packed.mimetype == mimetype
        assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.data) == plain.data


def test_old_address_of_a_file_is_answered_but_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/0123456789abcdef/css/pages/console.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name", ["../wsgi.py", "..%2fwsgi.py", "package.json", "css/pages.txt", "css/call.css", "node_modules/x", ""]
)
def test_only_what_browsers_need_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/x/{name}").status_code == 404


def test_a_changed_file_changes_the_address_of_all(tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    before = Assets(folder).version
    assert Assets(folder).version == before
    (folder / "js" / "app.js").write_text("// new\n", encoding="utf-8")
    assert Assets(folder).version != before


def test_typo_in_a_template_is_found_at_once(app: Flask) -> None:
    with pytest.raises(KeyError, match="static/js/nothing.js"):
        context_of(app).assets.url("js/nothing.js")


def test_hash_of_the_cdn_copy_is_the_hash_of_ours() -> None:
    if not (STATIC / SOCKETIO_CLIENT_FILE).is_file():
        pytest.skip("npm has not put the Socket.IO client into static/vendor")
    digest = hashlib.sha384((STATIC / SOCKETIO_CLIENT_FILE).read_bytes()).digest()
    assert f"sha384-{base64.b64encode(digest).decode()}" == SOCKETIO_CLIENT_INTEGRITY


def test_the_one_library_is_pinned_to_what_is_locked() -> None:
    wanted = json.loads((STATIC / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((STATIC / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert list(wanted) == ["socket.io-client"]
    assert wanted["socket.io-client"] == lock["node_modules/socket.io-client"]["version"]


def test_without_node_the_page_loads_the_same_file_from_a_cdn_held_to_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_app: Callable[..., Flask]
) -> None:
    folder = _copied(tmp_path)
    shutil.rmtree(folder / "vendor", ignore_errors=True)
    (tmp_path / "templates").symlink_to(ROOT / "templates")
    monkeypatch.setattr("dashboard.app.ROOT", tmp_path)
    answer = make_app().test_client().get("/")
    sources = [attributes for tag, attributes in Tags(answer.text).tags if tag == "script"]
    foreign = [attributes for attributes in sources if (attributes.get("src") or "").startswith("http")]
    assert [script["src"] for script in foreign] == [Assets(folder).cdn_url]
    assert foreign[0]["integrity"] == SOCKETIO_CLIENT_INTEGRITY and foreign[0]["crossorigin"] == "anonymous"
    assert f"script-src 'self' {Assets(folder).cdn_url};" in answer.headers["Content-Security-Policy"]


def test_with_our_own_copy_nothing_foreign_is_loaded(tmp_path: Path) -> None:
    folder = _copied(tmp_path)
    (folder / "vendor").mkdir(exist_ok=True)
    (folder / SOCKETIO_CLIENT_FILE).write_text("// the client\n", encoding="utf-8")
    found = Assets(folder)
    assert found.external_script_url is None
    assert found.socketio_client() == {"src": found.url(SOCKETIO_CLIENT_FILE), "integrity": None}


def test_errors_are_pages_for_people_and_json_for_scripts(client: FlaskClient) -> None:
    page = client.get("/nothing-here", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    answer = client.get("/nothing-here", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


def test_unexpected_error_tells_nobody_its_reason(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the inside of the program")

    monkeypatch.setattr(services_of(app).store, "calls_page", fail)
    answer = client.get("/api/calls")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (500, "internal_error")
    assert "the inside of the program" not in answer.text
    assert "unexpected RuntimeError at api.list_calls" in caplog.text


def _copied(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    shutil.copytree(STATIC, folder, ignore=shutil.ignore_patterns("node_modules"))
    return folder
