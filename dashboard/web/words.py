"""What the codes of calls and webhooks are called on a page, in the reader's language. static/js/models says the same.

A code that is not known here is shown as it is: the provider may have more of them tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboard.messages import _
from dashboard.web.i18n import translate

_WORDS: Mapping[str, Mapping[str, str]] = {
    "speaker_word": {"caller": _("Caller"), "callee": _("Callee"), "unknown": _("Speaker")},
    "direction_word": {"inbound": _("Inbound"), "outbound": _("Outbound")},
    "call_word": {"ringing": _("Ringing"), "answered": _("Answered"), "ended": _("Ended")},
    # As on the wire (Telnyx API reference, "call.hangup").
    "cause_word": {
        "call_rejected": _("Call rejected"),
        "end_missed": _("End missed"),
        "no_answer": _("No answer"),
        "normal_clearing": _("Normal clearing"),
        "not_found": _("Not found"),
        "originator_cancel": _("Originator cancel"),
        "time_limit": _("Time limit"),
        "timeout": _("Timeout"),
        "unspecified": _("Unspecified"),
        "user_busy": _("User busy"),
    },
    "switch_title": {"transcription": _("Transcription"), "streaming": _("Streaming"), "fork": _("Fork")},
    "switch_state": {
        "off": _("off"),
        "starting": _("starting"),
        "on": _("on"),
        "stopping": _("stopping"),
        "failed": _("failed"),
    },
    "verdict_word": {
        "accepted": _("Accepted"),
        "interim": _("Interim"),
        "duplicate": _("Duplicate"),
        "replayed": _("Replayed"),
        "refused": _("Refused"),
        "unreadable": _("Unreadable"),
        "not_stored": _("Not stored"),
    },
    "reason_word": {
        "future": _("future"),
        "malformed_id": _("malformed id"),
        "malformed_signature": _("malformed signature"),
        "malformed_timestamp": _("malformed timestamp"),
        "missing_id": _("missing id"),
        "missing_signature": _("missing signature"),
        "missing_timestamp": _("missing timestamp"),
        "repeated": _("repeated"),
        "repeated_header": _("repeated header"),
        "stale": _("stale"),
        "store_busy": _("store busy"),
        "too_large": _("too large"),
        "unreadable": _("unreadable"),
        "unsupported_version": _("unsupported version"),
        "wrong_signature": _("wrong signature"),
    },
}


def _filter(words: Mapping[str, str], *, is_capital: bool) -> Callable[[str | None], str]:
    def word(code: str | None) -> str:
        if not code:
            return ""
        if code in words:
            return translate(words[code])
        plain = code.replace("_", " ")
        return plain.capitalize() if is_capital else plain

    return word


FILTERS = {name: _filter(words, is_capital=next(iter(words.values()))[0].isupper()) for name, words in _WORDS.items()}
"""By the name that templates call them by."""
