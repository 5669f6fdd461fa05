"""The other pages: setup, search, reading, patterns, and what each loads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, wait_for_status

ATTACK = "<img src=x onerror=\"document.title='taken'\"> aardvark"
PHONE = {"viewport": {"width": 360, "height": 740}}
NO_WEBSOCKETS = """const Real = window.WebSocket;
window.WebSocket = class extends Real { constructor(url, ...rest) { super(url.replace(/:\\d+/, ":1"), ...rest); } };"""
CODE_LIMIT = 80_000
REQUESTS_LIMIT = 15


def widths(page: Page) -> tuple[int, int]:
    seen: list[int] = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    return seen[0], seen[1]


# Setup


def test_copying_the_webhook_url_is_confirmed_for_two_seconds(stage: SimulatedServer, new_page: NewPage) -> None:
    page = new_page(f"{stage.server.base_url}/setup", permissions=["clipboard-read", "clipboard-write"])
    page.clock.install()
    button = page.locator("copy-field button")
    width = button.bounding_box()
    button.click()
    expect(button).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{stage.server.base_url}/webhooks/telnyx"
    page.clock.fast_forward(2_000)
    expect(button).to_have_text("Copy")
    assert button.bounding_box() == width


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        ("", "ok", r"^WebSocket, \d+ ms there and back$"),
        (NO_WEBSOCKETS, "warn", r"^Long polling, \d+ ms there and back$"),
    ],
)
def test_setup_says_how_this_browser_is_connected(
    browser: Browser, stage: SimulatedServer, script: str, state: str, words: str
) -> None:
    page = browser.new_page()
    page.add_init_script(script)
    page.goto(f"{stage.server.base_url}/setup")
    check = page.locator("transport-check")
    expect(check).to_have_class(f"check check--{state}")
    expect(check.locator("[data-part=found]")).to_have_text(re.compile(words))
    expect(check.locator("[data-part=fix-box]")).to_be_visible(visible=state == "warn")
    counts = {each: page.locator(f".check--{each}").count() for each in ("ok", "warn", "bad")}
    expect(page.locator("#summary")).to_contain_text(f"{counts['ok']} of {sum(counts.values())} checks pass.")
    page.close()


def test_a_test_event_is_followed_to_this_page(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(f"{stage.server.base_url}/setup"))
    before = len(stage.server.get_json("/api/events")["events"])
    page.get_by_role("button", name="Send a signed test event").click()
    steps = page.locator(".trail__step")
    expect(steps.last).to_contain_text("Seen by this page")
    expect(page.locator(".trail__step--bad")).to_have_count(0)
    expect(page.locator(".trail__ms")).to_have_text([re.compile(r"^[\d.]+ ms$")] * steps.count())
    assert len(stage.server.get_json("/api/events")["events"]) == before


def test_setup_shows_delays_and_the_difference_of_clocks(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = new_page("about:blank")
    page.clock.install()
    page.goto(f"{stage.server.base_url}/setup")
    wait_for_status(page)
    stage.send_transcription(call, "Good morning.")
    page.clock.fast_forward(5_000)
    expect(page.locator("[data-part=received_to_sent]")).to_contain_text("95 % within")
    expect(page.locator("latency-stats")).to_contain_text("compares Telnyx’s clock with ours")


# Search


def test_search_follows_the_input_and_links_the_line(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for text in ("Which animal?", ATTACK, "How odd."):
        stage.send_transcription(call, text)
    for number in range(30):
        stage.send_transcription(call, f"Line {number}")
    page = new_page(f"{stage.server.base_url}/search")
    page.locator("input[name=q]").first.press_sequentially("aardv")
    hit = page.locator(".hit").first
    expect(hit.locator("mark")).to_have_text(["aardvark"])
    expect(hit.locator("[data-part=line]")).to_have_text(ATTACK)
    expect(hit.locator("[data-part=before]")).to_have_text("Which animal?")
    expect(hit.locator("[data-part=after]")).to_have_text("How odd.")
    expect(page).to_have_url(re.compile(r"/search\?q=aardv$"))
    assert page.locator(".hit img").count() == 0 and page.title() != "taken"
    drawn = hit.inner_text()
    page.reload()
    assert hit.inner_text() == drawn
    hit.locator("a").click()
    line = page.locator(".segment--linked")
    expect(line).to_contain_text("aardvark")
    expect(line).to_be_in_viewport()


def test_search_goes_on_and_says_when_there_is_nothing(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for number in range(25):
        stage.send_transcription(call, f"A numbat, number {number}")
    page = new_page(f"{stage.server.base_url}/search?q=numbat")
    expect(page.locator(".hit")).to_have_count(20)
    page.get_by_role("link", name="More").click()
    expect(page.locator(".hit")).to_have_count(25)
    expect(page.get_by_role("link", name="More")).to_be_hidden()
    page.get_by_role("searchbox").fill("numbat wombat")
    expect(page.get_by_text("No line matches.")).to_be_visible()


def test_search_works_without_a_script(stage: SimulatedServer, new_page: NewPage) -> None:
    stage.send_transcription(stage.place_answered_call(), "A platypus, they said.")
    page = new_page(f"{stage.server.base_url}/search", java_script_enabled=False)
    page.get_by_role("searchbox").fill("platypus")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hit mark")).to_have_text(["platypus"])


def test_the_rail_hands_over_to_the_search(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "The quokka was first.")
    stage.send_transcription(call, "Then something else.")
    page = wait_for_status(new_page(stage.server.base_url))
    page.keyboard.press("/")
    page.keyboard.type("quokka")
    expect(page.get_by_role("link", name="Search all calls for “quokka”")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=quokka$"))
    expect(page.locator(".hit mark")).to_have_text(["quokka"])


# Reading


def test_the_reading_view_is_large_and_follows_the_end(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for number in range(20):
        stage.send_transcription(call, f"Line {number}", track="inbound" if number % 2 else "outbound")
    page = new_page(f"{stage.call_page_url(call)}/read", reduced_motion="reduce")
    expect(find_lines(page)).to_have_count(20)
    expect(page.locator(".topbar, .rail, .panel")).to_have_count(0)
    assert page.evaluate("() => parseFloat(getComputedStyle(document.querySelector('.segment__text')).fontSize)") >= 24
    stage.send_transcription(call, "And now", final=False)
    interim = page.locator(".transcript__now .segment")
    expect(interim).to_contain_text("And now")
    expect(interim).to_be_in_viewport()
    expect(interim.locator(".segment__speaker")).to_have_text("Caller")
    caret = "(words) => getComputedStyle(words, '::after').animationIterationCount"
    assert interim.locator(".segment__text").evaluate(caret) == "1"
    stage.send_transcription(call, "And now the last.")
    expect(find_lines(page).last).to_have_text("And now the last.")
    expect(find_lines(page).last).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page).to_have_url(stage.call_page_url(call))


# Patterns


def test_patterns_are_for_those_who_build_them(
    stage: SimulatedServer, own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    assert stage.server.request("GET", "/patterns")[0] == 404
    demo = own_stage(DEMO="1")
    page = new_page(f"{demo.server.base_url}/patterns", **PHONE)
    assert widths(page) == (360, 360)
    for state in ("starting", "on", "stopping", "failed"):
        expect(page.locator(f".switch--{state}")).to_have_count(3)
    for state in ("ok", "warn", "bad", "off"):
        assert page.locator(f".check--{state}").count() == 1
    expect(page.locator(".ledger .verdict")).to_have_count(7)
    ids = page.locator("[id]").evaluate_all("(all) => all.map((element) => element.id)")
    assert len(ids) == len(set(ids))


# What pages load


def test_pages_load_little_and_fit_a_phone(stage: SimulatedServer, browser: Browser) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "Good morning.")
    path = stage.call_page_url(call)
    address = stage.server.base_url
    for page_address in (address, path, f"{path}/read", f"{address}/events", f"{address}/setup", f"{address}/search"):
        code, requests, complaints, page = _first_load(browser, page_address)
        assert code <= CODE_LIMIT and requests <= REQUESTS_LIMIT, page_address
        assert complaints == []
        assert widths(page) == (360, 360), page_address
        current = page.locator(".topbar [aria-current=page]")
        assert current.count() == (0 if page_address.endswith("/read") else 1), page_address
        page.context.close()


def _first_load(browser: Browser, address: str) -> tuple[int, int, list[str], Page]:
    """Bytes of scripts and styles on the wire, requests, complaints of the browser, and the page."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    complaints: list[str] = []

    def received(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = event["type"]
        assert event["type"] not in ("Script", "Stylesheet") or "immutable" in str(event["response"]["headers"])

    session.on("Network.responseReceived", received)
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address)
    if page.locator("connection-status").count():
        wait_for_status(page)
    code = sum(size for request, size in sizes.items() if kinds.get(request) in ("Script", "Stylesheet"))
    return int(code), len(kinds), complaints, page
