"""Formats of times and numbers on pages. static/js/shared/format.js gives the same texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Flask

from dashboard.messages import _
from dashboard.web import labels
from dashboard.web.cooperative import yielding
from dashboard.web.i18n import format_decimal_number, translate
from dashboard.web.serializers import merged_timeline


def format_time(instant: str | None) -> str:
    """`2026-08-21T10:15:30.123456Z` as `10:15:30`, in UTC."""
    return "" if not instant else instant[11:19]


def format_time_ms(instant: str | None) -> str:
    """The same with milliseconds: `10:15:30.123`."""
    return "" if not instant else instant[11:23]


def format_price(dollars: float) -> str:
    """A price a minute, with the decimals it has: `0.025`, `0.05`."""
    return format_decimal_number(dollars, 2 if f"{dollars:.3f}".endswith("0") else 3)


def format_size(count: int | None) -> str:
    """A number of bytes: `812 B`, `1.4 kB`."""
    if count is None:
        return ""
    return f"{count} B" if count < 1000 else f"{format_decimal_number(count / 1000, 1)} kB"


def format_duration(seconds: float | None) -> str:
    """`258` as `04:18`, `3723` as `1:02:03`."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def format_phone_number(text: str | None) -> str:
    """`+15550100142` as `+1 555 010 0142`. Others stay as they are, because they may be SIP addresses."""
    if not text:
        return translate(_("Unknown number"))
    digits = text[1:]
    if not text.startswith("+") or not digits.isdigit():
        return text
    if digits.startswith("1") and len(digits) == 11:
        return f"+1 {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return text


def split_by_marks(text: str, marks: Iterable[Sequence[int]] | None) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a keyword. Marks count UTF-16 code units."""
    units = text.encode("utf-16-le", "surrogatepass")
    pieces: list[tuple[bytes, bool]] = []
    position = 0
    for start, end in sorted((mark[0], mark[1]) for mark in marks or ()):
        pieces += [(units[position * 2 : start * 2], False), (units[max(start, position) * 2 : end * 2], True)]
        position = max(position, end)
    pieces.append((units[position * 2 :], False))
    return [(piece.decode("utf-16-le", "surrogatepass"), is_mark) for piece, is_mark in pieces if piece]


def init_app(app: Flask, *, demo: bool) -> None:
    """Register the filters and globals that templates use."""
    app.jinja_env.globals["demo"] = demo
    labels.init_app(app)
    app.jinja_env.filters.update(
        as_told=merged_timeline,
        decimal=format_decimal_number,
        in_language=translate,
        in_turns=yielding,
        clock=format_time,
        clock_ms=format_time_ms,
        number=format_phone_number,
        duration=format_duration,
        marked=split_by_marks,
        price=format_price,
        size=format_size,
    )
