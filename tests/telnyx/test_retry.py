from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.telnyx.api.retry import retry_after_s

NOW = datetime(2026, 8, 21, 10, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "pause_s"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Fri, 21 Aug 2026 10:15:37 GMT", 7.0),
        ("Fri, 21 Aug 2026 12:15:37 +0200", 7.0),
        ("Friday, 21-Aug-26 10:15:37 GMT", 7.0),
        ("Fri, 21 Aug 2026 10:15:37", 7.0),
        ("Fri, 21 Aug 2026 10:15:00 GMT", 0.0),
        ("", None),
        ("1.5", None),
        ("-1", None),
        ("tomorrow", None),
    ],
)
def test_a_pause_is_read_from_seconds_or_a_date(text: str, pause_s: float | None) -> None:
    assert retry_after_s({"Retry-After": text}, now=NOW) == pause_s


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"(Mon, )?[0-9]{1,9} [A-Z]{3} [0-9:]{1,12} [0-9+-]{1,12}", fullmatch=True))
@example("0 JAN 0:0 3000000000")
@example("Mon, 1 Jan 9999 00:00:00 -99999999999")
def test_any_text_is_a_pause_or_none(text: str) -> None:
    pause_s = retry_after_s({"Retry-After": text}, now=NOW)

    assert pause_s is None or pause_s >= 0
