"""What people call the two who speak on a call. Given by people, so no event ever changes it.

Knows no plain words for those without a name: pages say them in the reader's language.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from dashboard.calls.transcript import Speaker
from dashboard.messages import _

MAX_NAME_LENGTH = 60

# Control characters, halves of characters, and what ends a line or a paragraph (Unicode, "General Category").
_INVISIBLE_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}

# Would turn the direction of the text around the name, and one without its end that of a whole file.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerNames:
    """The names of caller and callee; None without a name."""

    caller: str | None = None
    callee: str | None = None

    def get_name(self, speaker: Speaker) -> str | None:
        match speaker:
            case Speaker.CALLER:
                return self.caller
            case Speaker.CALLEE:
                return self.callee
            case Speaker.UNKNOWN:
                return None


def parse_name(text: str) -> str | None:
    """Trim a name; None if nothing of it is visible. ValueError says why it cannot be one."""
    name = text.strip(" ")
    if any(letter in _DIRECTION_CONTROLS or unicodedata.category(letter) in _INVISIBLE_CATEGORIES for letter in name):
        raise ValueError(_("must not have control characters"))
    name = " ".join(name.split())
    if len(name) > MAX_NAME_LENGTH:
        raise ValueError(_("must have at most %(limit)s characters", limit=MAX_NAME_LENGTH))
    return name if any(unicodedata.category(letter)[0] not in "CZ" for letter in name) else None
