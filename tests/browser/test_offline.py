"""A lost connection: mark, banner, missed lines."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, wait_for_status

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


def test_a_lost_connection_is_marked_announced_and_caught_up(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "Before.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    banner = page.locator("connection-banner")
    page.evaluate(CLOCK)
    page.context.set_offline(True)
    expect(page.locator("connection-status")).to_contain_text("Reconnecting")
    expect(banner).to_have_text("")
    expect(banner).to_contain_text("Reconnecting. What is said meanwhile will be filled in.")
    shown = page.evaluate("() => window.shown")
    assert shown["told"] - shown["marked"] >= 2_500
    for number in range(MISSED):
        stage.send_transcription(call, f"Missed {number}.")
    expect(find_lines(page)).to_have_count(1)

    page.context.set_offline(False)

    expect(banner).to_have_text(f"Caught up, {MISSED} lines added")
    expect(find_lines(page)).to_have_text(["Before.", *(f"Missed {number}." for number in range(MISSED))])
    wait_for_status(page)
    expect(banner).to_have_text("")


def test_a_short_cut_is_not_worth_a_word(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.evaluate(CLOCK)
    page.context.set_offline(True)
    expect(page.locator("connection-status")).to_contain_text("Reconnecting")
    page.context.set_offline(False)
    wait_for_status(page)
    stage.send_transcription(call, "After.")
    expect(find_lines(page)).to_have_text(["After."])
    assert "told" not in page.evaluate("() => window.shown")
