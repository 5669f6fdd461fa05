"""The language of a request, and translations. The source is English.

Catalogues are read from `.po` files when a language is first used, so that nothing has to be compiled and the start
reads none.
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

TRANSLATIONS_FOLDER = Path(__file__).parent.parent / "translations"
SOURCE_LANGUAGE = "en"
LANGUAGE_COOKIE = "language"


class _TranslationDomain(flask_babel.Domain):  # type: ignore[misc]
    """Where Flask-Babel finds the words of this request."""

    def get_translations(self) -> NullTranslations:
        return translations_for(current_language())


def current_language() -> str:
    """The BCP 47 tag of the request's language: the chosen one, else the best of Accept-Language."""
    if not has_request_context():
        return SOURCE_LANGUAGE
    if "language" not in g:
        chosen = request.cookies.get(LANGUAGE_COOKIE)
        asked_for = request.accept_languages
        g.language = (
            chosen
            if chosen in available_languages()
            else asked_for.best_match(available_languages(), default=SOURCE_LANGUAGE)
        )
    found: str = g.language
    return found


def translate(text: str) -> str:
    """A message, or a text of the catalogue, in the request's language."""
    if not text or current_language() == SOURCE_LANGUAGE:
        return str(text)
    words = translations_for(current_language())
    if not isinstance(text, Message):
        return words.gettext(text)
    values = {name: _format_value(value) for name, value in text.values.items()}
    chosen = words.gettext(text.id) if text.plural is None else words.ngettext(text.id, text.plural, text.number)
    return chosen % values if values else chosen


def _format_value(value: Any) -> Any:
    if isinstance(value, float):
        return format_decimal_number(value, len(str(value).partition(".")[2]))
    return translate(value) if isinstance(value, Message) else value


def format_decimal_number(value: float, decimals: int = 0) -> str:
    """A number with so many decimals: `1,204.5`, in Spanish `1.204,5`."""
    # As browsers round: 0.35 is 0.4, although the float is a little less.
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if current_language() == SOURCE_LANGUAGE:
        return f"{rounded:,.{decimals}f}"
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(rounded, pattern, locale_of(current_language())))


def translate_json(body: Any) -> Any:
    """The same with every marked sentence in it."""
    return body if current_language() == SOURCE_LANGUAGE else _translate_value(body)


def _translate_value(body: Any) -> Any:
    match body:
        case Message():
            return translate(body)
        case dict():
            return {name: _translate_value(value) for name, value in body.items()}
        case list() | tuple():
            return [_translate_value(value) for value in body]
        case _:
            return body


class _TranslatingJsonProvider(DefaultJSONProvider):
    """Translates the messages in JSON responses. Keys keep their order."""

    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> Any:
        return super().response(*translate_json(args), **translate_json(kwargs))

    def dumps_translated(self, obj: Any, **kwargs: Any) -> str:
        """JSON for pages. `dumps` itself must not translate, because sessions are written with it."""
        return self.dumps(translate_json(obj), **kwargs)


def _finalize(value: Any) -> Any:
    """The same for whatever a template shows."""
    return translate(value) if type(value) is Message else value


@cache
def available_languages() -> tuple[str, ...]:
    """Tags of English and of every language with a catalogue."""
    found = (
        path.parent.parent.name.replace("_", "-") for path in TRANSLATIONS_FOLDER.glob("*/LC_MESSAGES/messages.po")
    )
    return (SOURCE_LANGUAGE, *sorted(found))


@cache
def translations_for(tag: str) -> NullTranslations:
    """The catalogue of a language, ready to be asked."""
    if tag == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with catalogue_path(tag).open("rb") as written:
        write_mo(compiled, read_po(written, locale=tag.replace("-", "_")))
    compiled.seek(0)
    return Translations(fp=compiled)


def catalogue_path(tag: str) -> Path:
    return TRANSLATIONS_FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"


@cache
def locale_of(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@cache
def native_name(tag: str) -> str:
    """What those who speak it call it: `Español`."""
    name = locale_of(tag).get_display_name() or tag
    return name[0].upper() + name[1:]


def init_app(app: Flask) -> None:
    app.json = json = _TranslatingJsonProvider(app)
    babel = flask_babel.Babel(app, locale_selector=lambda: current_language().replace("-", "_"))
    babel.domain_instance = _TranslationDomain()
    app.jinja_env.globals.update(language=current_language, languages=available_languages, own_name=native_name)
    app.jinja_env.globals["direction"] = lambda: locale_of(current_language()).text_direction
    app.jinja_env.policies["json.dumps_function"] = json.dumps_translated
    app.jinja_env.finalize = _finalize
    app.after_request(_add_language_headers)


def _add_language_headers(response: Response) -> Response:
    """Set Vary and Content-Language on a translated response."""
    if "language" in g:
        response.vary.update(("Accept-Language", "Cookie"))
        if response.mimetype == "text/html":
            response.content_language.add(g.language)
    return response
