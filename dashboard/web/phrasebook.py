"""What a script says, in another language: put in front of it, so that it is there before the first module runs.

Knows how scripts mark what they say (`static/js/shared/i18n.js`), and takes only what this one says.
"""

from __future__ import annotations

import json
import re

from dashboard.web.i18n import locale_of, translations_for

_STRING_LITERAL = r'("(?:[^"\\\n]|\\.)*")'
_SINGULAR_CALL = re.compile(rf"\bt\(\s*{_STRING_LITERAL}")
_PLURAL_CALL = re.compile(rf"\btn\(\s*{_STRING_LITERAL},\s*{_STRING_LITERAL}")

_PLURAL_CATEGORIES = ("zero", "one", "two", "few", "many", "other")
# Enough to meet every plural form that people count with (Unicode CLDR, "Language Plural Rules").
_SAMPLE_COUNTS = range(200)


def script_with_translations(script: str, tag: str) -> str:
    """The script with `globalThis.texts` set before it: `{messages: {id: text, or its plural forms}}`."""
    words = translations_for(tag)
    single, counted = messages_of_script(script)
    messages: dict[str, object] = {text: words.gettext(text) for text in single}
    messages |= {one: _plural_forms(one, many, tag) for one, many in counted}
    shown = json.dumps({"messages": messages}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"globalThis.texts = {shown};\n{script}"


def messages_of_script(script: str) -> tuple[set[str], set[tuple[str, str]]]:
    """What `t` says, and the pairs that `tn` chooses from."""
    single = {json.loads(found[1]) for found in _SINGULAR_CALL.finditer(script)}
    counted = {(json.loads(found[1]), json.loads(found[2])) for found in _PLURAL_CALL.finditer(script)}
    return single, counted


def _plural_forms(singular: str, plural: str, tag: str) -> list[str]:
    """In the order of the categories that browsers choose by; a catalogue numbers its forms in an order of its own."""
    words, category_of = translations_for(tag), locale_of(tag).plural_form
    forms = {category_of(count): words.ngettext(singular, plural, count) for count in _SAMPLE_COUNTS}
    return [forms[category] for category in _PLURAL_CATEGORIES if category in forms]
