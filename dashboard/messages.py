"""Sentences for people, marked for the catalogue where they are written, and said in the reader's language elsewhere.

Knows no language and no Flask: `web/` looks the words up when it answers somebody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any


class Text(str):
    """A sentence in English that still knows what it was made of, so that it can be said in another language.

    `id` is the text of the catalogue, with `%(name)s` where a value goes; `values` are those values, among them other
    texts. Where the words depend on a number, `plural` is the other id and `number` the one to choose by.
    """

    __slots__ = ("id", "plural", "number", "values")
    id: str
    plural: str | None
    number: int
    values: Mapping[str, Any]


def said(id: str, /, **values: Any) -> Text:
    """A sentence for people. Write `id` as a literal: the catalogue is made by reading the source."""
    return _text(id, None, 1, values)


def counted(one: str, many: str, num: float, /, **values: Any) -> Text:
    """The one of two sentences that fits a number, which stands in them as `%(num)s`. Write both as literals."""
    # Catalogues choose by whole numbers, and what is not whole is never one.
    count = int(num) if float(num).is_integer() else max(2, math.ceil(num))
    return _text(one, many, count, {"num": int(num) if float(num).is_integer() else num, **values})


def joined(parts: Iterable[str | None], by: str = ", ") -> Text:
    """Texts in a row, each still sayable; those that are empty are left out."""
    values = {f"part{number}": part for number, part in enumerate(filter(None, parts), start=1)}
    return _text(by.join(f"%({name})s" for name in values), None, 1, values)


def stored(text: str | None) -> str | None:
    """A text as databases keep it, from which `restored` makes the same one. What is no `Text` is kept as it is."""
    if text is None or (not isinstance(text, Text) and not text.startswith("{")):
        return text
    return json.dumps(_parts(text if isinstance(text, Text) else joined([text])), ensure_ascii=False)


def restored(kept: str | None) -> str | None:
    """What was `stored`. Plain where it is no sentence of ours, and for what older releases have kept."""
    if kept is None or not kept.startswith("{"):
        return kept
    try:
        return _from_parts(json.loads(kept))
    except (ValueError, TypeError, KeyError):
        return kept


def _text(id: str, plural: str | None, number: int, values: Mapping[str, Any]) -> Text:
    chosen = id if plural is None or number == 1 else plural
    text = Text(chosen % values if values else chosen)
    text.id, text.plural, text.number, text.values = id, plural, number, values
    return text


def _parts(text: Text) -> dict[str, Any]:
    values = {name: _parts(value) if isinstance(value, Text) else value for name, value in text.values.items()}
    parts: dict[str, Any] = {"id": text.id, "values": values}
    return parts if text.plural is None else {**parts, "plural": text.plural, "number": text.number}


def _from_parts(parts: Mapping[str, Any]) -> Text:
    values = {name: _from_parts(value) if isinstance(value, dict) else value for name, value in parts["values"].items()}
    return _text(parts["id"], parts.get("plural"), parts.get("number", 1), values)
