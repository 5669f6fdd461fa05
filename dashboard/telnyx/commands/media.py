"""Parameters of the commands that fork or stream media.

The models are the only source of validation, schemas and forms. Source of every field, range and default: Telnyx API
reference, Call Control commands; SDK 4.189.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from dashboard.messages import _
from dashboard.telnyx.commands.parameter_types import (
    CommandParameters,
    Flag,
    NameAndValue,
    Parameters,
    Text,
    UdpTarget,
    WebSocketUrl,
    is_unreachable_target,
    param,
)

StreamTrack = Literal["inbound_track", "outbound_track", "both_tracks"]
StreamCodec = Literal["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16", "default"]
BidirectionalCodec = Literal["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16"]
BidirectionalRate = Literal[8000, 16000, 22050, 24000, 48000]

# Telnyx docs, "Media Streaming over WebSockets": the pairs of codec and rate that can be sent back.
RATES_HZ: Mapping[str, tuple[int, ...]] = {
    "PCMU": (8000,),
    "PCMA": (8000,),
    "G722": (8000,),
    "OPUS": (8000, 16000),
    "AMR-WB": (8000, 16000),
    "L16": (16000,),
}
DEFAULT_BIDIRECTIONAL_CODEC = "PCMU"


# The one parameter that is sent without being given: left out, the provider assumes "decrypted" at the start and "raw"
# at the stop, and the stop would stop nothing.
_STREAM_TYPE: Final = "decrypted"


class ForkStart(CommandParameters):
    rx: UdpTarget = Field(title=_("Received sound to"), description=_("udp:<ip>:<port> for what the other party says."))
    tx: UdpTarget = Field(title=_("Sent sound to"), description=_("udp:<ip>:<port> for what the other party hears."))
    stream_type: Literal["decrypted"] = Field(default=_STREAM_TYPE, title=_("Stream type"))

    def notes(self) -> Iterator[str]:
        for name in ("rx", "tx"):
            if is_unreachable_target(getattr(self, name)):
                yield _("%(name)s is no address of the public internet: Telnyx cannot reach it", name=name)


class ForkStop(CommandParameters):
    stream_type: Literal["decrypted", "raw"] = Field(
        default=_STREAM_TYPE, title=_("Stream type"), description=_("The type the fork was started with.")
    )


class DialogflowConfig(Parameters):
    analyze_sentiment: Flag | None = param(_("Analyse sentiment"), default=False)
    partial_automated_agent_reply: Flag | None = param(_("Partial automated replies"), default=False)


class Stream(Parameters):
    """The streaming parameters that answer, dial and streaming_start share."""

    stream_url: WebSocketUrl | None = param(_("Stream address"), _("wss://… of the server that receives the sound."))
    stream_track: StreamTrack | None = param(_("Track"), default="inbound_track")
    stream_codec: StreamCodec | None = param(_("Codec"), _("default means the call's own codec."), default="default")
    stream_bidirectional_mode: Literal["mp3", "rtp"] | None = param(
        _("Mode of sound sent back"), _("Raw sound is heard in mode rtp only."), default="mp3"
    )
    stream_bidirectional_codec: BidirectionalCodec | None = param(
        _("Codec of sound sent back"), _("Used in mode rtp."), default=DEFAULT_BIDIRECTIONAL_CODEC
    )
    stream_bidirectional_target_legs: Literal["both", "self", "opposite"] | None = param(
        _("Who hears sound sent back"), default="opposite"
    )


class FullStream(Stream):
    """What dial and streaming_start know beyond answer."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"stream_auth_token"})

    stream_bidirectional_sampling_rate: BidirectionalRate | None = param(
        _("Sampling rate of sound sent back (Hz)"), default=8000
    )
    stream_auth_token: Text | None = param(
        _("Token"), _("Sent to the stream address in a header."), min_length=1, max_length=4000
    )
    enable_dialogflow: Flag | None = param(_("Use Dialogflow instead of a stream address"), default=False)
    dialogflow_config: DialogflowConfig | None = param(_("Dialogflow"))

    @field_validator("stream_bidirectional_sampling_rate")
    @classmethod
    def _check_rate(cls, rate: int | None, info: ValidationInfo) -> int | None:
        codec = info.data.get("stream_bidirectional_codec") or DEFAULT_BIDIRECTIONAL_CODEC
        if rate is not None and rate not in RATES_HZ[codec]:
            raise ValueError(_rate_message(codec))
        return rate

    def notes(self) -> Iterator[str]:
        yield from super().notes()
        if self.stream_bidirectional_codec == "L16" and self.stream_bidirectional_sampling_rate is None:
            yield _("stream_bidirectional_sampling_rate is 8000 unless given, and L16 is documented for 16000 only")


def _rate_message(codec: str) -> str:
    low, high = min(RATES_HZ[codec]), max(RATES_HZ[codec])
    if low == high:
        return _("must be %(rate)s with %(codec)s", rate=low, codec=codec)
    return _("must be %(low)s or %(high)s with %(codec)s", low=low, high=high, codec=codec)


class StreamingStart(FullStream, CommandParameters):
    custom_parameters: list[NameAndValue] | None = param(
        _("Custom parameters"), _("Handed over in the stream's start frame.")
    )

    @model_validator(mode="before")
    @classmethod
    def _require_url(cls, values: object) -> object:
        # Makes the missing address an error of its own field, listed together with all others.
        if (
            isinstance(values, Mapping)
            and values.get("stream_url") is None
            and values.get("enable_dialogflow") is not True
        ):
            return {**values, "stream_url": ""}
        return values

    @field_validator("stream_url", mode="before")
    @classmethod
    def _check_url_given(cls, address: object) -> object:
        if address == "":
            raise ValueError(_("is required, unless enable_dialogflow is true"))
        return address


class StreamingStop(CommandParameters):
    stream_id: Text | None = param(
        _("Stream id"), _("Without it, all streams of the call stop."), pattern=r"^[0-9A-Fa-f-]{1,64}$"
    )
