"""Keyboard shortcuts, as the help lists them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_switch, wait_for_status

ON = re.compile(r"\bswitch--on\b")
OFF = re.compile(r"^(?!.*\bswitch--(on|starting|stopping|failed)\b)")


def selected(page: Page) -> str:
    link = page.locator(".call--selected .call__link")
    return str(link.get_attribute("href"))


def test_j_and_k_go_from_call_to_call(stage: SimulatedServer, new_page: NewPage) -> None:
    calls = [stage.place_answered_call() for _ in range(3)]
    page = wait_for_status(new_page(stage.server.base_url))
    links = page.locator(".call__link")
    hrefs = [links.nth(number).get_attribute("href") for number in range(3)]
    assert len(set(hrefs)) == len(calls)
    for key, expected in (("j", 0), ("j", 1), ("j", 2), ("k", 1), ("k", 0)):
        page.keyboard.press(key)
        page.wait_for_url(f"**{hrefs[expected]}")
        wait_for_status(page)
        assert selected(page) == hrefs[expected]


def test_shift_and_a_letter_press_the_switches(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    for _ in range(2):
        page.keyboard.press("Shift+T")
        expect(find_switch(page, "transcription")).to_have_class(ON)
        page.keyboard.press("Shift+T")
        expect(find_switch(page, "transcription")).to_have_class(OFF)
    page.keyboard.press("Shift+S")
    expect(find_switch(page, "streaming")).to_have_class(ON)
    assert stage.received_actions(call)[-1] == "streaming_start"


def test_slash_filters_n_dials_and_end_follows_again(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for number in range(60):
        stage.send_transcription(call, f"Line {number}, with some words to it.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.keyboard.press("/")
    expect(page.locator("[data-filter] input")).to_be_focused()
    page.keyboard.type("nobody has this number")
    expect(page.locator(".call:visible")).to_have_count(0)
    page.locator("[data-filter] input").fill("")
    page.locator("live-transcript").focus()
    page.keyboard.press("n")
    expect(page.locator("new-call dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("new-call dialog")).to_be_hidden()
    page.locator("live-transcript").hover()
    page.mouse.wheel(0, -1_500)
    jump = page.get_by_role("button", name="Jump to latest")
    expect(jump).to_be_visible()
    page.locator("live-transcript").focus()
    page.keyboard.press("End")
    expect(jump).to_be_hidden()
    stage.send_transcription(call, "The newest.")
    expect(page.locator(".transcript__log .segment").last).to_be_in_viewport()


def test_the_help_lists_the_keys_and_turns_them_off(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Find in the transcript")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("?")
        page.keyboard.press("Shift+T")
        page.keyboard.press("n")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.reload()
        wait_for_status(page)
    assert "transcription_start" not in stage.received_actions(call)
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Single-key shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+T")
    expect(find_switch(page, "transcription")).to_have_class(ON)
