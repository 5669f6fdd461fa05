"""Made-up calls, lines and webhooks in every state, for the pattern page."""

from __future__ import annotations

from typing import Any

from dashboard.services.diagnostics.checks import Check, State
from dashboard.web.serializers import JSON

SAMPLE_TIME = "2026-03-12T14:02:03.118204Z"
SAMPLE_END_TIME = "2026-03-12T14:06:21.480000Z"
SWITCH_STATES = ("off", "starting", "on", "stopping", "failed")
SAMPLE_SWITCH_STATES = {"transcription": "on", "streaming": "failed", "fork": "off"}
CHECK_ACTIONS = {State.WARN: "Do this.", State.BAD: "Do that."}
FAILURE_REASON = "connection_failed: no server at that address"


def build_samples() -> dict[str, Any]:
    call = _sample_call("answered")
    switches = {f"{name}-{state}": _sample_switch(state) for name in call["switches"] for state in SWITCH_STATES}
    return {
        "calls": [_sample_call("ringing"), call, _sample_call("answered", direction="outbound"), _sample_call("ended")],
        "call": {**call, "switches": switches},
        "states": SWITCH_STATES,
        "lines": [
            _sample_line("caller", "Good morning. I would like to book a table for six."),
            _sample_line("callee", "For six, of course. On which day?"),
            _sample_line("callee", "We are closed on Mondays."),
            _sample_line("caller", "On Friday, then. The name is Okonkwo.", confidence=0.42),
            _sample_line("unknown", "مرحبا، هل تسمعني؟"),
        ],
        "interim": _sample_line("caller", "At about half past"),
        "events": [_sample_event(verdict) for verdict in REASON_BY_VERDICT],
        "checks": [
            Check(
                id=f"a-{state}", state=state, title="A check", finding="What was found", action=CHECK_ACTIONS.get(state)
            )
            for state in State
        ],
        "steps": [
            {"state": "ok", "text": "Signature verified", "elapsed_ms": 0.1},
            {"state": "bad", "text": "Not stored: the database is too slow", "elapsed_ms": 3000.0},
        ],
        "hit": {
            "call": call,
            "segment": _sample_line("caller", "For six, of course."),
            "before": _sample_line("callee", "How many are you?"),
            "after": _sample_line("callee", "On which day?"),
            "parts": [["For ", False], ["six", True], [", of course.", False]],
        },
    }


REASON_BY_VERDICT = {
    "accepted": None,
    "replayed": None,
    "interim": None,
    "duplicate": "repeated",
    "refused": "wrong_signature",
    "unreadable": "unreadable",
    "not_stored": "store_busy",
}


def _sample_switch(state: str) -> JSON:
    return {
        "state": state,
        "since": SAMPLE_TIME,
        "on_since": None,
        "reason": FAILURE_REASON if state == "failed" else None,
        "ran_s": 0,
    }


def _sample_call(state: str, direction: str = "inbound") -> JSON:
    has_begun = state != "ringing"
    return {
        "id": f"specimen-{state}-{direction}",
        "direction": direction,
        "from": "+15550100142",
        "to": "+15550100177",
        "state": state,
        "started_at": SAMPLE_TIME,
        "answered_at": SAMPLE_TIME if has_begun else None,
        "ended_at": SAMPLE_END_TIME if state == "ended" else None,
        "hangup_cause": "normal_clearing" if state == "ended" else None,
        "speakers": {"caller": None, "callee": None},
        "seq": 17,
        "switches": {name: _sample_switch(state) for name, state in SAMPLE_SWITCH_STATES.items()},
        "lines": 12,
        "last_words": {"speaker": "caller", "text": "For six, of course."} if has_begun else None,
    }


def _sample_line(speaker: str, text: str, confidence: float = 0.97) -> JSON:
    return {
        "call_id": "specimen-answered-inbound",
        "event_id": f"specimen-{len(text)}",
        "seq": 16,
        "track": {"caller": "inbound", "callee": "outbound"}.get(speaker),
        "speaker": speaker,
        "text": text,
        "confidence": confidence,
        "started_at": SAMPLE_TIME,
        "occurred_at": SAMPLE_TIME,
    }


def _sample_event(verdict: str) -> JSON:
    return {
        "id": f"specimen-{verdict}",
        "at": SAMPLE_TIME,
        "verdict": verdict,
        "reason": REASON_BY_VERDICT[verdict],
        "detail": None,
        "type": None if verdict in ("refused", "unreadable") else "call.transcription",
        "event_id": f"specimen-{verdict}",
        "call_id": None if verdict in ("refused", "unreadable") else "specimen-answered-inbound",
        "attempt": 2 if verdict == "duplicate" else 1,
        "size": 1412,
        "sha256": None,
        "handling_ms": 1.9,
        "headers": {"Content-Type": "application/json", "User-Agent": "telnyx-webhooks"},
    }
