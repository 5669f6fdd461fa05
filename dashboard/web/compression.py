"""Compresses responses with gzip.

Compression can reveal how often a page repeats itself (BREACH, 2013). The only secret in a page is the CSRF token,
which is signed anew each second, and browsers send no cookie with the request of another site.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from dashboard.web.context import services

MIN_BYTES = 1_000
# Of 9: what the higher ones save takes longer to make than to send.
GZIP_LEVEL = 4

COMPRESSED_TYPES = frozenset(
    {"text/html", "application/json", "text/plain", "text/csv", "text/vtt", "application/x-subrip"}
)


def init_app(app: Flask) -> None:
    app.after_request(_compress_response)


def _compress_response(response: Response) -> Response:
    if response.mimetype not in COMPRESSED_TYPES or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    if len(response.data) < MIN_BYTES:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.data = services().runtime.run_blocking(gzip.compress, response.data, GZIP_LEVEL)
        response.headers["Content-Encoding"] = "gzip"
    return response
