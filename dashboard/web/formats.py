"""How times and numbers look on a page. static/js/helpers says the same in the browser."""

from __future__ import annotations

from datetime import datetime


def clock(text: str | None) -> str:
    """`2026-08-21T10:15:30.123456Z` as `10:15:30`, UTC; the page turns it into local time."""
    return "" if not text else text[11:19]


def clock_ms(text: str | None) -> str:
    """The same with milliseconds: `10:15:30.123`."""
    return "" if not text else text[11:23]


def size(count: int | None) -> str:
    """Bytes as people read them: `812 B`, `1.4 kB`."""
    if count is None:
        return ""
    return f"{count} B" if count < 1000 else f"{count / 1000:.1f} kB"


def duration(seconds: float | None) -> str:
    """`258` as `04:18`, `3723` as `1:02:03`."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def seconds_between(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def number(text: str | None) -> str:
    """`+15550100142` as `+1 555 010 0142`; anything else as it came, for it may be a SIP address."""
    if not text:
        return "Unknown number"
    digits = text[1:]
    if not text.startswith("+") or not digits.isdigit():
        return text
    if digits.startswith("1") and len(digits) == 11:
        return f"+1 {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return text
