"""Answers that the server gives itself, without the application."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

# Those of web/security_headers.py, as far as an answer without markup needs them.
SECURITY_HEADERS: Final = (
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)


def error_response(status: int, message: str | None = None) -> bytes:
    """A complete answer, after which the connection is closed. `message` replaces the status's own words."""
    phrase = HTTPStatus(status).phrase
    content = f"{message or phrase}\n".encode()
    lines = [
        f"HTTP/1.1 {status} {phrase}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(content)}",
        *(f"{name}: {value}" for name, value in SECURITY_HEADERS),
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content
