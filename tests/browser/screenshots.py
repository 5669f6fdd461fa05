"""`python -m tests.browser.screenshots`: pictures of the real pages in their main states, into docs/images.

A scene is played through the whole system: signed webhooks, real server, real browser. Colours of the system are
emulated by the browser.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from dashboard.simulator import SimCall
from tests.browser.conftest import FLAGS, PATIENCE_MS, chromium
from tests.browser.stage import SimulatedServer, find_control, find_switch, open_options, wait_for_status
from tests.system.server import free_port

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUALITY = 88
LIMIT_BYTES = 200_000

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
FAREWELL = ("outbound", "You're welcome. Have a good evening."), ("inbound", "Goodbye.")
LOCKED = {"DASHBOARD_PASSWORD": "the operators' password", "SECRET_KEY": "of no use to anybody"}


def main() -> int:
    path = chromium()
    if path is None:
        print("no Chromium: install one, or name it in CHROMIUM", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        with SimulatedServer(Path(folder)) as stage:
            shoot_calls(browser, stage)
            shoot_pages(browser, stage)
        with SimulatedServer(Path(folder), **LOCKED) as stage:
            keep(opened(browser, stage.server.base_url + "/login"), "login")
        browser.close()
    heavy = [path.name for path in FOLDER.iterdir() if path.stat().st_size > LIMIT_BYTES]
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures are in {FOLDER.relative_to(FOLDER.parent.parent)}")
    if heavy:
        print(f"above {LIMIT_BYTES} bytes: {', '.join(heavy)}", file=sys.stderr)
    return 1 if heavy else 0


def scene(stage: SimulatedServer) -> SimCall:
    """Three calls that talk, one that rings; the words of the first go back over a minute."""
    for words in OTHERS:
        stage.send_transcription(stage.place_answered_call(), words)
    stage.place_ringing_call()
    call = stage.place_answered_call(transcribe=True)
    say(stage, call, *TALK)
    return call


def say(stage: SimulatedServer, call: SimCall, *lines: tuple[str, str]) -> None:
    """One line every seven seconds, up to now."""
    begun = datetime.now(UTC) - timedelta(seconds=7 * len(lines))
    for number, (track, words) in enumerate(lines):
        stage.send_transcription(call, words, track=track, at=begun + timedelta(seconds=7 * number))


def shoot_calls(browser: Browser, stage: SimulatedServer) -> None:
    address = stage.call_page_url(call := scene(stage))
    page = wait_for_status(opened(browser, address))
    find_switch(page, "streaming").click()
    expect(find_control(page, "streaming")).to_contain_text("On")
    for track, words in SAYING:
        stage.send_transcription(call, words, final=False, track=track)
    expect(page.locator(".transcript__now .segment")).to_have_count(len(SAYING))
    expect(find_control(page, "streaming")).to_contain_text("frames", ignore_case=True)
    for name, looks in (
        ("console-dark", {"color_scheme": "dark"}),
        ("console-forced-colors", {"color_scheme": "dark", "forced_colors": "active"}),
        ("console-more-contrast", {"contrast": "more"}),
        ("phone-light", {"viewport": PHONE}),
        ("phone-dark", {"viewport": PHONE, "color_scheme": "dark"}),
    ):
        keep(wait_for_status(opened(browser, address, **looks)), name)
    keep(page, "console-light")  # by now its stream has been heard for a while
    phone = wait_for_status(opened(browser, address, viewport=PHONE))
    phone.locator("label:has(#view-controls)").click()
    keep(phone, "phone-controls")
    keep(opened(browser, f"{address}/read", viewport={"width": 1180, "height": 720}), "reading")
    shoot_names(wait_for_status(opened(browser, address)))
    shoot_failure(browser, stage)
    shoot_outage(wait_for_status(opened(browser, address)))
    say(stage, call, *FAREWELL)
    call.hang_up()
    expect(page.locator(".transcript__facts output")).to_have_text("Ended")
    keep(page, "ended")


def shoot_names(page: Page) -> None:
    page.locator("[data-part=caller-name]").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    keep(page, "names")


def shoot_failure(browser: Browser, stage: SimulatedServer) -> None:
    call = stage.place_answered_call(transcribe=True)
    say(stage, call, *TALK[:4])
    page = wait_for_status(opened(browser, stage.call_page_url(call)))
    open_options(page, "streaming").locator("[name=stream_url]").fill(f"ws://127.0.0.1:{free_port()}/media")
    find_switch(page, "streaming").click()
    expect(find_control(page, "streaming")).to_contain_text("connection_failed")
    keep(page, "failed")


def shoot_outage(page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator("connection-banner .banner")).to_be_visible()
    keep(page, "reconnecting")


def shoot_pages(browser: Browser, stage: SimulatedServer) -> None:
    page = wait_for_status(opened(browser, stage.server.base_url + "/events"))
    keep(page, "events")
    page.locator(".ledger__link").first.click()
    expect(page.locator(".drawer .code").last).to_be_visible()
    keep(page, "event")
    keep(opened(browser, stage.server.base_url + "/search?q=refund"), "search")
    page = wait_for_status(opened(browser, stage.server.base_url + "/setup"))
    page.locator("[data-part=send]").click()
    expect(page.locator(".trail__step").last).to_be_visible()
    keep(page, "setup")


def opened(browser: Browser, address: str, **looks: Any) -> Page:
    page = browser.new_page(**{"viewport": DESK, "color_scheme": "light", "reduced_motion": "reduce", **looks})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    return page


def keep(page: Page, name: str) -> None:
    """As WebP: a third of the bytes of PNG."""
    page.mouse.move(0, 0)
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    sys.exit(main())
