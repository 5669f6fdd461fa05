"""What the codes of calls and webhooks are called on a page, in the reader's language. static/js/models says the same.

A code that is not known here is shown as it is: the provider may have more of them tomorrow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dashboard.messages import said
from dashboard.web.i18n import in_language

_WORDS: Mapping[str, Mapping[str, str]] = {
    "speaker_word": {"caller": said("Caller"), "callee": said("Callee"), "unknown": said("Speaker")},
    "direction_word": {"inbound": said("Inbound"), "outbound": said("Outbound")},
    "call_word": {"ringing": said("Ringing"), "answered": said("Answered"), "ended": said("Ended")},
    # As on the wire (Telnyx API reference, "call.hangup").
    "cause_word": {
        "call_rejected": said("Call rejected"),
        "end_missed": said("End missed"),
        "no_answer": said("No answer"),
        "normal_clearing": said("Normal clearing"),
        "not_found": said("Not found"),
        "originator_cancel": said("Originator cancel"),
        "time_limit": said("Time limit"),
        "timeout": said("Timeout"),
        "unspecified": said("Unspecified"),
        "user_busy": said("User busy"),
    },
    "switch_title": {"transcription": said("Transcription"), "streaming": said("Streaming"), "fork": said("Fork")},
    "switch_state": {
        "off": said("off"),
        "starting": said("starting"),
        "on": said("on"),
        "stopping": said("stopping"),
        "failed": said("failed"),
    },
    "verdict_word": {
        "accepted": said("Accepted"),
        "interim": said("Interim"),
        "duplicate": said("Duplicate"),
        "replayed": said("Replayed"),
        "refused": said("Refused"),
        "unreadable": said("Unreadable"),
        "not_stored": said("Not stored"),
    },
    "reason_word": {
        "future": said("future"),
        "malformed_id": said("malformed id"),
        "malformed_signature": said("malformed signature"),
        "malformed_timestamp": said("malformed timestamp"),
        "missing_id": said("missing id"),
        "missing_signature": said("missing signature"),
        "missing_timestamp": said("missing timestamp"),
        "repeated": said("repeated"),
        "repeated_header": said("repeated header"),
        "stale": said("stale"),
        "store_busy": said("store busy"),
        "too_large": said("too large"),
        "unreadable": said("unreadable"),
        "unsupported_version": said("unsupported version"),
        "wrong_signature": said("wrong signature"),
    },
}


def _filter(words: Mapping[str, str], *, is_capital: bool) -> Callable[[str | None], str]:
    def word(code: str | None) -> str:
        if not code:
            return ""
        if code in words:
            return in_language(words[code])
        plain = code.replace("_", " ")
        return plain.capitalize() if is_capital else plain

    return word


FILTERS = {name: _filter(words, is_capital=next(iter(words.values()))[0].isupper()) for name, words in _WORDS.items()}
"""By the name that templates call them by."""
