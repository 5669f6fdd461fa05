"""Turns one text frame of Telnyx's media WebSocket into a value. Telnyx's words for sound stop here.

Media frames come by the thousand each second, so they are checked by hand; the rare others by models.
Source: Telnyx docs, "Media Streaming over WebSockets"; what those leave open is accepted in both forms.
"""

from __future__ import annotations

import base64
import json
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dashboard.calls.events import Track
from dashboard.errors import PayloadError
from dashboard.telnyx.json_values import (
    OptionalId,
    OptionalTimestamp,
    RequiredId,
    Word,
    object_or_empty,
    strip_nul,
)

_TRACKS = {
    "inbound": Track.INBOUND,
    "outbound": Track.OUTBOUND,
    "inbound_track": Track.INBOUND,
    "outbound_track": Track.OUTBOUND,
}
# The docs of 2024 wrote MIME types.
_CODECS = {
    "AUDIO/X-MULAW": "PCMU",
    "AUDIO/MULAW": "PCMU",
    "AUDIO/PCMU": "PCMU",
    "MULAW": "PCMU",
    "AUDIO/X-ALAW": "PCMA",
    "AUDIO/ALAW": "PCMA",
    "AUDIO/PCMA": "PCMA",
    "ALAW": "PCMA",
    "AUDIO/X-L16": "L16",
    "AUDIO/L16": "L16",
    "AMR_WB": "AMR-WB",
}
_MAX_NUMBER = 2**53
_MAX_NUMBER_DIGITS = 16
_MAX_PARAMETERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The socket is up. Nothing is known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarted:
    """What the stream is. `encoding` is PCMU, PCMA, G722, OPUS, AMR-WB, L16 or another word in capitals."""

    call_id: str
    stream_id: str
    session_id: str | None
    encoding: str | None
    sample_rate_hz: int | None
    channels: int
    client_state: str | None
    custom_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Media:
    """A piece of sound as it was on the wire, of no fixed length. Not keyword-only: that would cost a microsecond."""

    track: Track
    chunk: int | None
    sequence: int | None
    timestamp_ms: int | None
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf:
    digit: str
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Something we sent was played."""

    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erred:
    """Telnyx disliked something that was sent to it. The stream goes on."""

    code: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStopped:
    """The last frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A kind of frame that is unknown here."""

    event: str


Frame = Connected | StreamStarted | Media | Dtmf | Marked | Erred | StreamStopped | Ignored


def parse_frame(text: str) -> Frame:
    """Read one frame. PayloadError names the fields that cannot be read, never their values."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise PayloadError(["frame is not readable as JSON"]) from None
    if type(frame) is not dict:
        raise PayloadError(["frame must be an object"])
    event = frame.get("event")
    if event == "media":
        return _read_media(frame)
    if not isinstance(event, str):
        raise PayloadError(["event is missing" if event is None else "event must be text"])
    reader = _READERS.get(event)
    if reader is None:
        return Ignored(event=_plain_text(event)[:64])
    try:
        return reader(frame)
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"])) or event for problem in error.errors(include_url=False)})
        raise PayloadError([f"{field} cannot be read" for field in fields]) from None


def _read_media(frame: dict[str, Any]) -> Media:
    media = frame.get("media")
    if type(media) is not dict:
        raise PayloadError(["media must be an object"])
    try:
        payload = a2b_base64(media["payload"], strict_mode=True)
    except (KeyError, TypeError, ValueError):
        raise PayloadError(["media.payload must be base64"]) from None
    try:
        track = _TRACKS[media["track"]]
    except (KeyError, TypeError):
        raise PayloadError(["media.track must be inbound or outbound"]) from None
    return Media(
        track,
        _parse_whole(media.get("chunk")),
        _parse_whole(frame.get("sequence_number")),
        _parse_whole(media.get("timestamp")),
        payload,
    )


def _parse_whole(value: object) -> int | None:
    """Telnyx writes numbers as text; numbers are accepted as well, and what is neither is as good as missing."""
    if type(value) is str:
        if len(value) > _MAX_NUMBER_DIGITS or not value.isdecimal():
            return None
        value = int(value)
    if type(value) is int and 0 <= value <= _MAX_NUMBER:
        return value
    return None


