"""Controls: commands sent, states shown, errors explained."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from dashboard.messages import ngettext
from dashboard.web.i18n import translations_for
from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_control, find_switch, open_options, wait_for_status
from tests.system.server import free_port

ON, FAILED, OFF = (re.compile(pattern) for pattern in (r"\bswitch--on\b", r"\bswitch--failed\b", r"^(?!.*switch--)"))
SWITCHES = ("transcription", "streaming", "fork")
ONE_SECOND_MS = 1_000
FORK = {"rx": "udp:198.51.100.20:40000", "tx": "udp:198.51.100.20:40002"}

WATCH_SWITCHES = """() => {
  window.seen = {};
  for (const control of document.querySelectorAll("call-control")) {
    const button = control.querySelector(".switch");
    const seen = (window.seen[control.dataset.name] = []);
    const look = () => {
      const state = /switch--(\\w+)/.exec(button.className)?.[1] ?? "off";
      if (seen.at(-1) !== state) seen.push(state);
    };
    look();
    new MutationObserver(look).observe(button, { attributes: true, attributeFilter: ["class"] });
  }
}"""


def fill_fork(page: Page) -> None:
    opened = open_options(page, "fork")
    for name, address in FORK.items():
        opened.locator(f"[name={name}]").fill(address)


def test_six_buttons_go_from_off_to_on_and_back(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    fill_fork(page)
    page.evaluate(WATCH_SWITCHES)
    for name in SWITCHES:
        find_switch(page, name).click()
        expect(find_switch(page, name)).to_have_class(ON)
        find_switch(page, name).click()
        expect(find_switch(page, name)).to_have_class(OFF)
    round_trip = ["off", "starting", "on", "stopping", "off"]
    assert page.evaluate("() => window.seen") == dict.fromkeys(SWITCHES, round_trip)
    assert stage.received_actions(call) == [f"{name}_{verb}" for name in SWITCHES for verb in ("start", "stop")]


def test_transcription_shows_its_duration_and_missing_text(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    find_switch(page, "transcription").click()
    result = find_control(page, "transcription").locator("[data-part='result']")
    expect(result).to_contain_text(re.compile(r"Accepted in \d+ ms, no words yet"))
    stage.send_transcription(call, "Good morning.")
    expect(result).to_contain_text("by an operator")
    expect(result).to_contain_text("est. $0.00")
    expect(page.locator("calls-summary")).to_contain_text(re.compile(r"1 transcribing.*est\. \$0\.025 a minute"))


def test_a_stream_to_a_closed_port_shows_its_failure(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    open_options(page, "streaming").locator("[name=stream_url]").fill(f"ws://127.0.0.1:{free_port()}/media")
    find_switch(page, "streaming").click()
    expect(find_switch(page, "streaming")).to_have_class(FAILED)
    problem = find_control(page, "streaming").locator("[data-part='problem']")
    expect(problem).to_contain_text("connection_failed")
    expect(problem).to_contain_text("Check that it can be reached from the internet")


def test_streaming_to_this_dashboard_shows_the_sound(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call(paced=True)
    page = wait_for_status(new_page(stage.call_page_url(call)))
    find_switch(page, "streaming").click()
    expect(find_switch(page, "streaming")).to_have_class(ON)
    meter = page.locator("stream-meter")
    expect(meter).to_contain_text("Good line")
    expect(meter).to_contain_text("PCMU, 8 kHz")
    expect(meter.locator(".wave__caller")).to_have_attribute("d", re.compile("^M"))
    call.press_key("5")
    expect(meter).to_contain_text(re.compile(r"Keys pressed\s*5 at \d\d:\d\d:\d\d"))
    find_switch(page, "streaming").click()
    expect(find_switch(page, "streaming")).to_have_class(OFF)
    expect(meter).to_be_hidden()


def test_a_second_browser_shows_the_same_within_a_second(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    one, other = (wait_for_status(new_page(stage.call_page_url(call))) for _ in range(2))
    find_switch(one, "transcription").click()
    expect(find_switch(one, "transcription")).to_have_class(ON)
    expect(find_switch(other, "transcription")).to_have_class(ON, timeout=ONE_SECOND_MS)
    find_switch(other, "transcription").click()
    expect(find_switch(other, "transcription")).to_have_class(OFF)
    expect(find_switch(one, "transcription")).to_have_class(OFF, timeout=ONE_SECOND_MS)


def test_a_double_click_is_one_command(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    find_switch(page, "transcription").dblclick()
    expect(find_switch(page, "transcription")).to_have_class(ON)
    assert stage.received_actions(call) == ["transcription_start"]


def test_the_second_click_of_a_double_click_does_nothing(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    button = find_switch(page, "transcription")
    button.click()
    expect(button).to_have_class(ON)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    button.click()
    expect(button).to_have_class(OFF)
    assert stage.received_actions(call) == ["transcription_start", "transcription_stop"]


def test_a_fork_while_streaming_is_explained_and_offered(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    fill_fork(page)
    find_switch(page, "streaming").click()
    expect(find_switch(page, "streaming")).to_have_class(ON)
    expect(find_control(page, "fork")).to_contain_text("Off, ends the stream")

    find_switch(page, "fork").click()
    expect(find_control(page, "fork")).to_contain_text("A call carries a stream or a fork, not both.")
    assert stage.received_actions(call) == ["streaming_start"]
    page.get_by_role("button", name="Stop streaming, then fork").click()

    expect(find_switch(page, "fork")).to_have_class(ON)
    expect(find_switch(page, "streaming")).to_have_class(OFF)
    assert stage.received_actions(call) == ["streaming_start", "streaming_stop", "fork_start"]
    assert {name: stage.received_commands(call, "fork_start")[0][name] for name in FORK} == FORK


def test_nothing_is_stopped_for_a_fork_that_cannot_start(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    open_options(page, "fork")
    find_switch(page, "streaming").click()
    expect(find_switch(page, "streaming")).to_have_class(ON)
    find_switch(page, "fork").click()
    page.get_by_role("button", name="Stop streaming, then fork").click()
    expect(page.locator("[name=rx]")).to_be_focused()
    expect(find_control(page, "fork").locator(".field > .field__error")).to_have_text(["is required"] * 2)
    assert stage.received_actions(call) == ["streaming_start"]


def test_telnyx_refusing_a_fork_while_streaming_offers_the_same(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    fill_fork(page)
    stage.simulator.inject_fault("fork_start", code="90045")
    find_switch(page, "fork").click()
    expect(find_control(page, "fork").locator("[data-part='problem']")).to_contain_text("Telnyx 90045")
    page.get_by_role("button", name="Stop streaming, then fork").click()
    expect(find_switch(page, "fork")).to_have_class(ON)


def test_the_chosen_settings_are_sent(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    opened = open_options(page, "transcription")
    opened.locator("[name=transcription_engine]").select_option("Azure")
    opened.locator("[name='transcription_engine_config.language']").fill("de")
    find_switch(page, "transcription").click()
    region = opened.locator("[name='transcription_engine_config.region']")
    expect(region).to_be_focused()
    expect(opened.locator(".field:has([name$='.region'])")).to_contain_text("is required")
    assert stage.received_commands(call, "transcription_start") == []

    region.select_option("westeurope")
    find_switch(page, "transcription").click()

    expect(find_switch(page, "transcription")).to_have_class(ON)
    [body] = stage.received_commands(call, "transcription_start")
    wanted = {"transcription_engine": "Azure", "region": "westeurope", "language": "de"}
    assert body["transcription_engine"] == "Azure"
    assert body["transcription_engine_config"] == wanted
    assert body["transcription_tracks"] == "both"


def test_a_preset_is_shared_and_stays_selected(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    opened = open_options(page, "transcription")
    opened.locator("[name=transcription_engine]").select_option("Soniox")
    opened.get_by_role("button", name="Save as…").click()
    opened.get_by_label("Keep these settings as").fill("Night/day desk")
    opened.get_by_label("Keep these settings as").press("Enter")
    expect(opened.locator("[data-part='chosen']")).to_have_text("Night/day desk")
    page.reload()
    wait_for_status(page)
    find_switch(page, "transcription").click()
    expect(find_switch(page, "transcription")).to_have_class(ON)
    assert stage.received_commands(call, "transcription_start")[0]["transcription_engine"] == "Soniox"

    other = wait_for_status(new_page(stage.call_page_url(stage.place_answered_call())))
    choice = open_options(other, "transcription").get_by_label("Start with")
    expect(choice).to_have_value("default")
    choice.select_option(label="Night/day desk")
    expect(other.locator("[name=transcription_engine]")).to_have_value("Soniox")
    open_options(other, "transcription").get_by_role("button", name="Delete").click()
    expect(choice.locator("option")).not_to_contain_text(["Night/day desk"])


def test_the_command_log_lists_commands_and_results(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.locator("command-log summary").click()
    expect(page.locator("command-log")).to_contain_text("None yet.")
    stage.simulator.inject_fault("transcription_start", code="90054")
    find_switch(page, "transcription").click()
    newest = page.locator(".commands__item").first
    expect(newest).to_contain_text("Transcription start")
    expect(newest).to_contain_text(re.compile(r"by operator · HTTP 422 · Telnyx 90054 · \d+ ms"))
    parameters = json.loads(newest.locator(".commands__parameters").text_content() or "")
    assert parameters["transcription_engine"] == "Deepgram"


def test_a_ringing_call_is_answered_with_transcription(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_ringing_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    expect(find_switch(page, "transcription")).to_be_disabled()
    page.get_by_role("button", name="More ways to answer").click()
    page.get_by_role("button", name="Answer and transcribe").click()
    assert call.wait_until(lambda call: call.is_answered and call.is_transcribing)
    stage.send_transcription(call, "Good morning.")
    expect(find_switch(page, "transcription")).to_have_class(ON)


def test_a_double_click_on_answer_does_not_hang_up(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_ringing_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    foot = page.locator("call-actions")
    place = foot.locator("[data-part=answer]").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 10, place["y"] + 10)
    expect(foot.get_by_role("button", name="Hang up")).to_be_visible()
    page.mouse.click(place["x"] + 10, place["y"] + 10)
    # A click after a moment is intended.
    page.wait_for_timeout(800)
    assert stage.received_actions(call) == ["answer"]
    foot.get_by_role("button", name="Hang up").click()
    expect(foot).to_be_hidden()
    assert stage.received_actions(call) == ["answer", "hangup"]


def test_enter_among_the_options_of_an_answer_answers(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_ringing_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.get_by_role("button", name="More ways to answer").click()
    page.get_by_role("button", name="Answer with options…").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("input[type=text]:visible, input:not([type]):visible").first.press("Enter")
    expect(dialog).to_be_hidden()
    assert call.wait_until(lambda call: call.is_answered)


def test_a_ringing_call_is_rejected_as_busy(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_ringing_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.get_by_role("button", name="Reject").click()
    page.get_by_role("button", name="Busy").click()
    expect(page.locator(".transcript__facts")).to_contain_text("User busy")
    assert stage.received_commands(call, "reject")[0]["cause"] == "USER_BUSY"


def test_a_new_call_opens_and_is_transcribed(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.server.base_url))
    page.keyboard.press("n")
    page.get_by_label("Call", exact=True).fill("+1 555 010 0177")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_be_focused()
    page.get_by_label("From", exact=True).fill("+1 555 010 0100")
    page.get_by_role("button", name="Call", exact=True).click()
    page.wait_for_url("**/calls/**")
    expect(page.locator(".transcript__party").last).to_have_text("+1 555 010 0177")
    [body] = [each.body for each in stage.simulator.requests if each.path == "/v2/calls"]
    assert (body["to"], body["from"], body["transcription"]) == ("+15550100177", "+15550100100", True)
    assert body["transcription_config"]["transcription_engine"] == "Deepgram"


def test_an_unknown_call_is_not_opened(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.server.base_url))
    page.get_by_role("button", name="New call").click()
    page.get_by_label("Open a call that runs already").fill("v3:nobody-knows-this-one")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("new-call [data-part='problem']")).to_be_visible()
    page.get_by_role("button", name="Look for running calls").click()
    expect(page.locator("new-call [data-part='found']")).to_contain_text("0 calls found")


SILENT = {"STOP_AFTER_SILENT_MINUTES": "0.01"}
WHY = ("A rule stopped it: no speech for %(num)s minute.", "A rule stopped it: no speech for %(num)s minutes.")


def result(page: Page, name: str) -> Locator:
    return find_control(page, name).locator("[data-part='result-words']")


def test_what_a_rule_stopped_says_why_to_each_reader(
    own_stage: Callable[..., SimulatedServer], new_page: NewPage
) -> None:
    stage = own_stage(**SILENT)
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    spanish = new_page(stage.call_page_url(call), locale="es-ES")
    expect(spanish.locator("html")).to_have_attribute("lang", "es")
    why, in_spanish = (ngettext(*WHY, 0.01), translations_for("es").ngettext(*WHY, 2) % {"num": "0,01"})
    assert in_spanish != why
    find_switch(page, "transcription").click()
    expect(find_switch(spanish, "transcription")).to_have_class(ON)
    # Rules run every five seconds.
    expect(find_switch(page, "transcription")).to_have_class(OFF)
    expect(result(page, "transcription")).to_have_text(why)
    expect(page.locator(".note").last).to_contain_text(f"Transcription stopped. {why}")
    expect(result(spanish, "transcription")).to_have_text(in_spanish)
    expect(spanish.locator(".note").last).to_contain_text(in_spanish)
    spanish.reload()
    expect(result(spanish, "transcription")).to_have_text(in_spanish)
    call.hang_up()
    expect(page.locator("call-header")).to_contain_text("Ended")
    expect(result(page, "transcription")).to_have_text(why)


def test_what_a_person_stopped_says_nothing(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call)))
    find_switch(page, "transcription").click()
    expect(find_switch(page, "transcription")).to_have_class(ON)
    find_switch(page, "transcription").click()
    expect(find_switch(page, "transcription")).to_have_class(OFF)
    expect(result(page, "transcription")).to_be_hidden()
