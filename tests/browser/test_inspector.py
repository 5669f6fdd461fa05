"""The webhook inspector, live and in detail."""

from __future__ import annotations

import hashlib
import re
import uuid
from urllib.parse import quote

from playwright.sync_api import Locator, Page, Route, expect

from dashboard.simulator import SimCall
from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, wait_for_status
from tests.conftest import Signer, build_event_body

ATTACK = "<img src=x onerror=\"document.title='taken'\">"
FOREIGN = build_event_body("call.answered", {"note": ATTACK})
DOOR = "/webhooks/telnyx"


def rows(page: Page) -> Locator:
    return page.locator(".ledger tbody .ledger__row")


def drawer(page: Page) -> Locator:
    return page.locator("event-drawer")


def say(stage: SimulatedServer, call: SimCall, text: str, event_id: str | None = None) -> str:
    """Send a final with this event id."""
    event_id = event_id or str(uuid.uuid4())
    heard = {"transcript": text, "is_final": True, "confidence": 0.95, "transcription_track": "inbound"}
    stage.simulator.send_webhook("call.transcription", call, {"transcription_data": heard}, event_id=event_id)
    assert stage.simulator.drain()
    return event_id


def of_call(stage: SimulatedServer, call: SimCall) -> str:
    return f"{stage.server.base_url}/events?call_id={quote(call.call_control_id)}"


