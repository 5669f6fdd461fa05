"""Static files: read once, compressed once, and cached under the hash of them all.

A new version of any file is a new address of every file.
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

SERVED_FOLDERS = ("css", "js", "vendor")
SERVED_FILES = ("favicon.svg",)
CSS_FOLDER = "css/"
PAGES_OF_BLOCKS_FILE = "css/pages.txt"
SOCKETIO_CLIENT_FILE = "vendor/socket.io.min.js"
# SHA-384 of dist/socket.io.min.js in the locked version of socket.io-client; a test compares it with the file.
SOCKETIO_CLIENT_INTEGRITY = "sha384-fBrXvbDtHoeKWJ/hcA6M+YGueiDW+h45I7V6F2kD1S8bOkrF9rZYPLVkCR6BLR/1"

COMPRESSIBLE_TYPES = ("text/", "application/javascript", "image/svg+xml")
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
        self.socketio_client_version = _locked_client_version(folder)

    def get(self, name: str) -> Asset | None:
        if name not in self._files:
            tag, _, script = name.partition("/")
            if tag in available_languages()[1:] and script.startswith("js/") and script in self._files:
                # Made for the first who reads this language: a start waits for none of it.
                said = script_with_translations(self._files[script].content.decode(), tag)
                self._files[name] = _build_asset(name, said.encode())
        return self._files.get(name)

    def url(self, name: str) -> str:
        """The address of a file. KeyError for an unknown one, so that a typo in a template fails at once."""
        if name not in self._files:
            raise KeyError(f"static/{name} does not exist")
        return f"/static/{self.version}/{name}"

    def script_url(self, name: str) -> str:
        """The address of a page's script with its messages in the request's language."""
        folder, _, file = self.url(name).partition("/js/")
        return (
            f"{folder}/js/{file}"
            if current_language() == SOURCE_LANGUAGE
            else f"{folder}/{current_language()}/js/{file}"
        )

    def socketio_client(self) -> dict[str, str | None]:
        """The Socket.IO client: our own copy, or the same file from a CDN with its integrity hash."""
        if SOCKETIO_CLIENT_FILE in self._files:
            return {"src": self.url(SOCKETIO_CLIENT_FILE), "integrity": None}
        return {"src": self.cdn_url, "integrity": SOCKETIO_CLIENT_INTEGRITY}

    @property
    def cdn_url(self) -> str:
        return f"https://cdn.jsdelivr.net/npm/socket.io-client@{self.socketio_client_version}/dist/socket.io.min.js"

    @property
    def external_script_url(self) -> str | None:
        """The one foreign script address, if any."""
        return None if SOCKETIO_CLIENT_FILE in self._files else self.cdn_url


@cache
def load_assets(folder: Path) -> Assets:
    """The assets of a folder, read once per process."""
    return Assets(folder)


def init_app(app: Flask, assets: Assets) -> None:
    app.jinja_env.globals["static_url"] = assets.url
    app.jinja_env.globals["script_url"] = assets.script_url
    app.jinja_env.globals["socketio_client"] = assets.socketio_client()


@bp.get("/static/<version>/<path:name>")
@public
def serve_asset(version: str, name: str) -> Response:
    assets = current_assets()
    asset = assets.get(name)
    if asset is None:
        abort(404)
    headers: dict[str, Any] = {"Vary": "Accept-Encoding"}
    # An old address gets today's file, which must not be cached under it.
    headers["Cache-Control"] = IMMUTABLE if version == assets.version else "no-cache"
    if asset.compressed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, mimetype=asset.mimetype, headers=headers)
    return Response(asset.content, mimetype=asset.mimetype, headers=headers)


def _read_files(folder: Path) -> list[tuple[str, bytes]]:
    found = [path for name in SERVED_FOLDERS for path in sorted((folder / name).rglob("*")) if path.is_file()]
    found += [folder / name for name in SERVED_FILES]
    files = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in found]
    scripts = bundle_modules({name: content.decode() for name, content in files if name.startswith("js/")})
    kept = [file for file in files if not file[0].startswith((CSS_FOLDER, "js/"))]
    made = {**_bundle_stylesheets(files), **scripts}
    return [*kept, *((name, text.encode()) for name, text in made.items())]


def _bundle_stylesheets(files: list[tuple[str, bytes]]) -> dict[str, str]:
    texts = {name: content.decode() for name, content in files if name.startswith(CSS_FOLDER)}
    listed = texts.pop(PAGES_OF_BLOCKS_FILE)
    blocks = {name.removeprefix(CSS_FOLDER).removesuffix(".css"): text for name, text in texts.items()}
    return {f"{CSS_FOLDER}pages/{page}.css": text for page, text in sheets(blocks, listed).items()}


def _build_asset(name: str, content: bytes) -> Asset:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if name.endswith((".js", ".mjs")):
        mimetype = "text/javascript"
    compressed = None
    if mimetype.startswith(COMPRESSIBLE_TYPES):
        compressed = gzip.compress(content, 9, mtime=0)
    return Asset(content, compressed, mimetype)


def _locked_client_version(folder: Path) -> str:
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    version: str = package["dependencies"]["socket.io-client"]
    return version
