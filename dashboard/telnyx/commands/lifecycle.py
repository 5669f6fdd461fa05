"""Parameters of the commands that begin and end a call: dial, answer, reject, hang up.

The models are the only source of validation, schemas and forms. Source of every field, range and default: Telnyx API
reference, Call Control commands; SDK 4.189.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from dashboard.messages import _
from dashboard.telnyx.commands.media import FullStream, Stream
from dashboard.telnyx.commands.parameter_types import (
    CommandParameters,
    ConnectionId,
    Flag,
    JsonObject,
    NameAndValue,
    Parameters,
    Party,
    SipHeader,
    Text,
    WebUrl,
    WebUrls,
    Whole,
    param,
)
from dashboard.telnyx.commands.transcription import TranscriptionStart

Verb = Literal["POST", "GET"]

_UNSAFE_IN_REASON = re.compile(r'["\\\x00-\x1f\x7f]|[^\u0000-\uffff]')
_DISPLAY_NAME = r"^[A-Za-z0-9 \\\-_~!.+]*$"


class RetriesPolicy(Parameters):
    retries_ms: list[Annotated[Whole, Field(ge=0, le=60_000)]] = Field(title=_("Pauses (ms)"), max_length=5)

    @field_validator("retries_ms")
    @classmethod
    def _check_total_pause(cls, pauses: list[int]) -> list[int]:
        if sum(pauses) > 60_000:
            raise ValueError(_("must add up to at most 60000"))
        return pauses


class Webhooks(Parameters):
    webhook_url: WebUrl | None = param(_("Webhook address"), _("For this call, instead of the application's."))
    webhook_url_method: Verb | None = param(
        _("Webhook method"), _("A GET cannot be verified: this dashboard takes POST only."), default="POST"
    )
    webhook_urls: dict[str, WebUrls] | None = param(_("Webhook addresses by event type"))
    webhook_urls_method: Verb | None = param(_("Method for these"), default="POST")
    webhook_retries_policies: dict[str, RetriesPolicy] | None = param(_("Retries by event type"))

    def notes(self) -> Iterator[str]:
        yield from super().notes()
        for name in ("webhook_url_method", "webhook_urls_method"):
            if getattr(self, name) == "GET":
                yield _(
                    "%(name)s is GET: such webhooks cannot be verified and this dashboard does not take them", name=name
                )


class Recording(Parameters):
    record: Literal["record-from-answer"] | None = param(_("Record"))
    record_channels: Literal["single", "dual"] | None = param(_("Recorded channels"), default="dual")
    record_format: Literal["wav", "mp3"] | None = param(_("Recording format"), default="mp3")
    record_track: Literal["both", "inbound", "outbound"] | None = param(_("Recorded track"), default="both")
    record_max_length: Whole | None = param(
        _("Longest recording (s)"), _("0 is without limit."), default=0, ge=0, le=43_200
    )
    record_timeout_secs: Whole | None = param(_("Stop recording after silence (s)"), _("0 is never."), default=0, ge=0)
    record_trim: Literal["trim-silence"] | None = param(_("Trim silence"))
    record_custom_file_name: Text | None = param(_("Recording file name"), min_length=1, max_length=40)


class InlineTranscription(Parameters):
    transcription: Flag | None = param(_("Transcribe when answered"), default=False)
    transcription_config: TranscriptionStart | None = param(_("Transcription"), _("All of transcription_start."))


class Media(Parameters):
    """Rarer parameters of answer and dial. The objects are passed on as they are."""

    billing_group_id: Text | None = param(_("Billing group"), max_length=64)
    custom_headers: list[NameAndValue] | None = param(_("SIP headers of one's own"))
    sip_headers: list[SipHeader] | None = param(_("Standard SIP headers"))
    preferred_codecs: Text | None = param(
        _("Preferred codecs"), _("Comma-separated."), pattern=r"^[A-Za-z0-9,-]{1,200}$"
    )
    send_silence_when_idle: Flag | None = param(_("Send silence when idle"), default=False)
    assistant: JsonObject | None = param(_("Assistant"))
    conversation_relay_config: JsonObject | None = param(_("Conversation relay"))
    deepfake_detection: JsonObject | None = param(_("Deepfake detection"))
    sound_modifications: JsonObject | None = param(_("Sound effects"))


class Answer(Media, Recording, Webhooks, InlineTranscription, Stream, CommandParameters):
    pass


class Reject(CommandParameters):
    cause: Literal["CALL_REJECTED", "USER_BUSY", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE"] = Field(title=_("Cause"))


class Hangup(CommandParameters):
    reason: Text | None = param(
        _("Reason"), _("Shown by some phones when a ringing call is taken back."), max_length=255
    )
    custom_headers: list[NameAndValue] | None = param(_("SIP headers of one's own"))

    @field_validator("reason")
    @classmethod
    def _check_header_safe(cls, reason: str | None) -> str | None:
        if reason and _UNSAFE_IN_REASON.search(reason):
            raise ValueError(_("must not contain double quotes, backslashes, control characters or emoji"))
        return reason


class Dial(Media, Recording, Webhooks, InlineTranscription, FullStream, CommandParameters):
    secret_fields = FullStream.secret_fields | {"sip_auth_password"}

    connection_id: ConnectionId = Field(title=_("Voice API application"), description=_("Its id, as text."))
    to: Annotated[
        Annotated[Party, Tag("one")] | Annotated[list[Party], Field(min_length=1, max_length=100), Tag("many")],
        Discriminator(lambda value: "many" if isinstance(value, list) else "one"),
    ] = Field(title=_("To"))
    from_: Party = Field(title=_("From"), alias="from")
    from_display_name: Text | None = param(_("Name shown to the callee"), max_length=128, pattern=_DISPLAY_NAME)
    privacy: Literal["id", "none"] | None = param(_("Privacy"), _("id hides the caller."), default="none")
    diversion: Party | None = param(_("Diversion"), _("The number of ours that an active inbound call has dialled."))
    timeout_secs: Whole | None = param(_("Ring at most (s)"), default=30, ge=5, le=600)
    # The reference says 30..14400 and the text of error 90029 says 60..14000: inside both is safe.
    time_limit_secs: Whole | None = param(_("Talk at most (s)"), default=14_400, ge=60, le=14_000)
    retry_on_timeout: Flag | None = param(_("Try another way after a time-out"), default=True)
    stream_establish_before_call_originate: Flag | None = param(_("Open the stream before dialling"), default=False)
    link_to: Text | None = param(_("Link to call"), _("Another call's control id."), max_length=512)
    bridge_intent: Flag | None = param(_("Means to bridge"), default=False)
    bridge_on_answer: Flag | None = param(_("Bridge when answered"), default=False)
    prevent_double_bridge: Flag | None = param(_("Never bridge twice"), default=False)
    park_after_unbridge: Literal["self"] | None = param(_("Park after the bridge ends"))
    answering_machine_detection: (
        Literal[
            "premium", "premium_ios_call_screening_detection", "detect", "detect_beep", "detect_words", "greeting_end",
            "disabled",
        ]
        | None
    ) = param(_("Answering machine detection"), default="disabled")  # fmt: skip
    answering_machine_detection_config: JsonObject | None = param(_("Its settings"))
    media_encryption: Literal["disabled", "SRTP", "DTLS"] | None = param(_("Media encryption"), default="disabled")
    sip_region: Literal["US", "Europe", "Canada", "Australia", "Middle East"] | None = param(
        _("SIP region"), default="US"
    )
    sip_transport_protocol: Literal["UDP", "TCP", "TLS"] | None = param(_("SIP transport"), default="UDP")
    sip_auth_username: Text | None = param(_("SIP user name"), max_length=255)
    sip_auth_password: Text | None = param(_("SIP password"), max_length=255)
    audio_url: WebUrl | None = param(_("Play when answered"), _("Address of a WAV or MP3 file."))
    media_name: Text | None = param(_("Play uploaded file when answered"), max_length=255)
    send_digits_on_answer: Text | None = param(_("Keys to press when answered"), pattern=r"^[0-9A-DwW*#]{1,64}$")
    route_to_mobile: Flag | None = param(_("Route to mobile"))
    supervise_call_control_id: Text | None = param(_("Call to supervise"), max_length=512)
    supervisor_role: Literal["barge", "whisper", "monitor"] | None = param(_("Role of the supervisor"), default="barge")
    conference_config: JsonObject | None = param(_("Conference"))
