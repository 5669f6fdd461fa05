"""Tools for the transcript: find, copy, names, keywords, links."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.simulator import SimCall
from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, find_switch, wait_for_status

CLIPBOARD = ["clipboard-read", "clipboard-write"]
FOUND = """() => Object.fromEntries(["found", "found-here"].map((name) => [
  name,
  [...(CSS.highlights.get(name) ?? [])].map(
    ({ startContainer, startOffset, endOffset }) => startContainer.data.slice(startOffset, endOffset)),
]))"""


RENAME = """(names) => fetch(`/api${location.pathname}/speakers`, {
  method: "PUT",
  headers: {
    "Content-Type": "application/json",
    "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content,
  },
  body: JSON.stringify(names),
}).then((answer) => answer.status)"""


def speakers(page: Page) -> Locator:
    return page.locator(".transcript__log .segment__speaker")


def notes(page: Page) -> Locator:
    return page.locator(".transcript__log .note p")


def log_order(page: Page) -> list[str]:
    """The texts of the log from top to bottom, entries and lines."""
    told: list[str] = page.locator(".transcript__log :is(.note p, .segment__text)").all_inner_texts()
    return [re.sub(r" See the event$| after [\d.]+ s", "", text.strip()) for text in told]


def talking(stage: SimulatedServer, *said: str) -> SimCall:
    call = stage.place_answered_call()
    for number, text in enumerate(said):
        stage.send_transcription(call, text, track="inbound" if number % 2 == 0 else "outbound")
    return call


def test_enter_searches_for_the_current_input(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "The desk is late.", "Which desk?", "The walnut one.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    field = page.locator("find-bar input")
    # Both in one task: no frame is drawn in between.
    field.evaluate("""(field) => {
      field.value = "desk";
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    }""")
    expect(page.locator("find-bar output")).to_have_text("2 of 2")
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(page.locator("find-bar output")).to_have_text("2 of 2")


def test_find_steps_through_present_and_later_lines(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "The desk is late.", "Which desk?", "The walnut one.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.keyboard.press("f")
    page.keyboard.type("DESK")
    count = page.locator("find-bar output")
    expect(count).to_have_text("1 of 2")
    page.keyboard.press("Enter")
    expect(count).to_have_text("2 of 2")
    stage.send_transcription(call, "A desk is a desk.")
    expect(count).to_have_text("2 of 4")
    page.wait_for_function("() => CSS.highlights.get('found').size === 4")
    assert page.evaluate(FOUND) == {"found": ["desk"] * 4, "found-here": ["desk"]}
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("4 of 4")
    expect(page.locator(".segment--found")).to_contain_text("A desk is a desk.")

    page.keyboard.press("Escape")

    expect(count).to_have_text("")
    assert page.evaluate(FOUND) == {"found": [], "found-here": []}
    expect(page.locator("live-transcript")).to_be_focused()


def test_the_export_menu_counts_and_downloads_the_lines(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "One.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    stage.send_transcription(call, "Two.")
    expect(find_lines(page)).to_have_count(2)
    page.get_by_role("button", name="Export").click()
    expect(page.locator("#export")).to_contain_text("Up to this moment, 2 lines")
    with page.expect_download() as download:
        page.get_by_role("link", name="Subtitles").click()
    written = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename.endswith(".srt")
    assert "Caller: One." in written and "Two." in written


def test_the_transcript_is_copied_with_times_and_without(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "Good morning.", "Hello.")
    page = wait_for_status(new_page(stage.call_page_url(call), permissions=CLIPBOARD))
    button = page.locator('button[popovertarget="copy"]').first
    for item, expected in [
        ("Without times", r"Caller: Good morning\.\nCallee: Hello\."),
        ("With times", r"\d\d:\d\d:\d\d Caller: Good morning\.\n\d\d:\d\d:\d\d Callee: Hello\."),
    ]:
        button.click()
        page.get_by_role("button", name=item, exact=True).click()
        expect(button).to_have_text("Copied")
        assert re.fullmatch(expected, page.evaluate("() => navigator.clipboard.readText()"))


def test_a_link_shows_its_line_and_its_webhook(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, *(f"Line {number}." for number in range(60)))
    page = wait_for_status(new_page(stage.call_page_url(call), permissions=CLIPBOARD))
    row = page.locator(".transcript__log .segment", has_text="Line 57.")
    row.hover()
    page.get_by_role("button", name="Copy a link to this line").click()
    address = page.evaluate("() => navigator.clipboard.readText()")
    event_id = row.get_attribute("data-event-id")
    assert address == f"{stage.call_page_url(call)}#line-{event_id}"
    webhook = page.get_by_role("link", name="Webhook of this line")
    expect(webhook).to_have_attribute("href", re.compile(f"/events/{event_id}$"))

    early = page.locator(".transcript__log .segment").nth(3).get_attribute("data-event-id")
    other = new_page(address.replace(str(event_id), str(early)))
    linked = other.locator(".segment--linked")
    expect(linked).to_contain_text("Line 3.")
    expect(linked).to_be_in_viewport()


def test_talk_time_is_shared_as_the_lines_are(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "x" * 30)
    page = wait_for_status(new_page(stage.call_page_url(call)))
    talk = page.locator("talk-time")
    expect(talk.locator('[data-part="caller-percent"]')).to_have_text("100 %")
    stage.send_transcription(call, "y" * 90, track="outbound")
    expect(talk.locator('[data-part="caller-percent"]')).to_have_text("25 %")
    expect(talk.locator('[data-part="callee-percent"]')).to_have_text("75 %")
    page.reload()
    expect(talk.locator('[data-part="callee-percent"]')).to_have_text("75 %")


def test_a_name_reaches_all_readers_and_stays(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "Hello.", "Harbor and Pine.")
    stage.send_transcription(call, "I would", final=False, track="outbound")
    pages = [wait_for_status(new_page(stage.call_page_url(call))) for _ in range(2)]
    pages.append(new_page(f"{stage.call_page_url(call)}/read"))
    page, other, _ = pages
    dialog = page.get_by_role("dialog", name="Who is speaking")
    page.get_by_role("button", name="Callee", exact=True).click()
    dialog.get_by_label("Callee", exact=True).fill(" Maya ")
    page.keyboard.press("Enter")
    for reader in pages:
        expect(speakers(reader)).to_have_text(["Caller", "Maya"], timeout=1_000)
        expect(reader.locator(".transcript__now .segment__speaker")).to_have_text("Maya")
    expect(dialog).to_be_hidden()
    expect(other.get_by_role("button", name="Maya", exact=True)).to_be_visible()

    stage.send_transcription(call, "I would like a desk.", track="outbound")
    for reader in pages:
        expect(speakers(reader)).to_have_text(["Caller", "Maya", "Maya"])
        reader.reload()
        expect(speakers(reader)).to_have_text(["Caller", "Maya", "Maya"])
    quiet = new_page(stage.call_page_url(call), java_script_enabled=False)
    expect(speakers(quiet)).to_have_text(["Caller", "Maya", "Maya"])


def test_naming_one_speaker_keeps_the_other_name(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "Hello.", "Harbor and Pine.")
    page, other = (wait_for_status(new_page(stage.call_page_url(call))) for _ in range(2))
    for each, side, name in ((page, "Callee", "Maya"), (other, "Caller", "Daniel")):
        each.get_by_role("button", name=side, exact=True).click()
        each.get_by_label(side, exact=True).fill(name)
    for each in (page, other):
        each.keyboard.press("Enter")
        expect(each.locator("dialog[open]")).to_have_count(0)
    for each in (page, other):
        expect(speakers(each)).to_have_text(["Daniel", "Maya"])
    page.get_by_role("button", name="Maya", exact=True).click()
    expect(page.get_by_label("Callee", exact=True)).to_have_value("Maya")
    page.get_by_label("Callee", exact=True).fill("")
    page.keyboard.press("Enter")
    expect(speakers(other)).to_have_text(["Daniel", "Callee"])


def test_a_refused_name_shows_the_reason_and_stays(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, "Hello.")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.get_by_role("button", name="Caller", exact=True).click()
    field = page.get_by_label("Caller", exact=True)
    field.fill("Ana\u202e")
    page.keyboard.press("Enter")
    expect(page.locator("talk-time").get_by_role("alert")).to_contain_text("must not have control characters")
    expect(field).to_be_visible()
    field.fill("Ana")
    page.keyboard.press("Enter")
    expect(speakers(page)).to_have_text(["Ana"])


@pytest.mark.parametrize("width", [360, 1440])
def test_a_long_name_does_not_move_the_view(stage: SimulatedServer, new_page: NewPage, width: int) -> None:
    call = talking(stage, *(f"Line {number}, with some words to it." for number in range(60)))
    page = wait_for_status(new_page(stage.call_page_url(call), viewport={"width": width, "height": 900}))
    page.locator("live-transcript").hover()
    page.mouse.wheel(0, -900)
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    read = page.locator(".transcript__log .segment").nth(35)
    before = read.bounding_box()
    # Like the browser of another user.
    answer = page.evaluate(RENAME, {"caller": "A" * 60, "callee": "Wolfeschlegelsteinhausenbergerdorff the Younger"})
    assert answer == 200
    expect(speakers(page).first).to_have_text("A" * 60)
    assert read.bounding_box() == before
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") == 0
    name, words = (read.locator(f".segment__{part}").bounding_box() for part in ("speaker", "text"))
    assert name is not None and words is not None
    assert name["x"] + name["width"] <= words["x"] or name["y"] + name["height"] <= words["y"]


def test_viewers_read_names_and_cannot_change_them(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage(DASHBOARD_PASSWORD="operators", DASHBOARD_VIEWER_PASSWORD="viewers")
    call = talking(stage, "Hello.")
    page = new_page(stage.call_page_url(call))
    page.get_by_label("Password").fill("viewers")
    page.keyboard.press("Enter")
    wait_for_status(page)
    expect(page.locator("talk-time")).to_contain_text("Caller 100 %")
    expect(page.locator("talk-time button, talk-time dialog")).to_have_count(0)
    stage.send_transcription(call, "Still here.")
    expect(speakers(page)).to_have_count(2)
    assert page.evaluate(RENAME, {"caller": "Ana"}) == 403


def test_timeline_entries_are_the_same_live_and_reloaded(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    expect(notes(page).first).to_contain_text("Answered after")
    find_switch(page, "transcription").click()
    expect(notes(page).last).to_contain_text("Transcription st")
    stage.send_transcription(call, "Good morning.")
    expect(find_lines(page)).to_have_count(1)
    call.hang_up(source="caller")
    expect(notes(page).last).to_contain_text("The caller hung up")
    live = log_order(page)
    page.reload()
    expect(notes(page).last).to_contain_text("The caller hung up")
    assert log_order(page) == live
    assert live[0] == "Answered" and live[-1] == "The caller hung up" and "Good morning." in live
    event = page.locator(".note", has_text="The caller hung up").get_by_role("link", name="See the event")
    event.click()
    expect(page.locator("body")).to_contain_text("call.hangup")


def test_a_keyword_is_marked_counted_and_in_the_title(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Watched words").click()
    page.get_by_label("Word or phrase").fill("refund")
    page.keyboard.press("Enter")
    words = page.locator("keyword-list li mark")
    expect(words).to_have_text("refund")
    page.get_by_label("Word or phrase").fill("(")
    page.get_by_label("Regular expression").check()
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.locator("keyword-list").get_by_role("alert")).to_contain_text("regular expression")
    page.get_by_role("button", name="Close").click()
    page.evaluate("() => { document.hasFocus = () => false; }")

    stage.send_transcription(call, "I want a Refund 😀, a refund!")

    card = page.locator(".call--selected")
    expect(find_lines(page).locator("mark")).to_have_text(["Refund", "refund"])
    expect(card.locator(".badge--mark")).to_have_text("refund heard 2")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    page.reload()
    expect(find_lines(page).locator("mark")).to_have_text(["Refund", "refund"])
    expect(card.locator(".badge--mark")).to_have_text("refund heard 2")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Watched words").click()
    page.get_by_role("button", name="Stop watching for refund").click()
    expect(words).to_have_count(0)


def test_the_icon_has_a_dot_for_an_unseen_call(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.server.base_url))
    page.evaluate("() => { document.hasFocus = () => false; }")
    icon = page.locator('link[rel="icon"]')
    stage.place_ringing_call()
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(icon).to_have_attribute("href", re.compile("favicon.svg$"))
    expect(page).not_to_have_title(re.compile(r"^\("))


def test_preferences_for_unsure_words_and_announcements_stay(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    stage.simulator.send_webhook(
        "call.transcription",
        call,
        {"transcription_data": {"transcript": "Perhaps.", "is_final": True, "confidence": 0.4}},
    )
    page = wait_for_status(new_page(stage.call_page_url(call)))
    unsure, log = page.locator(".segment__unsure"), page.get_by_role("log")
    expect(unsure).to_have_css("text-decoration-line", "underline")
    expect(log).to_have_attribute("aria-live", "polite")
    page.get_by_role("button", name="Account").click()
    page.get_by_label("Mark unsure words").uncheck()
    page.get_by_label("Announce finished lines").uncheck()
    for _ in range(2):
        expect(unsure).to_have_css("text-decoration-line", "none")
        expect(log).to_have_attribute("aria-live", "off")
        page.reload()


def test_the_call_list_shows_older_calls_and_filters_states(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage()
    for _ in range(52):
        stage.simulator.place_call(paced=False).hang_up()
    stage.place_answered_call()
    page = wait_for_status(new_page(stage.server.base_url))
    ended = page.locator('[data-part="recent"] > .call')
    # The newest 50 are listed, and what runs: of calls that began in one second either may be among the others.
    expect(ended.nth(48)).to_be_attached()
    expect(ended.nth(50)).not_to_be_attached()
    page.get_by_role("button", name="Show older").click()
    expect(ended).to_have_count(52)
    expect(page.get_by_role("button", name="Show older")).to_be_hidden()
    page.locator("[data-rail-state]").get_by_text("Live").click()
    expect(ended.first).to_be_hidden()
    expect(page.locator('[data-part="live"] > .call')).to_be_visible()
    page.locator("[data-rail-state]").get_by_text("Ended").click()
    expect(page.locator('[data-part="live"] > .call')).to_be_hidden()
    expect(ended.first).to_be_visible()


def test_latency_is_shown_with_the_next_line(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    delay = page.locator("call-latency")
    expect(delay).to_contain_text("Measured with the next line")
    stage.send_transcription(call, "Now.")
    expect(delay.locator('[data-part="p95"]')).to_have_text(re.compile(r"^\d+$"))
    expect(delay.locator('[data-part="p95"]')).to_be_visible()


def test_single_letters_stay_letters_in_a_field(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.call_page_url(talking(stage, "f, then n, then j"))))
    page.keyboard.press("f")
    page.keyboard.type("fnj?")
    expect(page.get_by_label("Find in this transcript")).to_have_value("fnj?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_fifty_new_lines_do_not_move_the_view(stage: SimulatedServer, new_page: NewPage) -> None:
    call = talking(stage, *(f"Line {number}, with some words to it." for number in range(150)))
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.locator("live-transcript").hover()
    page.mouse.wheel(0, -2_500)
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    middle = page.evaluate_handle(
        """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
          const { left, top, height } = document.querySelector("live-transcript").getBoundingClientRect();
          const { left: inner } = document.querySelector(".transcript__log").getBoundingClientRect();
          done(document.elementFromPoint(inner + 80, top + height / 2).closest(".segment"));
        }, 300)))"""
    )
    before = middle.evaluate("(row) => row.getBoundingClientRect().top")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for number in range(50):
        # Every second line is late and is inserted above.
        stage.send_transcription(
            call, f"New {number}.", at=an_hour_ago + timedelta(seconds=number) if number % 2 else None
        )
    expect(page.get_by_role("button", name="Jump to latest")).to_contain_text("50 new")
    assert middle.evaluate("(row) => row.getBoundingClientRect().top") == before
