"""What the page says while it is cut off: at once a mark, after some seconds a sentence, and then what was missed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.stage import Stage, lines, wait_live

MISSED = 12
CLOCK = """() => {
  const now = () => performance.now();
  window.shown = {};
  const status = document.querySelector("connection-status");
  const banner = document.querySelector("connection-banner");
  const look = () => {
    if (!status.textContent.includes("Live")) window.shown.marked ??= now();
    if (banner.textContent.trim()) window.shown.told ??= now();
  };
  const everything = { childList: true, subtree: true, characterData: true };
  for (const each of [status, banner]) new MutationObserver(look).observe(each, everything);
}"""


def test_a_cut_is_marked_at_once_told_after_some_seconds_and_caught_up(stage: Stage, new_page: NewPage) -> None:
    call = stage.answered()
    stage.hear(call, "Before.")
    page = wait_live(new_page(stage.page_of(call)))
    banner = page.locator("connection-banner")
    page.evaluate(CLOCK)
    page.context.set_offline(True)
    expect(page.locator("connection-status")).to_contain_text("Reconnecting")
    expect(banner).to_have_text("")
    expect(banner).to_contain_text("Reconnecting. What is said meanwhile will be filled in.")
    shown = page.evaluate("() => window.shown")
    assert shown["told"] - shown["marked"] >= 2_500
    for number in range(MISSED):
        stage.hear(call, f"Missed {number}.")
    expect(lines(page)).to_have_count(1)

    page.context.set_offline(False)

    expect(banner).to_have_text(f"Caught up, {MISSED} lines added")
    expect(lines(page)).to_have_text(["Before.", *(f"Missed {number}." for number in range(MISSED))])
    wait_live(page)
    expect(banner).to_have_text("")


def test_a_short_cut_is_not_worth_a_word(stage: Stage, new_page: NewPage) -> None:
    call = stage.answered()
    page = wait_live(new_page(stage.page_of(call)))
    page.evaluate(CLOCK)
    page.context.set_offline(True)
    expect(page.locator("connection-status")).to_contain_text("Reconnecting")
    page.context.set_offline(False)
    wait_live(page)
    stage.hear(call, "After.")
    expect(lines(page)).to_have_text(["After."])
    assert "told" not in page.evaluate("() => window.shown")
