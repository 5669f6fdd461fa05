"""Every catalogue holds exactly the texts of the source."""

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

UNTRANSLATED = {"ms", "UTC", "wss://media.example.com/call"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All texts of the source, extracted as by `make texts`."""
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
def test_a_catalogue_has_exactly_the_texts_of_the_source(source: Catalog, tag: str) -> None:
    translations = catalogue(tag)
    missing, left_over = keys(source) - keys(translations), keys(translations) - keys(source)
    assert not missing, f"not in the catalogue, {REMEDY} {catalogue_path(tag).relative_to(ROOT)}: {missing}"
    obsolete = list(translations.obsolete)
    assert not left_over and not obsolete, f"no longer used, run `make texts`: {left_over} {obsolete}"


@translated
def test_every_text_is_translated_in_all_forms(tag: str) -> None:
    translations = catalogue(tag)
    for message in messages(translations):
        forms = message.string if message.pluralizable else (message.string,)
        assert all(forms), f"no translation of {message.id!r}: {REMEDY} {catalogue_path(tag).relative_to(ROOT)}"
        assert not message.pluralizable or len(forms) == translations.num_plurals, message.id
        assert not message.fuzzy, f"the translation of {message.id!r} is marked as fuzzy"


@translated
def test_a_translation_has_the_values_of_the_text(tag: str) -> None:
    """A plural may leave out its number. No form may use another value."""
    for message in messages(catalogue(tag)):
        ids = message.id if message.pluralizable else (message.id,)
        forms = message.string if message.pluralizable else (message.string,)
        expected = sorted(PLACEHOLDER.findall(ids[-1]))
        for form in forms:
            names = sorted(PLACEHOLDER.findall(form))
            assert names == expected or (message.pluralizable and set(names) <= set(expected)), message.id
            assert "%" not in PLACEHOLDER.sub("", form) or "%" in PLACEHOLDER.sub("", ids[-1]), message.id


def test_a_page_gets_the_texts_of_its_scripts(source: Catalog) -> None:
    """Babel and `messages_of_script` find the same texts in a script."""
    folder = ROOT / "static"
    modules = {path.relative_to(folder).as_posix(): path.read_text() for path in (folder / "js").rglob("*.js")}
    singular, plural = messages_of_script("\n".join(bundle_modules(modules).values()))
    of_scripts = {message.id for message in messages(source) if _is_of_scripts(message)}
    assert of_scripts <= singular | plural
    missing = (singular | plural) - {text for text, _ in keys(source)}
    assert not missing, f"Babel does not read every template string, so move these out of theirs: {missing}"


def _is_of_scripts(message: Message) -> bool:
    return any(path.startswith("static/") for path, _ in message.locations)


def test_every_text_of_a_page_is_marked() -> None:
    """Except on /patterns, a page for developers."""
    unmarked = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.parent.name == "patterns":
            continue
        markup = _EXPRESSION.sub("\n", _REMARK.sub("", path.read_text(encoding="utf-8")))
        texts = [*_ATTRIBUTE.findall(markup), *_TAG.sub("\n", markup).split("\n")]
        unmarked += [f"{path.name}: {text.strip()}" for text in texts if _is_unmarked(text.strip())]
    assert unmarked == []


def _is_unmarked(text: str) -> bool:
    return bool(_WORD.search(text)) and text not in UNTRANSLATED


@translated
def test_a_catalogue_has_the_plurals_of_its_language(tag: str) -> None:
    """One form for each way to count whole numbers. Fractions need none."""
    assert tag != SOURCE_LANGUAGE
    forms = {locale_of(tag).plural_form(count) for count in range(1000)}
    assert catalogue(tag).num_plurals >= len(forms)
