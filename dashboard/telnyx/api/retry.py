"""When to repeat a request. Knows response headers and the time; never sleeps."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_ATTEMPTS = 3
# A person is watching the button: past this, saying when to come again beats making them wait.
MAX_PAUSE_S = 10.0
# The last attempt begins before this, so that the answer still fits into the 30 s a PaaS router waits.
MAX_TOTAL_S = 15.0
_FIRST_PAUSE_S = 0.4


def is_retryable(status: int) -> bool:
    """Whether the same request can succeed later without any change."""
    return status == 429 or status >= 500


def retry_after_s(headers: Mapping[str, str], *, now: datetime, is_limited: bool = False) -> float | None:
    """The pause in `Retry-After` (seconds or HTTP date), else in `x-ratelimit-reset` (seconds).

    The second header stands on most responses, and counts only when the limit was reached (`is_limited`). Source: RFC
    9110, section 10.2.3; Telnyx docs, "Rate limiting".
    """
    for name in ("Retry-After", "x-ratelimit-reset") if is_limited else ("Retry-After",):
        if (pause_s := _parse_retry_after(headers.get(name, ""), now)) is not None:
            return pause_s
    return None


def back_off_s(attempt: int) -> float:
    """The pause after failed attempt `attempt` (from 1), with jitter."""
    return _FIRST_PAUSE_S * float(2 ** (attempt - 1)) * random.uniform(0.75, 1.25)


def _parse_retry_after(text: str, now: datetime) -> float | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):  # the standard library's parser leaks all of them
        return None
