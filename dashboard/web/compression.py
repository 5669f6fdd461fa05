"""Answers made smaller on their way to those who can unpack them: a page of a long call shrinks to a tenth.

What is secret in a page stays so, although compression tells how much a page repeats (BREACH, 2013): the one secret in
it is the CSRF token, signed anew for each second, and browsers bring no cookie along on the request of another site.
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
