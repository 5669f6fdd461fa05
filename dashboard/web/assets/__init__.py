"""Static files, read once, compressed once, and cached for ever under the hash of them all.

The stylesheets are one file a block, the scripts one file a module; browsers get both joined, one of each a page.
One hash for the whole folder keeps it simple: a new version of anything is a new address of everything.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, request

from dashboard.web.assets.bundle import bundle_modules
from dashboard.web.auth import public
from dashboard.web.context import assets as current_assets
from dashboard.web.i18n import SOURCE_LANGUAGE, available_languages, catalogue_path, current_language
from dashboard.web.phrasebook import script_with_translations
from dashboard.web.styles import sheets

bp = Blueprint("assets", __name__)

SERVED = ("css", "js", "vendor")
SERVED_FILES = ("favicon.svg",)
STYLES = "css/"
PAGES = "css/pages.txt"
CLIENT = "vendor/socket.io.min.js"
CLIENT_INTEGRITY = "sha384-fBrXvbDtHoeKWJ/hcA6M+YGueiDW+h45I7V6F2kD1S8bOkrF9rZYPLVkCR6BLR/1"
"""SHA-384 of dist/socket.io.min.js in the locked version of socket.io-client; a test compares it with the file."""

COMPRESSIBLE = ("text/", "application/javascript", "image/svg+xml")
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    compressed: bytes | None
    mimetype: str


class Assets:
    """Every file that browsers may load, in memory."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: _build_asset(name, content) for name, content in _read_files(folder)}
        digest = hashlib.sha256()
        for name in sorted(self._files):
            digest.update(name.encode() + b"\0" + self._files[name].content)
        for tag in available_languages()[1:]:
            digest.update(tag.encode() + b"\0" + catalogue_path(tag).read_bytes())
        self.version = digest.hexdigest()[:16]
        self.client_version = _locked_version(folder)

    def get(self, name: str) -> Asset | None:
        if name not in self._files:
            tag, _, script = name.partition("/")
            if tag in available_languages()[1:] and script.startswith("js/") and script in self._files:
                # Made for the first who reads this language: a start waits for none of it.
                said = script_with_translations(self._files[script].content.decode(), tag)
                self._files[name] = _build_asset(name, said.encode())
        return self._files.get(name)

    def url(self, name: str) -> str:
        """KeyError for a file that is not there: a typo in a template must not wait for a browser to find it."""
        if name not in self._files:
            raise KeyError(f"static/{name} does not exist")
        return f"/static/{self.version}/{name}"

    def script_url(self, name: str) -> str:
        """A page's script, with what it says in the language of this request. In English it says it by itself."""
        folder, _, file = self.url(name).partition("/js/")
        return (
            f"{folder}/js/{file}"
            if current_language() == SOURCE_LANGUAGE
            else f"{folder}/{current_language()}/js/{file}"
        )

    def client(self) -> dict[str, str | None]:
        """The Socket.IO client: our own copy where npm has put one, else the same file from a CDN, held to its hash."""
        if CLIENT in self._files:
            return {"src": self.url(CLIENT), "integrity": None}
        return {"src": self.cdn_url, "integrity": CLIENT_INTEGRITY}

    @property
    def cdn_url(self) -> str:
        return f"https://cdn.jsdelivr.net/npm/socket.io-client@{self.client_version}/dist/socket.io.min.js"

    @property
    def foreign_script(self) -> str | None:
        """The one address outside of ours that scripts may come from, if any."""
        return None if CLIENT in self._files else self.cdn_url


@cache
def load_assets(folder: Path) -> Assets:
    """The assets of a folder: they do not change while a process runs, however many applications it makes."""
    return Assets(folder)


def init_app(app: Flask, assets: Assets) -> None:
    app.jinja_env.globals["static_url"] = assets.url
    app.jinja_env.globals["script_url"] = assets.script_url
    app.jinja_env.globals["socketio_client"] = assets.client()


@bp.get("/static/<version>/<path:name>")
@public
def serve(version: str, name: str) -> Response:
    assets = current_assets()
    asset = assets.get(name)
    if asset is None:
        abort(404)
    headers: dict[str, Any] = {"Vary": "Accept-Encoding"}
    # An old address gets today's file, but nobody is told to keep it.
    headers["Cache-Control"] = IMMUTABLE if version == assets.version else "no-cache"
    if asset.compressed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, mimetype=asset.mimetype, headers=headers)
    return Response(asset.content, mimetype=asset.mimetype, headers=headers)


def _read_files(folder: Path) -> list[tuple[str, bytes]]:
    found = [path for name in SERVED for path in sorted((folder / name).rglob("*")) if path.is_file()]
    found += [folder / name for name in SERVED_FILES]
    files = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in found]
    scripts = bundle_modules({name: content.decode() for name, content in files if name.startswith("js/")})
    kept = [file for file in files if not file[0].startswith((STYLES, "js/"))]
    made = {**_sheets(files), **scripts}
    return [*kept, *((name, text.encode()) for name, text in made.items())]


def _sheets(files: list[tuple[str, bytes]]) -> dict[str, str]:
    texts = {name: content.decode() for name, content in files if name.startswith(STYLES)}
    listed = texts.pop(PAGES)
    blocks = {name.removeprefix(STYLES).removesuffix(".css"): text for name, text in texts.items()}
    return {f"{STYLES}pages/{page}.css": text for page, text in sheets(blocks, listed).items()}


def _build_asset(name: str, content: bytes) -> Asset:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.endswith((".js", ".mjs")):
        mimetype = "text/javascript"
    compressed = None
    if mimetype.startswith(COMPRESSIBLE):
        compressed = gzip.compress(content, 9, mtime=0)
    return Asset(content, compressed, mimetype)


def _locked_version(folder: Path) -> str:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    version: str = package["dependencies"]["socket.io-client"]
    return version