def test_webhooks_come_in_by_themselves_with_verdict_and_reason(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(f"{stage.server.base_url}/events"))
    call = stage.place_answered_call()
    event_id = say(stage, call, "Good morning.")
    say(stage, call, "Good morning.", event_id)
    assert stage.server.request("POST", DOOR, FOREIGN, Signer().sign_headers(FOREIGN))[0] == 401
    expect(rows(page).nth(0)).to_contain_text("Refused")
    expect(rows(page).nth(0)).to_contain_text("wrong signature")
    expect(rows(page).nth(1)).to_contain_text("Duplicate")
    expect(rows(page).nth(2)).to_contain_text("Accepted")
    expect(rows(page).nth(2).locator("[data-part=handled]")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    expect(rows(page).nth(2).locator("[data-part=size]")).to_have_text(re.compile(r"^\d+ B$"))
    expect(rows(page).nth(2).locator("[data-part=call]")).to_have_text(re.compile(r"^\+1 \d{3} \d{3} \d{4}$"))
    drawn = rows(page).all_inner_texts()[:3]
    page.reload()
    assert rows(page).all_inner_texts()[:3] == drawn


def test_a_refused_webhook_shows_only_size_and_hash(stage: SimulatedServer, new_page: NewPage) -> None:
    stage.server.request("POST", DOOR, FOREIGN, Signer().sign_headers(FOREIGN))
    page = wait_for_status(new_page(f"{stage.server.base_url}/events?verdict=refused"))
    rows(page).first.locator("a").click()
    expect(drawer(page)).to_contain_text(hashlib.sha256(FOREIGN).hexdigest())
    expect(drawer(page)).to_contain_text("no configured public key made this signature")
    expect(drawer(page)).to_contain_text("only its size and SHA-256")
    expect(drawer(page).locator("[data-part=body]")).to_be_hidden()
    expect(page.get_by_role("button", name="Replay here")).to_be_hidden()
    assert ATTACK not in page.content() and "onerror" not in page.content()


def test_lines_and_webhooks_link_each_other(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    ids = [say(stage, call, f"Line {number}") for number in range(30)]
    page = wait_for_status(new_page(stage.call_page_url(call)))
    line = page.locator(f"[id='line-{ids[2]}']")
    line.locator(".segment__time a").click()
    expect(page).to_have_url(f"{stage.server.base_url}/events/{ids[2]}")
    expect(drawer(page)).to_be_visible()
    expect(drawer(page)).to_contain_text('"transcript": "Line 2"')
    page.get_by_role("link", name="The line it produced").click()
    expect(line).to_have_class(re.compile("segment--linked"))
    expect(line).to_be_in_viewport()
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    wait_for_status(page)
    expect(line).to_be_in_viewport()


def test_headers_and_body_are_text(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    event_id = say(stage, call, ATTACK)
    page = wait_for_status(new_page(f"{stage.server.base_url}/events/{event_id}"))
    body = drawer(page).locator("[data-part=body]")
    expect(body).to_contain_text("<img src=x onerror=")
    expect(body.locator(".code__key").first).to_have_text('"data"')
    expect(drawer(page).locator("[data-part=headers]")).to_contain_text("User-Agent: telnyx-webhooks")
    assert page.locator("event-drawer img").count() == 0
    assert page.title() != "taken"


def test_the_drawer_has_an_address_and_escape_closes_it(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    event_id = say(stage, call, "Hello?")
    page = wait_for_status(new_page(of_call(stage, call)))
    link = page.locator(f"[data-event-id='{event_id}'] a")
    link.focus()
    page.keyboard.press("Enter")
    expect(drawer(page)).to_be_visible()
    expect(page.locator(".ledger__row--selected")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"/events/{event_id}"))
    page.keyboard.press("Escape")
    expect(drawer(page)).to_be_hidden()
    expect(link).to_be_focused()
    page.go_back()
    expect(drawer(page)).to_be_visible()


def test_a_replay_is_marked_and_changes_no_other_event(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    event_id = say(stage, call, "Once more, please.")
    page = wait_for_status(new_page(f"{stage.server.base_url}/events/{event_id}"))
    page.get_by_role("button", name="Replay here").click()
    page.get_by_role("link", name="Look at the replay").click()
    expect(drawer(page)).to_contain_text("Replayed")
    expect(page.locator(".ledger__row--selected")).to_contain_text("Replayed")
    page.get_by_role("link", name="The webhook that came first").click()
    expect(drawer(page).locator(".verdict")).to_contain_text("Accepted")


def test_filters_choose_what_is_listed_and_what_comes_in(stage: SimulatedServer, new_page: NewPage) -> None:
    call, other = stage.place_answered_call(), stage.place_answered_call()
    stage.send_transcription(call, "Good", final=False)
    event_id = say(stage, call, "Good morning.")
    say(stage, call, "Good morning.", event_id)
    page = wait_for_status(new_page(of_call(stage, call)))
    verdicts = rows(page).locator(".verdict b")
    filters = page.get_by_role("search")
    for choice, shown in (("Duplicates", 1), ("Interims", 1), ("Refused", 0), ("Accepted", 3)):
        filters.get_by_text(choice, exact=True).click()
        expect(verdicts).to_have_text([choice.removesuffix("s")] * shown)
    page.reload()
    expect(verdicts).to_have_text(["Accepted"] * 3)
    wait_for_status(page)
    say(stage, other, "Not asked for.")
    said = say(stage, call, "Asked for.")
    expect(verdicts).to_have_text(["Accepted"] * 4)
    filters.get_by_role("searchbox").fill(said[:13])
    expect(verdicts).to_have_count(1)
    expect(page).to_have_url(re.compile(f"q={said[:13]}"))
    filters.get_by_role("searchbox").fill("")
    filters.get_by_label("Event type").select_option("call.answered")
    expect(rows(page).locator(".badge--code")).to_have_text(["call.answered"])


def test_a_reader_further_down_is_not_moved(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for number in range(40):
        say(stage, call, f"Line {number}")
    page = wait_for_status(new_page(of_call(stage, call)))
    page.locator("event-table").hover()
    page.mouse.wheel(0, 600)
    page.wait_for_function("() => document.querySelector('event-table').scrollTop === 600")
    where = rows(page).nth(25).bounding_box()
    event_ids = [say(stage, call, f"New line {number}") for number in range(3)]
    expect(page.get_by_role("button", name="3 new")).to_be_visible()
    assert rows(page).nth(25).bounding_box() == where
    page.get_by_role("button", name="3 new").click()
    expect(rows(page).first).to_have_attribute("data-event-id", event_ids[-1])
    expect(rows(page).first).to_be_in_viewport()


def test_paused_it_waits(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(of_call(stage, call)))
    page.get_by_role("button", name="Pause").click()
    count = rows(page).count()
    say(stage, call, "Later.")
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert rows(page).count() == count
    page.get_by_role("button", name="Pause").click()
    expect(rows(page)).to_have_count(count + 1)


def test_events_missed_while_offline_are_listed_afterwards(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(of_call(stage, call)))
    page.context.set_offline(True)
    expect(page.locator("connection-status")).not_to_contain_text("Live", timeout=60_000)
    event_id = say(stage, call, "Meanwhile.")
    page.context.set_offline(False)
    expect(rows(page).first).to_have_attribute("data-event-id", event_id)


def test_older_events_continue_after_the_oldest_row(stage: SimulatedServer, new_page: NewPage) -> None:
    """A long open page drops its oldest rows; "Older events" loads them again."""
    call = stage.place_answered_call()
    page = new_page("about:blank")

    def with_fewer_rows(route: Route) -> None:
        page_script = route.fetch()
        route.fulfill(response=page_script, body=page_script.text().replace("MAX_ROWS = 1000", "MAX_ROWS = 8"))

    page.route("**/js/pages/events.js", with_fewer_rows)
    for number in range(6):
        say(stage, call, f"Line {number}")
    page.goto(of_call(stage, call))
    wait_for_status(page)
    for number in range(10):
        say(stage, call, f"New line {number}")
    expect(rows(page)).to_have_count(8)
    page.get_by_role("link", name="Older events").click()
    everything = stage.server.get_json(f"/api/events?call_id={quote(call.call_control_id)}")["events"]
    expect(rows(page)).to_have_count(len(everything))
    shown = rows(page).evaluate_all("rows => rows.map((row) => row.dataset.eventId)")
    assert shown == [event["id"] for event in everything]


def test_a_failed_filter_is_shown_and_retried(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    say(stage, call, "Good morning.")
    page = wait_for_status(new_page(of_call(stage, call)))
    page.route("**/api/events?**", lambda route: route.abort())
    page.get_by_role("search").get_by_text("Refused", exact=True).click()
    failed = page.get_by_text("The list could not be loaded.")
    expect(failed).to_be_visible()
    expect(rows(page)).to_have_count(0)
    page.unroute("**/api/events?**")
    page.context.set_offline(True)
    expect(page.locator("connection-status")).not_to_contain_text("Live", timeout=60_000)
    page.context.set_offline(False)
    expect(page.get_by_text("No webhook matches.")).to_be_visible()
    expect(failed).to_be_hidden()


def test_on_a_phone_the_drawer_is_a_sheet(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    event_id = say(stage, call, "Hello?")
    page = wait_for_status(new_page(of_call(stage, call), viewport={"width": 360, "height": 740}, has_touch=True))
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    page.locator(f"[data-event-id='{event_id}'] a").tap()
    expect(drawer(page)).to_be_in_viewport(ratio=0.99)
    assert drawer(page).bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    page.get_by_role("link", name="Close").tap()
    expect(drawer(page)).to_be_hidden()


def test_it_can_be_read_without_a_script(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    event_id = say(stage, call, "Hello?")
    page = new_page(of_call(stage, call), java_script_enabled=False)
    page.locator(f"[data-event-id='{event_id}'] a").click()
    expect(drawer(page).locator("[data-part=body]")).to_contain_text('"transcript":')
    expect(page.get_by_role("button", name="Replay here")).to_have_count(0)
