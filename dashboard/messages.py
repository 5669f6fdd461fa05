"""Translatable messages for people.

The source marks a message; `web/` translates it when it answers a request. This module knows no language.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any


class Message(str):
    """An English message with its parts, for later translation.

    `id` is the text in the catalogue, with `%(name)s` for a value. `values` holds those values, also other messages.
    With a plural form, `plural` is its text and `number` chooses between the two.
    """

    __slots__ = ("id", "plural", "number", "values")
    id: str
    plural: str | None
    number: int
    values: Mapping[str, Any]


def _(message_id: str, /, **values: Any) -> Message:
    """A message for people. Write `message_id` as a literal, because Babel extracts it from the source."""
    return _build_message(message_id, None, 1, values)


def ngettext(singular: str, plural: str, num: float, /, **values: Any) -> Message:
    """A message whose form depends on a number. The number is `%(num)s`. Write both forms as literals."""
    # Catalogues choose by whole numbers, and a fraction never takes the singular.
    count = int(num) if float(num).is_integer() else max(2, math.ceil(num))
    return _build_message(singular, plural, count, {"num": int(num) if float(num).is_integer() else num, **values})


def join(parts: Iterable[str | None], separator: str = ", ") -> Message:
    """One message of several, each still translatable. Empty ones are left out."""
    values = {f"part{number}": part for number, part in enumerate(filter(None, parts), start=1)}
    return _build_message(separator.join(f"%({name})s" for name in values), None, 1, values)


def dump(text: str | None) -> str | None:
    """A text for the database, which `load` reads again. A plain text stays as it is."""
    if text is None or (not isinstance(text, Message) and not text.startswith("{")):
        return text
    return json.dumps(_message_to_dict(text if isinstance(text, Message) else join([text])), ensure_ascii=False)


def load(text: str | None) -> str | None:
    """A text from the database: a Message where `dump` wrote one, else plain."""
    if text is None or not text.startswith("{"):
        return text
    try:
        return _message_from_dict(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return text


def _build_message(message_id: str, plural: str | None, number: int, values: Mapping[str, Any]) -> Message:
    form = message_id if plural is None or number == 1 else plural
    message = Message(form % values if values else form)
    message.id, message.plural, message.number, message.values = message_id, plural, number, values
    return message


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
