"""Parses the body of a verified webhook into a domain event.

An odd optional field is left out of the event. Only a body without the required fields is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails, from_json

from dashboard.calls.events import (
    CallAnswered,
    CallBridged,
    CallEvent,
    CallHungUp,
    CallInitiated,
    Direction,
    ForkStarted,
    ForkStopped,
    OtherCallEvent,
    StreamingFailed,
    StreamingStarted,
    StreamingStopped,
    Track,
    Transcribed,
)
from dashboard.errors import PayloadError
from dashboard.messages import _
from dashboard.telnyx.json_values import (
    OptionalId,
    OptionalTimestamp,
    RequiredId,
    Timestamp,
    Word,
    choice_or_none,
    count_or_none,
    object_or_empty,
    parse_id,
    parse_optional_id,
    probability_or_none,
    strip_nul,
)

_DIRECTIONS = {"incoming": Direction.INBOUND, "outgoing": Direction.OUTBOUND}
_TRACKS = {track.value: track for track in Track}
# Names that official examples use for events whose schema name is another.
_ALIASES = {
    "call.bridge": "call.bridged",
    "call.streaming.started": "streaming.started",
    "call.streaming.stopped": "streaming.stopped",
    "streaming.ended": "streaming.stopped",
    "call.streaming.failed": "streaming.failed",
    "transcription": "call.transcription",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One delivery, read. `event_type` is the schema's name, aliases folded; `occurred_at` is aware UTC.

    `event` is None when the webhook names no call, and `OtherHappened` when it names one but changes nothing here.
    `known` says whether this program acts on the type. `attempt` counts deliveries of the same event from 1.
    """

    event_id: str
    event_type: str
    occurred_at: datetime
    call_id: str | None
    attempt: int | None
    event: CallEvent | None
    is_known_type: bool


def parse_webhook(body: bytes) -> Webhook:
    """Reads one webhook body (UTF-8 JSON). PayloadError names the fields that cannot be read, never their values."""
    try:
        # Strict: no NaN, no lone surrogates, no second encoding, and nesting is bounded.
        document = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise PayloadError([_("body is not readable as UTF-8 JSON")]) from None
    try:
        envelope = _Envelope.model_validate(document)
    except ValidationError as error:
        raise PayloadError(_list_problems(error, ())) from None
    reader = _READERS.get(envelope.data.event_type)
    try:
        event = (reader or _read_other)(envelope.data)
    except ValidationError as error:
        raise PayloadError(_list_problems(error, ("data", "payload"))) from None
    return Webhook(
        event_id=envelope.data.id,
        event_type=envelope.data.event_type,
        occurred_at=envelope.data.occurred_at,
        call_id=event.call_id if event else None,
        attempt=envelope.meta.attempt or None,
        event=event,
        is_known_type=reader is not None,
    )


_REASONS = {
    "missing": _("is missing"),
    "model_type": _("must be an object"),
    "string_type": _("must be text"),
    "bool_type": _("must be true or false"),
    "bool_parsing": _("must be true or false"),
}


def _list_problems(error: ValidationError, prefix: tuple[str, ...]) -> list[str]:
    problems = error.errors(include_url=False, include_input=False)
    return [
        _("%(field)s %(reason)s", field=_field_path(problem, prefix), reason=_problem_reason(problem))
        for problem in problems
    ]


def _field_path(problem: ErrorDetails, prefix: tuple[str, ...]) -> str:
    return ".".join(map(str, (*prefix, *problem["loc"]))) or "body"


def _problem_reason(problem: ErrorDetails) -> str:
    raised = problem.get("ctx", {}).get("error")
    return _REASONS.get(problem["type"]) or (raised.args[0] if isinstance(raised, ValueError) else problem["msg"])


# --- shapes ---------------------------------------------------------------------------------------------------------


class _Shape(BaseModel):
    # A validation error would otherwise quote its input, which is what people said.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Meta(_Shape):
    attempt: Annotated[int | None, PlainValidator(count_or_none)] = None


class _Event(_Shape):
    id: RequiredId
    event_type: Annotated[str, PlainValidator(lambda value: _ALIASES.get(name := parse_id(value), name))]
    occurred_at: Timestamp
    payload: Any = None


class _Envelope(_Shape):
    data: _Event
    meta: Annotated[_Meta, BeforeValidator(object_or_empty)] = _Meta()


