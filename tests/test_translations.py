"""Every catalogue says everything, and nothing else: the source is read anew, so that a forgotten text is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from dashboard.web.assets.bundle import bundle_modules
from dashboard.web.i18n import SOURCE_LANGUAGE, available_languages, catalogue_path, locale_of
from dashboard.web.phrasebook import messages_of_script

ROOT = Path(__file__).parent.parent
REMEDY = "run `make texts`, then translate what is empty in"

PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")

_REMARK = re.compile(r"\{#.*?#\}|<svg.*?</svg>|\{% block app_class %\}.*?\{% endblock %\}", re.DOTALL)
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ATTRIBUTE = re.compile(r"\b(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"[^\W\d_]{2,}")

SAID_IN_EVERY_LANGUAGE = {"ms", "UTC", "wss://media.example.com/call"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All texts of the source, read as `make texts` does."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(["pybabel", "-q", "extract", "-F", "babel.cfg", "-o", str(path), "."])
    with path.open("rb") as file:
        return read_po(file)


def catalogue(tag: str) -> Catalog:
    with catalogue_path(tag).open("rb") as file:
        return read_po(file, locale=tag.replace("-", "_"))


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def keys(catalogue: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in messages(catalogue)}


translated = pytest.mark.parametrize("tag", available_languages()[1:])


@translated
def test_a_catalogue_has_the_texts_of_the_source_and_no_others(source: Catalog, tag: str) -> None:
    found = catalogue(tag)
    missing, left_over = keys(source) - keys(found), keys(found) - keys(source)
    assert not missing, f"not in the catalogue, {REMEDY} {catalogue_path(tag).relative_to(ROOT)}: {missing}"
    assert not left_over and not found.obsolete, f"no longer said, run `make texts`: {left_over} {list(found.obsolete)}"


@translated
def test_every_text_is_translated_in_all_its_forms(tag: str) -> None:
    found = catalogue(tag)
    for message in messages(found):
        forms = message.string if message.pluralizable else (message.string,)
        assert all(forms), f"no translation of {message.id!r}: {REMEDY} {catalogue_path(tag).relative_to(ROOT)}"
        assert not message.pluralizable or len(forms) == found.num_plurals, message.id
        assert not message.fuzzy, f"somebody has to look at {message.id!r}"


@translated
def test_a_translation_has_the_values_of_the_text(tag: str) -> None:
    """A plural may leave the number out of the form that says "one"; nothing may ask for a value that is not given."""
    for message in messages(catalogue(tag)):
        ids = message.id if message.pluralizable else (message.id,)
        forms = message.string if message.pluralizable else (message.string,)
        expected = sorted(PLACEHOLDER.findall(ids[-1]))
        for form in forms:
            found = sorted(PLACEHOLDER.findall(form))
            assert found == expected or (message.pluralizable and set(found) <= set(expected)), message.id
            assert "%" not in PLACEHOLDER.sub("", form) or "%" in PLACEHOLDER.sub("", ids[-1]), message.id


def test_a_page_is_given_what_its_scripts_say(source: Catalog) -> None:
    """Whoever makes the catalogue and whoever cuts it for a page must see the same texts in a script."""
    folder = ROOT / "static"
    modules = {path.relative_to(folder).as_posix(): path.read_text() for path in (folder / "js").rglob("*.js")}
    single, counted = messages_of_script("\n".join(bundle_modules(modules).values()))
    of_scripts = {message.id for message in messages(source) if _is_of_scripts(message)}
    assert of_scripts <= single | counted
    unseen = (single | counted) - {text for text, _ in keys(source)}
    assert not unseen, f"Babel does not look into every template string, so say it outside of one: {unseen}"


def _is_of_scripts(message: Message) -> bool:
    return any(path.startswith("static/") for path, _ in message.locations)


def test_every_text_of_a_page_is_marked() -> None:
    """But those of /patterns, which exists for those who build this and read the source anyway."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.parent.name == "patterns":
            continue
        markup = _EXPRESSION.sub("\n", _REMARK.sub("", path.read_text(encoding="utf-8")))
        said = [*_ATTRIBUTE.findall(markup), *_TAG.sub("\n", markup).split("\n")]
        found += [f"{path.name}: {text.strip()}" for text in said if _is_unmarked(text.strip())]
    assert found == []


def _is_unmarked(text: str) -> bool:
    return bool(_WORD.search(text)) and text not in SAID_IN_EVERY_LANGUAGE


@translated
def test_a_catalogue_counts_as_its_language_does(tag: str) -> None:
    """As many forms as there are ways to count whole numbers; those of fractions need no form of their own."""
    assert tag != SOURCE_LANGUAGE
    ways = {locale_of(tag).plural_form(count) for count in range(1000)}
    assert catalogue(tag).num_plurals >= len(ways)
