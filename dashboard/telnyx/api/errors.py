"""Turns what came back from the provider, or did not, into a `ProviderError` a person can act on.

It sends nothing. The provider's own words are shortened and cleared of the key; bodies and paths stay out.
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
Failure = Literal["timed_out", "interrupted", "unreachable", "misaddressed"]

_LONGEST_DETAIL = 500
_LONGEST_TITLE = 200
_LONGEST_POINTER = 200
_LONGEST_CODE = 20
# Refusals that another attempt, made by a person a moment later, can turn into success.
_PASSING = frozenset({408, 409, 425})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def refusal(
    response: Response, document: Mapping[str, Any], *, attempts: int, elapsed_ms: int, key: str
) -> ProviderError:
    """The error for an answer that is not a success. `document` is its JSON object, empty if it has none."""
    status = response.status
    first = _first_error(document)
    code = _text(first.get("code"), _LONGEST_CODE)
    title = _text(first.get("title"), _LONGEST_TITLE) or _("Telnyx answered %(status)s", status=status)
    detail = _text(first.get("detail"), _LONGEST_DETAIL)
    source = _object(first, "source")
    pointer = _text(source.get("pointer") or source.get("parameter"), _LONGEST_POINTER)
    wait_s = asked_pause_s(response) if retry.is_worth_repeating(status) else None
    facts = {"pointer": pointer, "retry_after_s": None if wait_s is None else f"{wait_s:.0f}"}

    hint = _hint(status, code, wait_s, readable=bool(first))

    def without_key(text: str) -> str:
        # A debugging proxy may echo the request's headers.
        return text if isinstance(text, Message) else text.replace(key, "…")

    return ProviderError(
        permanent=status not in _PASSING and not retry.is_worth_repeating(status),
        status=status,
        code=code,
        title=without_key(title),
        detail=without_key(detail) if detail else None,
        hint=hint if pointer is None else join((hint, _named(without_key(pointer))), " "),
        attempts=attempts,
        elapsed_ms=elapsed_ms,
        facts={name: without_key(fact) for name, fact in facts.items() if fact},
    )


def unreadable(status: int, *, attempts: int = 1, elapsed_ms: int = 0) -> ProviderError:
    """The error for a 2xx answer that does not say what was asked for."""
    return ProviderError(
        permanent=True,
        status=status,
        code=None,
        title=_("The answer makes no sense"),
        detail=None,
        hint=error_hints.UNREADABLE,
        attempts=attempts,
        elapsed_ms=elapsed_ms,
    )


def no_answer(failure: Failure, *, attempts: int, elapsed_ms: int) -> ProviderError:
    """The error for a request that nobody answered."""
    title, hint = {
        "timed_out": (_("Telnyx did not answer in time"), error_hints.TIMED_OUT),
        "interrupted": (_("The connection to Telnyx broke"), error_hints.INTERRUPTED),
        "unreachable": (_("Telnyx cannot be reached"), error_hints.UNREACHABLE),
        "misaddressed": (_("The address of Telnyx cannot be used"), error_hints.MISADDRESSED),
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


def _hint(status: int, code: str | None, wait_s: float | None, *, readable: bool) -> str:
    if 300 <= status < 400:
        return error_hints.REDIRECTED
    if not readable and status < 500 and status != 429:
        return error_hints.BY_STATUS.get(status, error_hints.UNREADABLE)
    return error_hints.hint_for(status, code, wait_s=wait_s)


def _named(pointer: str) -> Message:
    """Which parameter a JSON pointer of the provider means (RFC 6901), for people."""
    return _("It is about %(field)s.", field=pointer.strip("/").replace("/", "."))


def asked_pause_s(response: Response) -> float | None:
    """How long the provider asks us to stay away, if it does."""
    return retry.asked_pause_s(response.headers, now=datetime.now(UTC), is_limited=response.status == 429)


def json_object(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object of an answer; empty for no body, None for anything else."""
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


def _object(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object, longest: int) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value[:longest] if isinstance(value, str) and value else None
