"""Any spoken text is only text on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, wait_for_status

SPOKEN = {
    "markup": "<img src=x onerror=\"document.title='taken'\"><b>bold</b> &amp; <!-- gone -->",
    "one long word": "W" * 100_000,
    "from the right": "\u202eيمين \u2067مرحبا\u2069 end \u200f12:30\u200e.",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 é ﷽ 𝄞",
    "controls": "bell \x07 escape \x1b[31m tab\t end \x9d.",
}
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}

STICKS_OUT = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const isOut = (element) => element.getBoundingClientRect().right > innerWidth;
  return [...document.body.querySelectorAll("*")].filter(isOut).map((element) => element.outerHTML.slice(0, 120));
}"""
"""What makes the page wider than its window."""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anything_that_is_said_is_shown_and_breaks_nothing(
    stage: SimulatedServer, new_page: NewPage, size: str, scheme: str
) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call), viewport=SIZES[size], color_scheme=scheme))
    for words in SPOKEN.values():
        stage.send_transcription(call, words, final=False)
        expect(page.locator(".transcript__now .segment__text")).to_have_text(words)
        stage.send_transcription(call, words)
    stage.send_transcription(call, "And on it goes.", track="outbound")
    said = [*SPOKEN.values(), "And on it goes."]
    for _ in range(2):
        expect(find_lines(page)).to_have_text(said)
        texts = page.evaluate(
            "() => [...document.querySelectorAll('.transcript__log .segment__text > span')].map((e) => e.textContent)"
        )
        assert texts == said
        assert page.evaluate(STICKS_OUT) == []
        assert page.locator("live-transcript :is(img, b, script)").count() == 0
        assert page.title() != "taken"
        page.reload()
    newest = find_lines(page).last
    expect(newest).to_be_in_viewport()
    # The direction of one line is its own.
    assert page.evaluate("() => getComputedStyle(document.querySelector('live-transcript')).direction") == "ltr"