class _CallPayload(_Shape):
    """The ids of a call event; only the first is required."""

    call_control_id: RequiredId
    call_leg_id: OptionalId = None
    call_session_id: OptionalId = None
    connection_id: OptionalId = None
    from_: Annotated[Word, Field(alias="from")] = None
    to: Word = None


class _LifecyclePayload(_CallPayload):
    direction: Annotated[Direction | None, PlainValidator(choice_or_none(_DIRECTIONS))] = None
    start_time: OptionalTimestamp = None
    hangup_cause: Word = None
    hangup_source: Word = None


class _StreamingPayload(_CallPayload):
    stream_id: OptionalId = None
    failure_reason: Word = None


class _TranscriptionData(_Shape):
    transcript: str | None = None
    is_final: bool | None = None
    confidence: Annotated[float | None, PlainValidator(probability_or_none)] = None
    transcription_track: Annotated[Track | None, PlainValidator(choice_or_none(_TRACKS))] = None


class _TranscriptionPayload(_CallPayload):
    transcription_data: _TranscriptionData | None = None


# --- readers --------------------------------------------------------------------------------------------------------


def _common_fields(event: _Event, payload: _CallPayload) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "occurred_at": event.occurred_at,
        "call_id": payload.call_control_id,
        "leg_id": payload.call_leg_id,
        "session_id": payload.call_session_id,
        "connection_id": payload.connection_id,
        "from_number": payload.from_,
        "to_number": payload.to,
    }


def _plain_reader(event_class: type[CallEvent]) -> Callable[[_Event], CallEvent]:
    return lambda event: event_class(**_common_fields(event, _CallPayload.model_validate(event.payload)))


def _read_initiated(event: _Event) -> CallEvent:
    payload = _LifecyclePayload.model_validate(event.payload)
    return CallInitiated(**_common_fields(event, payload), direction=payload.direction, started_at=payload.start_time)


def _read_answered(event: _Event) -> CallEvent:
    payload = _LifecyclePayload.model_validate(event.payload)
    return CallAnswered(**_common_fields(event, payload), started_at=payload.start_time)


def _read_hangup(event: _Event) -> CallEvent:
    payload = _LifecyclePayload.model_validate(event.payload)
    return CallHungUp(
        **_common_fields(event, payload),
        cause=payload.hangup_cause,
        source=payload.hangup_source,
        started_at=payload.start_time,
    )


def _streaming_reader(event_class: type[StreamingStarted | StreamingStopped]) -> Callable[[_Event], CallEvent]:
    def read(event: _Event) -> CallEvent:
        payload = _StreamingPayload.model_validate(event.payload)
        return event_class(**_common_fields(event, payload), stream_id=payload.stream_id)

    return read


def _read_streaming_failed(event: _Event) -> CallEvent:
    payload = _StreamingPayload.model_validate(event.payload)
    return StreamingFailed(**_common_fields(event, payload), reason=payload.failure_reason, stream_id=payload.stream_id)


def _read_transcription(event: _Event) -> CallEvent:
    payload = _TranscriptionPayload.model_validate(event.payload)
    heard = payload.transcription_data or _TranscriptionData()
    return Transcribed(
        **_common_fields(event, payload),
        text=strip_nul(heard.transcript or "").strip(),
        # Engines without interim results may leave the flag out: what they send is final.
        is_final=heard.is_final is not False,
        confidence=heard.confidence,
        track=heard.transcription_track,
    )


def _read_other(event: _Event) -> CallEvent | None:
    """An event without a meaning here, kept if it names a call."""
    if not isinstance(event.payload, Mapping) or parse_optional_id(event.payload.get("call_control_id")) is None:
        return None
    return OtherCallEvent(**_common_fields(event, _CallPayload.model_validate(event.payload)))


_READERS: Mapping[str, Callable[[_Event], CallEvent]] = {
    "call.initiated": _read_initiated,
    "call.answered": _read_answered,
    "call.bridged": _plain_reader(CallBridged),
    "call.hangup": _read_hangup,
    "call.fork.started": _plain_reader(ForkStarted),
    "call.fork.stopped": _plain_reader(ForkStopped),
    "streaming.started": _streaming_reader(StreamingStarted),
    "streaming.stopped": _streaming_reader(StreamingStopped),
    "streaming.failed": _read_streaming_failed,
    "call.transcription": _read_transcription,
}

# The types that tell what happens to a call, apart from what is said.
LIFECYCLE_TYPES = tuple(name for name in _READERS if name != "call.transcription")
