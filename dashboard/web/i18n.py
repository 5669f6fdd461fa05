"""Which language somebody reads, and how everything is said in it. English is what the source is written in.

The catalogues are read as translators leave them (`.po`), for the first page that somebody reads in their language:
there is nothing to compile, and a start reads none of them. Knows no sentence itself.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import flask_babel
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, has_request_context, request
from flask.json.provider import DefaultJSONProvider

from dashboard.messages import Message

FOLDER = Path(__file__).parent.parent / "translations"
SOURCE = "en"
COOKIE = "language"


class _Words(flask_babel.Domain):  # type: ignore[misc]
    """Where Flask-Babel finds the words of this request."""

    def get_translations(self) -> NullTranslations:
        return words_of(language())


def language() -> str:
    """The BCP 47 tag of the language to answer in: the one chosen, else the best of those the browser asks for."""
    if not has_request_context():
        return SOURCE
    if "language" not in g:
        chosen = request.cookies.get(COOKIE)
        asked_for = request.accept_languages
        g.language = chosen if chosen in languages() else asked_for.best_match(languages(), default=SOURCE)
    found: str = g.language
    return found


def in_language(text: str) -> str:
    """A marked sentence, or a text that is itself in the catalogue, as this reader reads it."""
    if not text or language() == SOURCE:
        return str(text)
    words = words_of(language())
    if not isinstance(text, Message):
        return words.gettext(text)
    values = {name: _value_in_language(value) for name, value in text.values.items()}
    chosen = words.gettext(text.id) if text.plural is None else words.ngettext(text.id, text.plural, text.number)
    return chosen % values if values else chosen


def _value_in_language(value: Any) -> Any:
    if isinstance(value, float):
        return decimal(value, len(str(value).partition(".")[2]))
    return in_language(value) if isinstance(value, Message) else value


def decimal(value: float, decimals: int = 0) -> str:
    """A number with exactly so many decimals: `1,204.5`, in Spanish `1.204,5`."""
    # As browsers round: 0.35 is 0.4, although the float is a little less.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if language() == SOURCE:
        return f"{rounded:,.{decimals}f}"
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(rounded, pattern, locale_of(language())))


def all_in_language(body: Any) -> Any:
    """The same with every marked sentence in it."""
    return body if language() == SOURCE else _said(body)


def _said(body: Any) -> Any:
    match body:
        case Message():
            return in_language(body)
        case dict():
            return {name: _said(value) for name, value in body.items()}
        case list() | tuple():
            return [_said(value) for value in body]
        case _:
            return body


class _JSON(DefaultJSONProvider):
    """Whatever answers a reader as JSON, says marked sentences in the reader's language. Keys keep their order."""

    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> Any:
        return super().response(*all_in_language(args), **all_in_language(kwargs))

    def dumps_for_reader(self, obj: Any, **kwargs: Any) -> str:
        """For pages. Not `dumps` itself: sessions are written with that, also where nobody reads anything."""
        return self.dumps(all_in_language(obj), **kwargs)


def _shown(value: Any) -> Any:
    """The same for whatever a template shows."""
    return in_language(value) if type(value) is Message else value


@cache
def languages() -> tuple[str, ...]:
    """Tags of English and of every language with a catalogue."""
    found = (path.parent.parent.name.replace("_", "-") for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))
    return (SOURCE, *sorted(found))


@cache
def words_of(tag: str) -> NullTranslations:
    """The catalogue of a language, ready to be asked."""
    if tag == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with catalogue_path(tag).open("rb") as written:
        write_mo(compiled, read_po(written, locale=tag.replace("-", "_")))
    compiled.seek(0)
    return Translations(fp=compiled)


def catalogue_path(tag: str) -> Path:
    return FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"


@cache
def locale_of(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@cache
def own_name(tag: str) -> str:
    """What those who speak it call it: `Español`."""
    name = locale_of(tag).get_display_name() or tag
    return name[0].upper() + name[1:]


def init_app(app: Flask) -> None:
    app.json = json = _JSON(app)
    babel = flask_babel.Babel(app, locale_selector=lambda: language().replace("-", "_"))
    babel.domain_instance = _Words()
    app.jinja_env.globals.update(language=language, languages=languages, own_name=own_name)
    app.jinja_env.globals["direction"] = lambda: locale_of(language()).text_direction
    app.jinja_env.policies["json.dumps_function"] = json.dumps_for_reader
    app.jinja_env.finalize = _shown
    app.after_request(_name_what_was_chosen)


def _name_what_was_chosen(response: Response) -> Response:
    """Tell caches and readers which language an answer is in, where it is in one at all."""
    if "language" in g:
        response.vary.update(("Accept-Language", "Cookie"))
        if response.mimetype == "text/html":
            response.content_language.add(g.language)
    return response
