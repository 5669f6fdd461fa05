"""How single values of the provider's JSON are read.

An odd value becomes None where it may be missing, and an error elsewhere. It knows kinds of values, no message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import PlainValidator

from dashboard.messages import _

_MAX_ID_LENGTH = 512
_MAX_WORD_LENGTH = 1_000
_MAX_COUNT = 10**9
_EARLIEST_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST_TIME = datetime(2100, 1, 1, tzinfo=UTC)
_NO_TIME = _("must be an ISO 8601 time")
# Ids go into URLs, logs and text columns: printable ASCII without spaces, and never a path segment that climbs.
_ID = re.compile(r"(?!\.{1,2}$)[!-~]+")


def _as_text(value: object) -> object:
    """Text as it is, and numbers as text, because Telnyx mixes both for ids."""
    if type(value) is int and abs(value) < 10**20:
        return str(value)
    return value


def parse_id(value: object) -> str:
    text = _as_text(value)
    if not isinstance(text, str):
        raise ValueError(_("must be text"))
    if len(text) > _MAX_ID_LENGTH or not _ID.fullmatch(text):
        raise ValueError(_("must be 1 to %(most)s printable ASCII characters", most=_MAX_ID_LENGTH))
    return text


def parse_optional_id(value: object) -> str | None:
    text = _as_text(value)
    return text if isinstance(text, str) and len(text) <= _MAX_ID_LENGTH and _ID.fullmatch(text) else None


def _word_or_none(value: object) -> str | None:
    text = _as_text(value)
    if not isinstance(text, str):
        return None
    return strip_nul(text).strip()[:_MAX_WORD_LENGTH] or None


def strip_nul(text: str) -> str:
    # PostgreSQL refuses NUL in text: one such webhook would be refused, and sent again, for ever.
    return text.replace("\x00", "")


def _parse_time(value: object) -> datetime:
    # A bare date would read as its midnight and sort before everything that happened that day.
    if not isinstance(value, str) or len(value) <= len("2026-08-21"):
        raise ValueError(_NO_TIME)
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(_NO_TIME) from None
    if not _EARLIEST_TIME <= moment < _LATEST_TIME:
        raise ValueError(_("must be a time between 2000 and 2100"))
    return moment


def _parse_optional_time(value: object) -> datetime | None:
    try:
        return _parse_time(value)
    except ValueError:
        return None


def _number_or_none(value: object) -> object:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def probability_or_none(value: object) -> float | None:
    # Outside 0..1 it is no probability, and no guess at its scale would be better than saying nothing.
    number = _number_or_none(value)
    return float(number) if isinstance(number, int | float) and 0 <= number <= 1 else None


def count_or_none(value: object) -> int | None:
    number = _number_or_none(value)
    return int(number) if isinstance(number, int | float) and 0 <= number <= _MAX_COUNT else None


def object_or_empty(value: object) -> object:
    return value if isinstance(value, Mapping) else {}


def choice_or_none(choices: Mapping[str, Any]) -> Callable[[object], object]:
    return lambda value: choices.get(value.lower()) if isinstance(value, str) else None


# Each is read by one function: webhooks come by the thousand.
RequiredId = Annotated[str, PlainValidator(parse_id)]
OptionalId = Annotated[str | None, PlainValidator(parse_optional_id)]
Word = Annotated[str | None, PlainValidator(_word_or_none)]
Timestamp = Annotated[datetime, PlainValidator(_parse_time)]
OptionalTimestamp = Annotated[datetime | None, PlainValidator(_parse_optional_time)]
