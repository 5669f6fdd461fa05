"""A page uses all blocks of styles that it loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.web.styles import ALL, pages_of_blocks, sheets
from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_control, find_lines, find_switch, open_options, wait_for_status
from tests.web.styled import STYLES

LISTED = pages_of_blocks((STYLES / "pages.txt").read_text(encoding="utf-8"))


def console(page: Page, stage: SimulatedServer) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "A table for six, please.")
    stage.send_transcription(call, "at about", final=False)
    stage.place_ringing_call()
    wait_for_status(_at(page, stage.call_page_url(call)))
    find_switch(page, "streaming").click()
    expect(find_control(page, "streaming")).to_contain_text("frames", ignore_case=True)
    stage.send_transcription(call, "For six, of course.", track="outbound")
    expect(find_lines(page)).to_have_count(2)
    page.route("**/api/calls/**", lambda route: route.abort())
    page.locator("[data-part=answer]:visible").click()
    expect(page.locator(".toast")).to_be_visible()
    find_switch(page, "fork").click()
    expect(find_control(page, "fork").locator(".problem")).to_be_visible()
    page.unroute("**/api/calls/**")
    open_options(page, "fork")
    page.locator("command-log summary").click()
    expect(page.locator(".commands__item").first).to_be_visible()
    page.locator("[popovertarget=account]").click()
    page.locator("[data-show-keywords]").click()
    page.keyboard.press("Escape")
    page.locator("[data-new-call]").click()
    page.keyboard.press("Escape")
    _lose(page)


def console_alone(page: Page, stage: SimulatedServer) -> None:
    _at(page, stage.server.base_url + "/")
    expect(page.locator(".empty__title")).to_be_visible()


def reading(page: Page, stage: SimulatedServer) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "A table for six, please.")
    _at(page, stage.call_page_url(call) + "/read")
    expect(find_lines(page)).to_have_count(1)
    # Interims come only through the connection, so it is live now.
    stage.send_transcription(call, "At about half", final=False)
    expect(page.get_by_text("At about half")).to_be_visible()
    _lose(page)


def events(page: Page, stage: SimulatedServer) -> None:
    stage.place_ringing_call()
    wait_for_status(_at(page, stage.server.base_url + "/events"))
    page.locator(".ledger__link").first.click()
    expect(page.locator(".code").first).to_be_visible()


def search(page: Page, stage: SimulatedServer) -> None:
    stage.send_transcription(stage.place_answered_call(), "A table for six, please.")
    _at(page, stage.server.base_url + "/search?q=table")
    expect(page.locator(".hit").first).to_be_visible()


def setup(page: Page, stage: SimulatedServer) -> None:
    wait_for_status(_at(page, stage.server.base_url + "/setup"))
    page.locator("[data-part=send]").click()
    expect(page.locator(".trail__step").first).to_be_visible()


def login(page: Page, stage: SimulatedServer) -> None:
    _at(page, stage.server.base_url + "/login")


def error(page: Page, stage: SimulatedServer) -> None:
    _at(page, stage.server.base_url + "/nothing")


def _at(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def _lose(page: Page) -> None:
    page.context.set_offline(True)
    # A page that was never live shows the banner after 10 s.
    expect(page.locator(".banner:visible").first).to_be_visible(timeout=20_000)
    page.context.set_offline(False)


VISITS: dict[str, tuple[Callable[[Page, SimulatedServer], None], ...]] = {
    "console": (console, console_alone),
    "reading": (reading,),
    "events": (events,),
    "search": (search,),
    "setup": (setup,),
    "error": (error,),
}


@pytest.mark.parametrize("name", VISITS)
def test_no_block_is_loaded_that_the_page_never_uses(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    # The checks have run, so the link to the setup page has a dot.
    used = [
        span for visit in VISITS[name] for span in used_by(visit, new_page(f"{stage.server.base_url}/setup"), stage)
    ]
    assert unused(name, used) == set()


def test_no_block_is_loaded_that_the_login_never_uses(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage(DASHBOARD_PASSWORD="the operators' password", SECRET_KEY="of no use to anybody")
    assert unused("login", used_by(login, new_page("about:blank"), stage)) == set()


def used_by(
    visit: Callable[[Page, SimulatedServer], None], page: Page, stage: SimulatedServer
) -> list[tuple[float, float]]:
    """The ranges of the page's stylesheet whose rules were used."""
    browser = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable", "CSS.startRuleUsageTracking"):
        browser.send(command)
    visit(page, stage)
    rules = browser.send("CSS.takeCoverageDelta")["coverage"]
    assert rules
    return [(rule["startOffset"], rule["endOffset"]) for rule in rules if rule["used"]]


def unused(page: str, used: list[tuple[float, float]]) -> set[str]:
    """The blocks of a page without a used rule. The order of layers does not count."""
    kept = {name: place for name, place in places(page).items() if name != "layers"}
    return {name for name, (a, b) in kept.items() if not any(a <= first and last <= b for first, last in used)}


def places(page: str) -> dict[str, tuple[int, int]]:
    """Where each block begins and ends in the stylesheet of a page."""
    found, at = {}, 0
    for block, pages in LISTED.items():
        if {page, ALL} & {*pages}:
            text = (STYLES / f"{block}.css").read_text(encoding="utf-8")
            length = len(sheets({block: text}, f"{block} here\n")["here"])
            found[block] = (at, at + length)
            at += length
    return found
