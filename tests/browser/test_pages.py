"""The frame of the pages: login, navigation, small screens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_control, find_lines, find_switch, wait_for_status

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PASSWORDS = {
    "DASHBOARD_PASSWORD": "the operators' password",
    "DASHBOARD_VIEWER_PASSWORD": "the viewers' password",
    "SECRET_KEY": "a secret key of the test",
}


def test_only_the_right_password_opens_the_console(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage(**PASSWORDS)
    call = stage.place_answered_call()
    page = new_page(stage.call_page_url(call))
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORDS["DASHBOARD_PASSWORD"])
    page.get_by_role("button", name="Sign in").click()
    wait_for_status(page)
    expect(find_switch(page, "transcription")).to_be_enabled()

    viewer = new_page(stage.call_page_url(call))
    viewer.get_by_label("Password").fill(PASSWORDS["DASHBOARD_VIEWER_PASSWORD"])
    viewer.get_by_role("button", name="Sign in").click()
    wait_for_status(viewer)
    expect(find_switch(viewer, "transcription")).to_be_disabled()
    expect(viewer.get_by_role("button", name="Hang up")).to_have_count(0)
    expect(viewer.get_by_role("button", name="New call")).to_have_count(0)
    stage.send_transcription(call, "Viewers read along.")
    expect(find_lines(viewer)).to_have_text(["Viewers read along."])


def test_everything_is_in_reach_on_a_phone(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call), **PHONE))
    page.locator("label:has(#view-controls)").tap()
    expect(find_control(page, "transcription")).to_be_in_viewport()
    find_switch(page, "transcription").tap()
    expect(find_switch(page, "transcription")).to_have_class(re.compile(r"\bswitch--on\b"))
    page.locator("label:has(#view-transcript)").tap()
    stage.send_transcription(call, "Can you hear me? " * 8)
    expect(find_lines(page)).to_be_in_viewport()
    page.locator("label:has(#view-calls)").tap()
    expect(page.locator(".call--selected")).to_be_in_viewport()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


SHIFTS = """new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) window.moved = (window.moved ?? 0) + value;
}).observe({ type: "layout-shift", buffered: true })"""


@pytest.mark.parametrize("name", ["call", "events"])
def test_a_slow_phone_loads_the_page_without_shifts(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    call = stage.place_answered_call()
    for words in ("A table for six, please.", "At about half past seven."):
        stage.send_transcription(call, words)
    page = new_page("about:blank", **PHONE)
    slow = {"offline": False, "latency": 50, "downloadThroughput": 25_000, "uploadThroughput": 25_000}
    browser = page.context.new_cdp_session(page)
    browser.send("Network.enable")
    browser.send("Network.emulateNetworkConditions", slow)
    page.add_init_script(SHIFTS)
    page.goto(stage.call_page_url(call) if name == "call" else f"{stage.server.base_url}/events")
    wait_for_status(page)
    assert page.evaluate("() => window.moved ?? 0") < 0.01


@pytest.mark.parametrize("locale", ["en-US", "es-ES"])
def test_no_word_of_the_connection_makes_a_phone_wider(stage: SimulatedServer, new_page: NewPage, locale: str) -> None:
    page = new_page(
        stage.call_page_url(stage.place_answered_call()), viewport={"width": 360, "height": 780}, locale=locale
    )
    for word in ("Connecting", "Reconnecting", "Conectando de nuevo", "Sin conexión"):
        page.locator("connection-status output").evaluate("(label, word) => { label.textContent = word; }", word)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 360, word
