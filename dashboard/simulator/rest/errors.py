"""What the provider says when it refuses: its codes, their HTTP status, its error body. Knows nothing of calls.

Source: Telnyx API reference, "API error codes".
"""

from __future__ import annotations

from typing import Any

_ERROR_DOCS_URL = "https://developers.telnyx.com/docs/overview/errors/"

# code -> (usual HTTP status, title)
ERROR_CODES: dict[str, tuple[int, str]] = {
    "10003": (422, "Invalid URL"),
    "10004": (422, "Missing required parameter"),
    "10005": (404, "Resource not found"),
    "10007": (500, "Unexpected error"),
    "10009": (401, "Authentication failed"),
    "10010": (403, "Authorization failed"),
    "10011": (429, "Too many requests"),
    "10014": (415, "Unsupported media type"),
    "10015": (422, "Invalid value"),
    "10016": (422, "Phone number must be in +E.164 format"),
    "10023": (400, "Invalid JSON"),
    "10030": (405, "Method not allowed"),
    "10032": (422, "Value outside of enumeration"),
    "10033": (422, "Value outside of range"),
    "90015": (422, "Invalid Call Control ID"),
    "90017": (422, "Invalid value for client_state"),
    "90018": (422, "Call has already ended"),
    "90031": (422, "Call is not forked"),
    "90034": (422, "Call not answered yet"),
    "90045": (422, "Command not allowed while media streaming is used"),
    "90046": (422, "Media streaming failed to start"),
    "90048": (422, "Command needs media streaming"),
    "90054": (422, "Transcription already in progress"),
    "90102": (422, "Cannot answer an outbound call"),
    "90103": (429, "Dial rate limit exceeded"),
}


class ApiError(Exception):
    """A refusal on its way to the answer. `pointer` is a JSON pointer into the body, `parameter` a query parameter."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        pointer: str | None = None,
        parameter: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.parameter = parameter
        self.status = status or ERROR_CODES[code][0]


def error_body(code: str, detail: str, *, pointer: str | None = None, parameter: str | None = None) -> dict[str, Any]:
    """The JSON body of a refusal; `code` may be one that this simulator never uses by itself."""
    error: dict[str, Any] = {
        "code": code,
        "title": ERROR_CODES.get(code, (0, "Request refused"))[1],
        "detail": detail,
        "meta": {"url": _ERROR_DOCS_URL + code},
    }
    if pointer is not None:
        error["source"] = {"pointer": pointer}
    elif parameter is not None:
        error["source"] = {"parameter": parameter}
    return {"errors": [error]}
