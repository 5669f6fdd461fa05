"""Labels of codes, in one table for templates and scripts.

Templates use one filter for each table, named like it. `base.html` prints all tables for `static/js/shared/labels.js`.
A code without a label is shown in readable form, because the provider may add codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from flask import Flask

from dashboard.messages import _
from dashboard.web.i18n import translate

LABELS: Mapping[str, Mapping[str, str]] = {
    "speaker": {"caller": _("Caller"), "callee": _("Callee"), "unknown": _("Speaker")},
    "direction": {"inbound": _("Inbound"), "outbound": _("Outbound")},
    "call_state": {"ringing": _("Ringing"), "answered": _("Answered"), "ended": _("Ended")},
    # As on the wire (Telnyx API reference, "call.hangup").
    "hangup_cause": {
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
    # Within a sentence.
    "switch_name": {"transcription": _("transcription"), "streaming": _("streaming"), "fork": _("fork")},
    "switch_state": {
        "off": _("off"),
        "starting": _("starting"),
        "on": _("on"),
        "stopping": _("stopping"),
        "failed": _("failed"),
    },
    "switch_state_title": {
        "off": _("Off"),
        "starting": _("Starting"),
        "on": _("On"),
        "stopping": _("Stopping"),
        "failed": _("Failed"),
    },
    "switch_action": {
        "off": _("Start"),
        "starting": _("Asking…"),
        "on": _("Stop"),
        "stopping": _("Ending…"),
        "failed": _("Retry"),
    },
    # No webhook confirms transcription: then the result is `accepted`.
    "switch_result": {
        "starting": _("Sent, waiting for Telnyx"),
        "accepted": _("Accepted by Telnyx"),
        "on": _("Confirmed by Telnyx"),
        "stopping": _("Sent, waiting for Telnyx"),
    },
    "switch_failure": {
        "transcription": _("Transcription failed"),
        "streaming": _("Streaming failed"),
        "fork": _("Fork failed"),
        "stop": _("Could not stop"),
    },
    # Why the switches of a call are disabled.
    "switch_lock": {
        "ended": _("Call has ended"),
        "unanswered": _("Not answered yet"),
        "viewer": _("Viewers only read"),
    },
    "switch_requester": {
        "operator": _("by an operator"),
        "viewer": _("by a viewer"),
        "script": _("by a script"),
        "rule": _("by a rule"),
    },
    "command": {
        "answer": _("Answer"),
        "dial": _("Dial"),
        "fork_start": _("Fork start"),
        "fork_stop": _("Fork stop"),
        "hangup": _("Hangup"),
        "reject": _("Reject"),
        "streaming_start": _("Streaming start"),
        "streaming_stop": _("Streaming stop"),
        "transcription_start": _("Transcription start"),
        "transcription_stop": _("Transcription stop"),
    },
    "command_status": {
        "accepted": _("Accepted"),
        "failed": _("Failed"),
        "sent": _("Sent"),
    },
    "requester": {
        "operator": _("by operator"),
        "rule": _("by rule"),
        "script": _("by script"),
        "viewer": _("by viewer"),
    },
    "parameter_value": {
        "Australia": _("Australia"),
        "Canada": _("Canada"),
        "Europe": _("Europe"),
        "Middle East": _("Middle East"),
        "barge": _("Barge"),
        "both": _("Both"),
        "both_tracks": _("Both tracks"),
        "command_and_search": _("Command and search"),
        "decrypted": _("Decrypted"),
        "default": _("Default"),
        "detect": _("Detect"),
        "detect_beep": _("Detect beep"),
        "detect_words": _("Detect words"),
        "disabled": _("Disabled"),
        "dual": _("Dual"),
        "greeting_end": _("Greeting end"),
        "inbound": _("Inbound"),
        "inbound_track": _("Inbound track"),
        "latest_long": _("Latest long"),
        "latest_short": _("Latest short"),
        "medical_conversation": _("Medical conversation"),
        "medical_dictation": _("Medical dictation"),
        "monitor": _("Monitor"),
        "none": _("None"),
        "opposite": _("Opposite"),
        "outbound": _("Outbound"),
        "outbound_track": _("Outbound track"),
        "phone_call": _("Phone call"),
        "premium": _("Premium"),
        "premium_ios_call_screening_detection": _("Premium, with detection of iOS call screening"),
        "raw": _("Raw"),
        "record-from-answer": _("Record from answer"),
        "self": _("Self"),
        "single": _("Single"),
        "trim-silence": _("Trim silence"),
        "video": _("Video"),
        "whisper": _("Whisper"),
    },
    "verdict": {
        "accepted": _("Accepted"),
        "interim": _("Interim"),
        "duplicate": _("Duplicate"),
        "replayed": _("Replayed"),
        "refused": _("Refused"),
        "unreadable": _("Unreadable"),
        "not_stored": _("Not stored"),
    },
    "webhook_reason": {
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
    # Why a webhook is listed without its body, by verdict.
    "missing_body": {
        "accepted": _("No longer kept."),
        "interim": _("Interims are shown and not kept."),
        "duplicate": _("It is that of the webhook that came first."),
        "replayed": _("No longer kept."),
        "refused": _("The body of an unverified webhook is not stored, only its size and SHA-256."),
        "unreadable": _("The body of an unverified webhook is not stored, only its size and SHA-256."),
        "not_stored": _("It could not be stored; Telnyx sends it again."),
    },
}

_SNAKE_CASE = re.compile(r"[a-z]+(_[a-z]+)*")


def translate_code(table: str, code: str | None) -> str:
    """The label of a code in the reader's language, or the code in readable form."""
    if not code:
        return ""
    labels = LABELS[table]
    if code in labels:
        return translate(labels[code])
    if not _SNAKE_CASE.fullmatch(code):
        return code
    readable = code.replace("_", " ")
    # A table is written either with capitals or within a sentence.
    return readable.capitalize() if next(iter(labels.values()))[0].isupper() else readable


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update({table: _build_filter(table) for table in LABELS})
    app.jinja_env.globals["all_labels"] = LABELS


def _build_filter(table: str) -> Callable[[str | None], str]:
    return lambda code: translate_code(table, code)
