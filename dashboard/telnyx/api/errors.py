"""Builds a `ProviderError` from a response, or from its absence.

Telnyx's texts are shortened and cleared of the key; bodies and paths are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from dashboard.errors import ProviderError
from dashboard.messages import Message, _, join
from dashboard.telnyx.api import error_hints, retry

# Only "unreachable" and "misaddressed" mean that the request surely never arrived.
FailureKind = Literal["timed_out", "interrupted", "unreachable", "misaddressed"]

_MAX_DETAIL_LENGTH = 500
_MAX_TITLE_LENGTH = 200
_MAX_POINTER_LENGTH = 200
_MAX_CODE_LENGTH = 20
# Refusals that another attempt, made by a person a moment later, can turn into success.
_TRANSIENT_STATUSES = frozenset({408, 409, 425})


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def api_error(
    response: HttpResponse, document: Mapping[str, Any], *, attempts: int, elapsed_ms: int, key: str
) -> ProviderError:
    """The error for an answer that is not a success. `document` is its JSON object, empty if it has none."""
    status = response.status
    first = _first_error(document)
    code = _shorten_text(first.get("code"), _MAX_CODE_LENGTH)
    title = _shorten_text(first.get("title"), _MAX_TITLE_LENGTH) or _("Telnyx answered %(status)s", status=status)
    detail = _shorten_text(first.get("detail"), _MAX_DETAIL_LENGTH)
    source = _object_or_empty(first, "source")
    pointer = _shorten_text(source.get("pointer") or source.get("parameter"), _MAX_POINTER_LENGTH)
    wait_s = retry_after_s(response) if retry.is_retryable(status) else None
    facts = {"pointer": pointer, "retry_after_s": None if wait_s is None else f"{wait_s:.0f}"}

    hint = _build_hint(status, code, wait_s, is_readable=bool(first))

    def without_key(text: str) -> str:
        # A debugging proxy may echo the request's headers.
        return text if isinstance(text, Message) else text.replace(key, "…")

    return ProviderError(
        permanent=status not in _TRANSIENT_STATUSES and not retry.is_retryable(status),
        status=status,
        code=code,
        title=without_key(title),
        detail=without_key(detail) if detail else None,
        hint=hint if pointer is None else join((hint, _pointer_message(without_key(pointer))), " "),
        attempts=attempts,
        elapsed_ms=elapsed_ms,
        facts={name: without_key(fact) for name, fact in facts.items() if fact},
    )


def invalid_response(status: int, *, attempts: int = 1, elapsed_ms: int = 0) -> ProviderError:
    """The error for a 2xx response without the expected content."""
    return ProviderError(
        permanent=True,
        status=status,
        code=None,
        title=_("The answer makes no sense"),
        detail=None,
        hint=error_hints.INVALID_RESPONSE,
        attempts=attempts,
        elapsed_ms=elapsed_ms,
    )


def connection_error(failure: FailureKind, *, attempts: int, elapsed_ms: int) -> ProviderError:
    """The error for a request without a response."""
    title, hint = {
        "timed_out": (_("Telnyx did not answer in time"), error_hints.TIMED_OUT),
        "interrupted": (_("The connection to Telnyx broke"), error_hints.INTERRUPTED),
        "unreachable": (_("Telnyx cannot be reached"), error_hints.UNREACHABLE),
        "misaddressed": (_("The address of Telnyx cannot be used"), error_hints.BAD_URL),
    }[failure]
    return ProviderError(
        permanent=failure == "misaddressed",
        status=None,
        code=None,
        title=title,
        detail=None,
        hint=hint,
        attempts=attempts,
        elapsed_ms=elapsed_ms,
    )


def _build_hint(status: int, code: str | None, wait_s: float | None, *, is_readable: bool) -> str:
    if 300 <= status < 400:
        return error_hints.REDIRECTED
    if not is_readable and status < 500 and status != 429:
        return error_hints.HINTS_BY_STATUS.get(status, error_hints.INVALID_RESPONSE)
    return error_hints.hint_for(status, code, wait_s=wait_s)


def _pointer_message(pointer: str) -> Message:
    """The parameter that a JSON pointer names (RFC 6901)."""
    return _("It is about %(field)s.", field=pointer.strip("/").replace("/", "."))


def retry_after_s(response: HttpResponse) -> float | None:
    """The pause that Telnyx asks for, in seconds; None without one."""
    return retry.retry_after_s(response.headers, now=datetime.now(UTC), is_limited=response.status == 429)


def parse_json_object(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object of a body; empty for no body, None for anything else."""
    if not body.strip():
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _first_error(document: Mapping[str, Any]) -> Mapping[str, Any]:
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    return first if isinstance(first, dict) else {}


def _object_or_empty(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _shorten_text(value: object, max_length: int) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value[:max_length] if isinstance(value, str) and value else None
