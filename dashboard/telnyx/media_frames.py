"""Parses one text frame of Telnyx's media WebSocket. Telnyx's words for sound stop here.

Media frames come by the thousand each second, so they are checked by hand; the rare others by models.
Source: Telnyx docs, "Media Streaming over WebSockets"; what those leave open is accepted in both forms.
"""

from __future__ import annotations

import json
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dashboard.calls.events import Track
from dashboard.errors import PayloadError
from dashboard.telnyx.json_values import OptionalTimestamp, RequiredId, object_or_empty, strip_nul

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStarted:
    """What the stream is. `encoding` is PCMU, PCMA, G722, OPUS, AMR-WB, L16 or another word in capitals."""

    call_id: str
    stream_id: str
    encoding: str | None
    sample_rate_hz: int | None


@dataclass(frozen=True, slots=True)
class Media:
    """A piece of sound as it was on the wire, of no fixed length. Not keyword-only: that would cost a microsecond."""

    track: Track
    chunk: int | None
    timestamp_ms: int | None
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Dtmf:
    digit: str
    occurred_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStopped:
    """The last frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A kind of frame without a use here."""

    event: str


Frame = StreamStarted | Media | Dtmf | StreamStopped | Ignored


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


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Format(_Shape):
    encoding: Annotated[str | None, BeforeValidator(_parse_codec)] = None
    sample_rate: Annotated[int | None, BeforeValidator(_parse_whole)] = None


class _Start(_Shape):
    call_control_id: RequiredId
    media_format: Annotated[_Format, BeforeValidator(object_or_empty)] = _Format()


class _StartFrame(_Shape):
    stream_id: RequiredId
    start: _Start


class _Key(_Shape):
    digit: Annotated[str, Field(pattern=r"^[0-9A-Da-d*#]$")]


class _DtmfFrame(_Shape):
    occurred_at: OptionalTimestamp = None
    dtmf: _Key


def _read_start(frame: dict[str, Any]) -> StreamStarted:
    told = _StartFrame.model_validate(frame)
    return StreamStarted(
        call_id=told.start.call_control_id,
        stream_id=told.stream_id,
        encoding=told.start.media_format.encoding,
        sample_rate_hz=told.start.media_format.sample_rate,
    )


def _read_dtmf(frame: dict[str, Any]) -> Dtmf:
    told = _DtmfFrame.model_validate(frame)
    return Dtmf(digit=told.dtmf.digit.upper(), occurred_at=told.occurred_at)


_READERS: Mapping[str, Callable[[dict[str, Any]], Frame]] = {
    "start": _read_start,
    "dtmf": _read_dtmf,
    "stop": lambda frame: StreamStopped(),
}
