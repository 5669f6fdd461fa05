"""Spanish pages have no English text, and room for longer words.

Each state is opened in both languages and compared. A text that is the same in both is a name, a number, a code, or an
omission.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, find_lines, find_switch, wait_for_status

SPANISH = {"locale": "es-ES"}
PHONE: ViewportSize = {"width": 360, "height": 780}
PASSWORD = "a password of the test"

TEXTS = """() => {
  const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt", "aria-description"];
  const found = new Set([document.title]);
  const gather = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const isCode = node.parentElement instanceof HTMLOptionElement && node.parentElement.value.endsWith(node.data);
      if (node.nodeType === Node.TEXT_NODE) found.add(isCode ? "" : node.data);
      else for (const name of ATTRIBUTES) found.add(node.getAttribute(name) ?? "");
      if (node instanceof HTMLTemplateElement) gather(node.content);
    }
  };
  gather(document.body);
  return [...found].map((text) => text.trim().replace(/\\s+/g, " ")).filter((text) => /\\p{L}{2}/u.test(text));
}"""

SAME_IN_BOTH = re.compile(
    r"English|Español|Dialogflow|Premium|Redis|SHA-256|Token|Id|Australia|JSON\."
    r"|Wav|Rtp|en"  # values of parameters
    r"|Enter|Shift( Enter| [FST])?"
    r"|(https?|wss?|udp|v3):\S*"
    r"|[a-z]+\.[a-z._]+|\.(txt|srt|vtt|json|csv)"
    r"|[\d.,:/ -]+ (ms|kB|B|s|UTC)|ms|UTC"
)
"""Names, numbers, codes and units."""


@pytest.fixture(scope="module")
def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedServer]:
    """A separate server, because other tests speak other languages."""
    with SimulatedServer(tmp_path_factory.mktemp("languages")) as stage:
        yield stage


def texts(page: Page) -> set[str]:
    return set(page.evaluate(TEXTS))


def spoken(stage: SimulatedServer) -> str:
    """The page of a call whose text is figures, which need no translation."""
    call = stage.place_answered_call()
    stage.send_transcription(call, "1 2 3")
    stage.send_transcription(call, "4 5 6", track="outbound")
    stage.send_transcription(call, "7 8", final=False)
    return stage.call_page_url(call)


def console(stage: SimulatedServer) -> str:
    stage.place_ringing_call()
    ended = stage.place_answered_call()
    ended.hang_up()
    assert stage.simulator.drain()
    return spoken(stage)


def ringing(stage: SimulatedServer) -> str:
    return stage.call_page_url(stage.place_ringing_call())


def ended(stage: SimulatedServer) -> str:
    call = stage.place_answered_call()
    call.hang_up()
    assert stage.simulator.drain()
    return stage.call_page_url(call)


STATES: dict[str, Callable[[SimulatedServer], str]] = {
    "console": console,
    "ringing": ringing,
    "ended": ended,
    "reading": lambda stage: spoken(stage) + "/read",
    "nothing chosen": lambda stage: stage.server.base_url + "/",
    "events": lambda stage: stage.server.base_url + "/events",
    "search": lambda stage: stage.server.base_url + "/search?q=1",
    "setup": lambda stage: stage.server.base_url + "/setup",
    "no such page": lambda stage: stage.server.base_url + "/nowhere",
}


def opened(new_page: NewPage, address: str, name: str, **more: object) -> Page:
    page = new_page(address, **more)
    if name in ("console", "ringing", "ended", "nothing chosen", "events", "setup"):
        expect(page.locator("connection-status:not(.live--lost)")).to_be_visible()
    if name in ("console", "ringing", "ended"):
        for each in page.locator("command-form > details > summary").all():
            each.evaluate("(summary) => summary.click()")
        expect(page.locator("command-form [data-part='common'] .field").first).to_be_attached()
    return page


@pytest.mark.parametrize("name", STATES)
def test_no_english_is_left_in_spanish(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    address = STATES[name](stage)
    english = opened(new_page, address, name)
    spanish = opened(new_page, address, name, **SPANISH)
    assert english.locator("html").get_attribute("lang") == "en"
    assert spanish.locator("html").get_attribute("lang") == "es"
    left = [text for text in texts(spanish) & texts(english) if not SAME_IN_BOTH.fullmatch(text)]
    assert " | ".join(sorted(left)) == ""


@pytest.mark.parametrize("name", STATES)
def test_spanish_has_its_room_and_breaks_no_rule(stage: SimulatedServer, new_page: NewPage, name: str) -> None:
    page = opened(new_page, STATES[name](stage), name, **SPANISH, reduced_motion="reduce")
    broken = []
    for size in ({"width": 1440, "height": 900}, PHONE):
        page.set_viewport_size(size)
        broken += [(size["width"], each["id"]) for each in Axe().run(page).response["violations"]]
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_language_is_chosen_in_the_menu_and_kept(
    stage: SimulatedServer, new_page: NewPage, with_scripts: bool
) -> None:
    address = f"{stage.server.base_url}/events?verdict=refused"
    page = new_page(address, java_script_enabled=with_scripts)
    page.locator("[popovertarget=account]").click()
    page.get_by_role("button", name="Español").click()
    expect(page.locator("h1")).to_have_text("Eventos")
    assert page.url == address
    page.goto(f"{stage.server.base_url}/search")
    expect(page.locator("h1")).to_have_text("Buscar")
    page.locator("[popovertarget=account]").click()
    expect(page.get_by_role("button", name="Español")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Search")


def test_the_way_in_is_in_spanish_too(own_stage: Callable[..., SimulatedServer], new_page: NewPage) -> None:
    address = own_stage(DASHBOARD_PASSWORD=PASSWORD).server.base_url
    english, spanish = new_page(f"{address}/setup"), new_page(f"{address}/setup", **SPANISH)
    for page in (english, spanish):
        page.locator("#password").fill("something else")
        page.locator("#password").press("Enter")
        expect(page.locator("#password-error")).to_be_visible()
    assert not [text for text in texts(spanish) & texts(english) if not SAME_IN_BOTH.fullmatch(text)]
    english.get_by_role("button", name="Español").click()
    expect(english.locator("#password")).to_be_visible()
    expect(english.get_by_role("button", name="Entrar")).to_be_visible()
    english.locator("#password").fill(PASSWORD)
    english.locator("#password").press("Enter")
    expect(english.locator("h1")).to_have_text("Configuración")


def test_live_changes_are_in_spanish(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    page = wait_for_status(new_page(stage.call_page_url(call), **SPANISH), "En vivo")
    expect(find_switch(page, "transcription")).to_contain_text("Iniciar")
    find_switch(page, "transcription").click()
    expect(find_switch(page, "transcription")).to_contain_text("Detener")
    stage.send_transcription(call, "1 2 3")
    expect(find_lines(page)).to_have_count(1)
    expect(page.locator(".transcript__log .segment__speaker")).to_have_text("Llamante")
    expect(page.locator(".note p").filter(has_text="Se inició la transcripción")).to_be_visible()
    assert page.evaluate("Object.keys(globalThis.texts.messages).length") > 50
    call.hang_up()
    expect(page.locator("[data-part=state]").filter(has_text="Terminada")).to_be_visible()


def test_english_is_said_without_a_catalogue(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.server.base_url))
    assert page.evaluate("globalThis.texts") is None
