"""High contrast and forced colours: every state has more than a colour."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.stage import SimulatedServer, wait_for_status
from tests.system.server import Server

SHAPES = """(root) => [...document.querySelectorAll(root)].map((element) => {
  const track = element.querySelector(".switch__track");
  const knob = track.firstElementChild.getBoundingClientRect().left - track.getBoundingClientRect().left;
  return [
    element.className,
    Math.round(knob / 4),
    getComputedStyle(track).borderStyle,
    element.querySelector("use").getAttribute("href"),
    element.querySelector("[data-part=press]").textContent,
  ];
})"""
CHIPS = """() => [...document.querySelectorAll(".chip")].map((element) => {
  const look = getComputedStyle(element);
  const edge = look.borderColor === getComputedStyle(document.body).backgroundColor ? "none" : look.borderStyle;
  const isFilled = look.backgroundColor !== "rgba(0, 0, 0, 0)";
  const after = getComputedStyle(element, "::after").content;
  return [element.className, edge, isFilled, look.textDecorationLine, after];
})"""
LOOK = """(element, [pseudo, names]) => {
  const look = getComputedStyle(element, pseudo);
  return names.map((name) => look[name]);
}"""
CANVAS = "() => getComputedStyle(document.documentElement).backgroundColor"


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page that shows every component in every state."""
    with Server(DATABASE_URL=f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.sqlite3'}") as server:
        yield f"{server.base_url}/patterns"


def look(page: Page, selector: str, *names: str, pseudo: str | None = None) -> list[str]:
    found: list[str] = page.locator(selector).first.evaluate(LOOK, [pseudo, list(names)])
    return found


@pytest.fixture
def forced(new_page: NewPage, specimens: str, request: pytest.FixtureRequest) -> Page:
    scheme = getattr(request, "param", "dark")
    return new_page(specimens, forced_colors="active", color_scheme=scheme, reduced_motion="reduce")


@pytest.mark.parametrize("forced", ["light", "dark"], indirect=True)
def test_five_states_of_a_switch_are_five_shapes(forced: Page) -> None:
    shapes = {name: tuple(shape) for name, *shape in forced.evaluate(SHAPES, ".switch")}
    states = {re.sub(r"^switch ?(needs-script)? ?", "", name): shape for name, shape in shapes.items()}
    assert len(states) == 5
    assert len(set(states.values())) == 5
    placed = {name.removeprefix("switch--"): shape[0] for name, shape in states.items()}
    assert placed[""] == placed["failed"] < placed["starting"] == placed["stopping"] < placed["on"]


@pytest.mark.parametrize("forced", ["light", "dark"], indirect=True)
def test_five_states_of_a_chip_are_five_shapes(forced: Page) -> None:
    shapes = {name: tuple(shape) for name, *shape in forced.evaluate(CHIPS)}
    assert len(shapes) == len(set(shapes.values())) == 5


def test_what_is_chosen_has_a_mark_of_its_own(forced: Page) -> None:
    canvas = forced.evaluate(CANVAS)
    assert look(forced, ".call--selected", "backgroundColor", pseudo="::before") != [canvas]
    assert look(forced, ".call--selected", "outlineStyle") == ["solid"]
    assert look(forced, ".call:not(.call--selected)", "outlineStyle") == ["none"]
    assert look(forced, ".choice__option:has(:checked)", "backgroundColor") != [canvas]
    [edge] = look(forced, ".ledger__row--selected .ledger__link", "borderInlineStartStyle", pseudo="::after")
    assert edge == "solid"


def test_interims_have_a_broken_rule_and_speakers_marks(forced: Page) -> None:
    assert look(forced, ".segment--interim .segment__text", "borderInlineStartStyle") == ["dashed"]
    assert look(forced, ".segment:not(.segment--interim) .segment__text", "borderInlineStartStyle") == ["solid"]
    marks = [
        look(forced, f".segment--{side} .segment__speaker", "borderRadius", "rotate", pseudo="::before")
        for side in ("caller", "callee")
    ]
    assert marks[0] != marks[1]


def test_connection_and_attention_marks_differ_in_shape(forced: Page) -> None:
    live, waiting, lost = (
        look(forced, f".live{variant} .live__dot", "borderRadius", "borderStyle")
        for variant in (":not(.live--waiting, .live--lost)", ".live--waiting", ".live--lost")
    )
    assert len({*map(tuple, (live, waiting, lost))}) == 3
    assert look(forced, ".dot--wait", "rotate") != look(forced, ".dot--fail", "rotate")
    canvas = forced.evaluate(CANVAS)
    for selector in (".live__dot", ".dot--wait", ".dot--fail", ".badge__dot", ".swatch--on"):
        pseudo = "::before" if selector == ".swatch--on" else None
        assert look(forced, selector, "backgroundColor", pseudo=pseudo) != [canvas], selector


def test_the_focus_is_seen_on_what_is_filled(forced: Page) -> None:
    forced.locator(".button--primary").first.focus()
    forced.keyboard.press("Shift+Tab")
    forced.keyboard.press("Tab")
    width, style, offset = look(forced, ".button--primary", "outlineWidth", "outlineStyle", "outlineOffset")
    assert (width, style, offset) == ("3px", "solid", "2px")


@pytest.mark.parametrize("emulated", [{"contrast": "more"}, {"forced_colors": "active"}], ids=str)
def test_the_current_page_and_call_have_a_line(
    stage: SimulatedServer, new_page: NewPage, emulated: dict[str, str]
) -> None:
    page = wait_for_status(new_page(stage.call_page_url(stage.place_answered_call()), **emulated))
    expect(page.locator(".call--selected")).to_be_visible()
    assert look(page, ".topbar__link[aria-current]", "height", pseudo="::after") == ["3px"]
    assert look(page, ".call--selected", "width", pseudo="::before") == ["3px"]


def test_more_contrast_means_stronger_lines_and_ink(stage: SimulatedServer, new_page: NewPage) -> None:
    page = wait_for_status(new_page(stage.call_page_url(stage.place_answered_call()), color_scheme="light"))
    names = ("--color-line", "--color-border", "--color-ink-faint", "--color-caller-rule")
    read = """(names) => names.map((name) => {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      const [lightness] = getComputedStyle(probe).color.match(/[\\d.]+/);
      probe.remove();
      return Number(lightness);
    })"""
    usual = page.evaluate(read, list(names))
    page.emulate_media(contrast="more")
    assert all(more < less for more, less in zip(page.evaluate(read, list(names)), usual, strict=True))


def test_nothing_moves_for_who_asked_for_that(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "one moment", final=False)
    page = wait_for_status(new_page(stage.call_page_url(call), reduced_motion="reduce"))
    expect(page.locator(".transcript__now .segment")).to_have_count(1)
    page.wait_for_function("() => document.getAnimations().every(({ playState }) => playState === 'finished')")


def test_the_page_mirrors_where_one_reads_from_the_right(stage: SimulatedServer, new_page: NewPage) -> None:
    call = stage.place_answered_call()
    stage.send_transcription(call, "مرحبا، هل تسمعني؟")
    page = wait_for_status(new_page(stage.call_page_url(call)))
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    left = {
        name: page.locator(f".{name}").first.bounding_box()["x"]  # type: ignore[index]
        for name in ("rail", "transcript", "panel", "topbar__brand", "topbar__end", "switch__track")
    }
    assert left["panel"] < left["transcript"] < left["rail"]
    assert left["topbar__end"] < left["topbar__brand"]
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    number = page.locator(".call--selected .call__link")
    first, last = number.evaluate(
        """(element) => {
      const place = (from) => {
        const range = document.createRange();
        range.setStart(element.firstChild, from);
        range.setEnd(element.firstChild, from + 1);
        return range.getBoundingClientRect().left;
      };
      return [place(0), place(element.firstChild.length - 1)];
    }"""
    )
    assert first < last, "a number starts with its plus"
