"""`python -m tests.browser.screenshots`: the pictures of the README, of the real pages, into docs/images.

A scene is played through the whole system: signed webhooks, real server, real browser.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.simulator import SimCall
from tests.browser.conftest import FLAGS, chromium
from tests.browser.stage import Stage, control, switch, wait_live

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

TALK = (
    ("outbound", "Harbor and Pine, this is Maya speaking. How can I help?"),
    ("inbound", "Hi Maya. I ordered a walnut desk two weeks ago and it still hasn't turned up."),
    ("inbound", "The order number is four four seven one nine."),
    ("outbound", "Thank you, let me pull that up. Can I take the name on the order?"),
    ("inbound", "It's under Okonkwo Reyes, Daniel."),
    ("outbound", "Got it, Daniel. It left our warehouse on Monday, and the carrier took it back to the depot."),
    ("inbound", "Nobody asked me for a gate code. If it can't be here before Friday I'd rather have a refund."),
    ("outbound", "That's completely fair. Let me see what the depot can do before we go there."),
    ("outbound", "They have it on a shelf in Northgate, so it's about twenty minutes from you."),
    ("inbound", "Okay. How late are they open this evening?"),
)
SAYING = (
    ("inbound", "so if it's still in Northgate this evening could I just drive over and pick it"),
    ("outbound", "let me just ask them whether"),
)
OTHERS = ("Perfekt, Donnerstag um neun passt uns beiden.", "Je vous retrouve.", "Eso sería estupendo, gracias.")


def main() -> int:
    path = chromium()
    if path is None:
        print("no Chromium: install one, or name it in CHROMIUM", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        call = scene(stage)
        shoot_console(browser, stage, call)
        for name, address in (("events", "/events"), ("setup", "/setup"), ("search", "/search?q=refund")):
            page = opened(browser, stage, stage.server.address + address, "light", DESK)
            page.screenshot(path=FOLDER / f"{name}-light.png")
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER.relative_to(FOLDER.parent.parent)}")
    return 0


def scene(stage: Stage) -> SimCall:
    """Three calls that talk, one that rings; the words of the first go back four minutes."""
    for words in OTHERS:
        stage.hear(stage.answered(), words)
    stage.ringing()
    call = stage.answered(transcribe=True)
    begun = datetime.now(UTC) - timedelta(seconds=7 * len(TALK))
    for number, (track, words) in enumerate(TALK):
        stage.hear(call, words, track=track, at=begun + timedelta(seconds=7 * number))
    return call


def shoot_console(browser: Browser, stage: Stage, call: SimCall) -> None:
    page = opened(browser, stage, stage.page_of(call), "light", DESK)
    switch(page, "streaming").click()
    expect(control(page, "streaming")).to_contain_text("On")
    for track, words in SAYING:
        stage.hear(call, words, final=False, track=track)
    expect(page.locator(".transcript__now .segment")).to_have_count(len(SAYING))
    expect(control(page, "streaming")).to_contain_text("frames", ignore_case=True)
    page.screenshot(path=FOLDER / "console-light.png")
    page = opened(browser, stage, stage.page_of(call), "dark", DESK)
    page.screenshot(path=FOLDER / "console-dark.png")
    page = opened(browser, stage, stage.page_of(call), "light", PHONE)
    page.screenshot(path=FOLDER / "phone-light.png")


def opened(browser: Browser, stage: Stage, address: str, scheme: str, size: dict[str, int]) -> Page:
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    if "/search" not in address:
        wait_live(page)
    return page


if __name__ == "__main__":
    sys.exit(main())
