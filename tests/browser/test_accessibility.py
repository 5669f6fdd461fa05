"""Accessibility rules that axe checks, in both themes, sizes and contrasts."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, wait_for_status

DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}

CONTRASTS: tuple[dict[str, Any], ...] = (
    {"contrast": "more", "color_scheme": "light", "forced_colors": "none"},
    {"contrast": "more", "color_scheme": "dark", "forced_colors": "none"},
    {"contrast": "no-preference", "color_scheme": "light", "forced_colors": "active"},
    {"contrast": "no-preference", "color_scheme": "dark", "forced_colors": "active"},
)
PAGES = ("/", "call", "/events", "/setup", "/search?q=six", "read")


def address_of(stage: SimulatedServer, name: str) -> str:
    if name.startswith("/"):
        return stage.server.base_url + name
    call = stage.place_answered_call()
    for number, words in enumerate(("Good morning, Harbor and Pine.", "A table for six, please.")):
        stage.send_transcription(call, words, track=("outbound", "inbound")[number % 2])
    stage.send_transcription(call, "at about half", final=False)
    return stage.call_page_url(call) + ("/read" if name == "read" else "")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_a_rule(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    stage.place_ringing_call()
    page = new_page(address_of(stage, name))
    if name != "read" and not name.startswith("/search"):
        wait_for_status(page)
    if name == "call":
        expect(find_lines(page)).to_have_count(2)
    broken = []
    for scheme, size in product(("light", "dark"), (DESK, PHONE)):
        # During the transition a colour belongs to neither theme.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size(size)
        found = Axe().run(page).response["violations"]
        shown = [(each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
        broken += [(scheme, size["width"], *each) for each in shown]
    assert broken == []


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_a_rule_with_more_contrast(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    stage.place_ringing_call()
    page = new_page(address_of(stage, name), viewport=DESK, reduced_motion="reduce")
    if name == "call":
        expect(find_lines(wait_for_status(page))).to_have_count(2)
    broken = []
    for emulated in CONTRASTS:
        page.emulate_media(**emulated)
        found = Axe().run(page).response["violations"]
        broken += [(emulated, each["id"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]
    assert broken == []