# --- the rare frames ------------------------------------------------------------------------------------------------


def _plain_text(text: str) -> str:
    """Text that can be stored and sent: JSON can spell half a surrogate, UTF-8 cannot."""
    return strip_nul(text).encode("utf-8", "ignore").decode()


def _parse_codec(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    word = _plain_text(value).strip().upper().partition(";")[0][:32]
    return _CODECS.get(word, word) or None


def _text_of_base64(value: object) -> str | None:
    """Client state is base64 text; state that is something else was not ours."""
    if not isinstance(value, str):
        return None
    try:
        return strip_nul(base64.b64decode(value, validate=True).decode())
    except ValueError:
        return None


def _parse_parameters(value: object) -> dict[str, str]:
    """The docs' sample is an object, while the command that sets them takes a list of names and values."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [(pair.get("name"), pair.get("value")) for pair in value if isinstance(pair, Mapping)]
    else:
        return {}
    named = [(name, told) for name, told in pairs if isinstance(name, str) and isinstance(told, str | int | float)]
    return {_plain_text(name): _plain_text(str(told)) for name, told in named[:_MAX_PARAMETERS]}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Format(_Shape):
    encoding: Annotated[str | None, BeforeValidator(_parse_codec)] = None
    sample_rate: Annotated[int | None, BeforeValidator(_parse_whole)] = None
    channels: Annotated[int | None, BeforeValidator(_parse_whole)] = None


class _Start(_Shape):
    call_control_id: RequiredId
    call_session_id: OptionalId = None
    client_state: Annotated[str | None, BeforeValidator(_text_of_base64)] = None
    custom_parameters: Annotated[dict[str, str], BeforeValidator(_parse_parameters)] = Field(default_factory=dict)
    media_format: Annotated[_Format, BeforeValidator(object_or_empty)] = _Format()


class _StartFrame(_Shape):
    stream_id: RequiredId
    start: _Start


class _Key(_Shape):
    digit: Annotated[str, Field(pattern=r"^[0-9A-Da-d*#]$")]


class _DtmfFrame(_Shape):
    occurred_at: OptionalTimestamp = None
    dtmf: _Key


class _Mark(_Shape):
    name: Word = None


class _MarkFrame(_Shape):
    mark: Annotated[_Mark, BeforeValidator(object_or_empty)] = _Mark()


class _Complaint(_Shape):
    code: OptionalId = None
    title: Word = None


class _ErrorFrame(_Shape):
    payload: Annotated[_Complaint, BeforeValidator(object_or_empty)] = _Complaint()
    error: Annotated[_Complaint, BeforeValidator(object_or_empty)] = _Complaint()


def _read_start(frame: dict[str, Any]) -> StreamStarted:
    told = _StartFrame.model_validate(frame)
    return StreamStarted(
        call_id=told.start.call_control_id,
        stream_id=told.stream_id,
        session_id=told.start.call_session_id,
        encoding=told.start.media_format.encoding,
        sample_rate_hz=told.start.media_format.sample_rate,
        channels=told.start.media_format.channels or 1,
        client_state=told.start.client_state,
        custom_parameters=told.start.custom_parameters,
    )


def _read_dtmf(frame: dict[str, Any]) -> Dtmf:
    told = _DtmfFrame.model_validate(frame)
    return Dtmf(digit=told.dtmf.digit.upper(), occurred_at=told.occurred_at)


def _marked(frame: dict[str, Any]) -> Marked:
    name = _MarkFrame.model_validate(frame).mark.name
    return Marked(name=None if name is None else _plain_text(name))


def _erred(frame: dict[str, Any]) -> Erred:
    told = _ErrorFrame.model_validate(frame)
    code = told.payload.code or told.error.code
    title = told.payload.title or told.error.title
    return Erred(code=code, title=None if title is None else _plain_text(title))


_READERS: Mapping[str, Callable[[dict[str, Any]], Frame]] = {
    "connected": lambda frame: Connected(),
    "start": _read_start,
    "dtmf": _read_dtmf,
    "mark": _marked,
    "error": _erred,
    "stop": lambda frame: StreamStopped(),
}
