"""The live transcript: every line once, in order, without shifts."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, wait_for_status

# The latency figures beside the transcript change their width with the speed of the machine, and their note appears
# once. A shift is left out if it comes from them and stays within the controls.
SHIFTS = """() => {
  window.shifts = [];
  const elementOf = ({ node }) => (node instanceof Element ? node : node?.parentElement);
  const isOfLatency = (elements) =>
    elements.some((element) => element?.closest("call-latency")) &&
    elements.every((element) => element?.closest("[role=region][aria-label=Controls]"));
  const record = ({ value, sources }) => {
    const elements = sources.map(elementOf);
    const tags = elements.map((element) => element?.outerHTML.slice(0, 200));
    if (!isOfLatency(elements)) window.shifts.push([value, ...tags]);
  };
  new PerformanceObserver((list) => list.getEntries().forEach(record)).observe({ type: "layout-shift" });
}"""


def scrolled(page: Page) -> float:
    return float(page.locator("live-transcript").evaluate("(element) => element.scrollTop"))


def test_new_calls_and_words_appear_within_five_seconds(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.server.base_url))
    begun = monotonic()
    calls = [stage.place_answered_call() for _ in range(2)]
    for number, call in enumerate(calls):
        stage.send_transcription(call, f"Good morning, desk {number}.")
    for number, call in enumerate(calls):
        card = page.locator(f'.call:has(a[href*="{call.call_control_id.removeprefix("v3:")}"])')
        expect(card).to_contain_text(f"Good morning, desk {number}.")
        expect(card.locator('[data-chip="transcription"]')).to_have_class("chip chip--on")
    assert monotonic() - begun < 5


def test_an_interim_becomes_a_final_where_it_stands(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    stage.send_transcription(call, "Good morning.")
    expect(find_lines(page)).to_have_text(["Good morning."])
    stage.send_transcription(call, "I would like", final=False)
    interim = page.locator(".transcript__now .segment")
    expect(interim).to_contain_text("I would like")
    where = interim.bounding_box()
    page.evaluate(SHIFTS)

    stage.send_transcription(call, "I would like to book a table for six.")

    expect(find_lines(page)).to_have_text(["Good morning.", "I would like to book a table for six."])
    expect(interim).to_have_count(0)
    assert page.locator(".transcript__log .segment").last.bounding_box() == where
    # All shifts are reported one frame later.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("() => window.shifts") == []


def test_two_hundred_interims_become_finals_and_nothing_shifts(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    stage.send_transcription(call, "Good morning.")
    expect(find_lines(page)).to_have_count(1)
    page.evaluate(SHIFTS)
    for number in range(200):
        track = "inbound" if number % 2 else "outbound"
        stage.send_transcription(call, f"Line {number} is still", final=False, track=track)
        if number % 20 == 0:
            expect(page.locator(".transcript__now .segment")).to_contain_text(f"Line {number} is still")
        stage.send_transcription(call, f"Line {number} is still being said, and then it is over.", track=track)
    expect(find_lines(page)).to_have_count(201)
    expect(find_lines(page).last).to_be_in_viewport()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("() => window.shifts") == []


def test_both_speakers_are_told_apart(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    stage.send_transcription(call, "Hello?", track="inbound")
    stage.send_transcription(call, "Harbor and Pine, good morning.", track="outbound")
    expect(page.locator(".transcript__log .segment .segment__speaker")).to_have_text(["Caller", "Callee"])


def test_a_disconnected_browser_gets_every_line_once(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage(SECRET_KEY="a secret key that survives the restart")
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    said = ["one", "two", "three", "four", "five", "six"]
    for word in said[:2]:
        stage.send_transcription(call, word)
    expect(find_lines(page)).to_have_text(said[:2])

    page.context.set_offline(True)
    stage.server.kill()
    expect(page.locator("connection-status")).to_contain_text("Reconnecting")
    stage.server.start()
    for word in said[2:5]:
        stage.send_transcription(call, word)
    page.context.set_offline(False)
    wait_for_status(page)
    stage.send_transcription(call, said[5])

    expect(find_lines(page)).to_have_text(said)
    page.reload()
    expect(find_lines(page)).to_have_text(said)


def test_a_reader_who_scrolled_up_is_never_moved(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    for number in range(40):
        stage.send_transcription(call, f"Line {number}", track="inbound" if number % 2 else "outbound")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    expect(find_lines(page)).to_have_count(40)
    page.locator("live-transcript").hover()
    page.mouse.wheel(0, -5_000)
    expect(page.get_by_role("button", name="Jump to latest")).to_be_visible()
    page.wait_for_function("() => document.querySelector('live-transcript').scrollTop === 0")
    seen = find_lines(page).first.bounding_box()

    stage.send_transcription(call, "Something new")

    expect(page.get_by_role("button", name="Jump to latest")).to_contain_text("1 new")
    assert scrolled(page) == 0
    assert find_lines(page).first.bounding_box() == seen
    page.get_by_role("button", name="Jump to latest").click()
    expect(find_lines(page).last).to_be_in_viewport()


def test_speech_stays_text(stage: SimulatedServer, new_page: NewPage) -> None:
    attack = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    stage.send_transcription(call, attack, final=False)
    expect(page.locator(".transcript__now .segment__text")).to_have_text(attack)
    stage.send_transcription(call, attack)
    expect(find_lines(page)).to_have_text([attack])
    page.reload()
    expect(find_lines(page)).to_have_text([attack])
    expect(page.locator(".call--selected")).to_contain_text(attack)
    assert page.locator("live-transcript img, live-transcript script, .call img").count() == 0
    assert page.title() != "taken"
