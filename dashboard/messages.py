"""Sentences for people, marked for the catalogue where they are written, and said in the reader's language elsewhere.

Knows no language and no Flask: `web/` looks the words up when it answers somebody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any


class Message(str):
    """A sentence in English that still knows what it was made of, so that it can be said in another language.

    `id` is the text of the catalogue, with `%(name)s` where a value goes; `values` are those values, among them other
    texts. Where the words depend on a number, `plural` is the other id and `number` the one to choose by.
    """

    __slots__ = ("id", "plural", "number", "values")
    id: str
    plural: str | None
    number: int
    values: Mapping[str, Any]


def _(message_id: str, /, **values: Any) -> Message:
    """A sentence for people. Write `id` as a literal: the catalogue is made by reading the source."""
    return _build_message(message_id, None, 1, values)


def ngettext(singular: str, plural: str, num: float, /, **values: Any) -> Message:
    """The one of two sentences that fits a number, which stands in them as `%(num)s`. Write both as literals."""
    # Catalogues choose by whole numbers, and what is not whole is never one.
    count = int(num) if float(num).is_integer() else max(2, math.ceil(num))
    return _build_message(singular, plural, count, {"num": int(num) if float(num).is_integer() else num, **values})


def join(parts: Iterable[str | None], separator: str = ", ") -> Message:
    """Texts in a row, each still sayable; those that are empty are left out."""
    values = {f"part{number}": part for number, part in enumerate(filter(None, parts), start=1)}
    return _build_message(separator.join(f"%({name})s" for name in values), None, 1, values)


def dump(text: str | None) -> str | None:
    """A text as databases keep it, from which `restored` makes the same one. What is no `Text` is kept as it is."""
    if text is None or (not isinstance(text, Message) and not text.startswith("{")):
        return text
    return json.dumps(_message_to_dict(text if isinstance(text, Message) else join([text])), ensure_ascii=False)


def load(text: str | None) -> str | None:
    """What was `stored`. Plain where it is no sentence of ours, and for what older releases have kept."""
    if text is None or not text.startswith("{"):
        return text
    try:
        return _message_from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return text


def _build_message(message_id: str, plural: str | None, number: int, values: Mapping[str, Any]) -> Message:
    chosen = message_id if plural is None or number == 1 else plural
    text = Message(chosen % values if values else chosen)
    text.id, text.plural, text.number, text.values = message_id, plural, number, values
    return text


def _message_to_dict(message: Message) -> dict[str, Any]:
    values = {
        name: _message_to_dict(value) if isinstance(value, Message) else value for name, value in message.values.items()
    }
    parts: dict[str, Any] = {"id": message.id, "values": values}
    return parts if message.plural is None else {**parts, "plural": message.plural, "number": message.number}


def _message_from_dict(parts: Mapping[str, Any]) -> Message:
    values = {
        name: _message_from_dict(value) if isinstance(value, dict) else value for name, value in parts["values"].items()
    }
    return _build_message(parts["id"], parts.get("plural"), parts.get("number", 1), values)
