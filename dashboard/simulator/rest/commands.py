"""What the provider demands of each command, and what a command then does to a call.

A command first checks everything and only then takes effect: a refused one changes nothing.
Source: Telnyx API reference, "Call Control commands".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..call import SimCall
from ..call_plan import CallPlan
from ..media.stream_session import StreamRequest
from ..speech.script import SpokenScript
from .body_fields import BodyFields
from .engines import TranscriptionOptions, parse_transcription_options
from .errors import ApiError

Effect = Callable[[], None]

_STREAM_TRACKS = ("inbound_track", "outbound_track", "both_tracks")
_STREAM_CODECS = ("PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16")
_SAMPLING_RATES_HZ = (8_000, 16_000, 22_050, 24_000, 48_000)
# The text of a SIP Reason header: nothing that would need quoting, and no emoji (they lie beyond U+FFFF).
_REASON_PATTERN = re.compile(r'[^"\\\x00-\x1f\x7f\U00010000-\U0010ffff]*')
# cause of `reject` -> hangup_cause, SIP status
_REJECT_CAUSES = {
    "CALL_REJECTED": ("call_rejected", "603"),
    "USER_BUSY": ("user_busy", "486"),
    "NOT_FOUND": ("not_found", "404"),
    "TEMPORARILY_UNAVAILABLE": ("unspecified", "480"),
}


def execute_command(call: SimCall, name: str, body: dict[str, Any]) -> None:
    """Do a command or raise ApiError; a `command_id` that the call has seen within a minute does nothing.

    The lock of the call's world must be held: two equal commands at once must not both be the first.
    """
    fields = BodyFields(body)
    command_id = fields.read_text("command_id")
    if not call.is_new_command(command_id):
        return
    if not call.is_alive:
        raise ApiError("90018", "The call has already ended.", pointer="/call_control_id")
    client_state = fields.read_client_state()
    effect = COMMANDS[name](call, fields)
    if client_state is not None:
        # Before the effect, so that already its own webhooks carry the new state.
        call.client_state = client_state
    call.remember_command(command_id)
    effect()


def parse_stream_request(fields: BodyFields, *, required: bool) -> StreamRequest | None:
    """The stream that a body asks for, or None. Raises ApiError."""
    url = fields.read_url("stream_url", ("ws", "wss"), required=required)
    track = fields.read_choice("stream_track", _STREAM_TRACKS, default="inbound_track")
    fields.read_choice("stream_codec", (*_STREAM_CODECS, "default"))
    fields.read_choice("stream_bidirectional_mode", ("mp3", "rtp"))
    fields.read_choice("stream_bidirectional_codec", _STREAM_CODECS)
    fields.read_choice("stream_bidirectional_target_legs", ("both", "self", "opposite"))
    fields.read_int_choice("stream_bidirectional_sampling_rate", _SAMPLING_RATES_HZ)
    auth_token = fields.read_text("stream_auth_token", max_length=4_000)
    parameters = fields.read_named_values("custom_parameters")
    if url is None:
        return None
    return StreamRequest(url=url, track=track, auth_token=auth_token, custom_parameters=parameters)


def parse_inline_transcription(fields: BodyFields) -> TranscriptionOptions | None:
    """The transcription that `dial` or `answer` asks for, or None. Raises ApiError."""
    config = fields.read_object("transcription_config")
    wanted = fields.read_flag("transcription")
    recognition = parse_transcription_options(config if config is not None else BodyFields({}))
    return recognition if wanted else None


def parse_dial_plan(
    fields: BodyFields, *, connection_id: str, spoken_script: SpokenScript, answer_after_s: float | None
) -> CallPlan:
    """The call that a body of `POST /v2/calls` asks for. Raises ApiError."""
    if fields.read_required_text("connection_id") != connection_id:
        raise ApiError("10015", "There is no such connection.", pointer="/connection_id")
    fields.read_int("time_limit_secs", 30, 14_400)
    numbers = fields.body.get("to")
    # Of several numbers only the first is ever called here.
    first = BodyFields({"to": numbers[0] if numbers else None}) if isinstance(numbers, list) else fields
    return CallPlan(
        spoken_script=spoken_script,
        direction="outgoing",
        to_number=first.read_phone_number("to"),
        from_number=fields.read_phone_number("from"),
        answer_after_s=answer_after_s,
        ring_timeout_s=float(fields.read_int("timeout_secs", 5, 600) or 30),
        transcription=parse_inline_transcription(fields),
        stream_request=parse_stream_request(fields, required=False),
        client_state=fields.read_client_state(),
        webhook_url=fields.read_url("webhook_url", ("http", "https")),
    )


def _prepare_answer(call: SimCall, fields: BodyFields) -> Effect:
    if call.direction == "outgoing":
        raise ApiError("90102", "The call was dialled from here.")
    if call.is_answered:
        raise ApiError("10015", "The call has already been answered.")
    recognition = parse_inline_transcription(fields)
    # Unlike streaming_start, `answer` knows no token and no custom parameters.
    unknown = ("stream_auth_token", "custom_parameters")
    inline = BodyFields({name: value for name, value in fields.body.items() if name not in unknown})
    stream = parse_stream_request(inline, required=False)
    webhook_url = fields.read_url("webhook_url", ("http", "https"))

    def apply_answer() -> None:
        call.webhook_url = webhook_url or call.webhook_url
        call.answer()
        if recognition is not None:
            call.start_transcription(recognition)
        if stream is not None:
            call.media.start_streaming(stream)

    return apply_answer


def _prepare_reject(call: SimCall, fields: BodyFields) -> Effect:
    cause, sip = _REJECT_CAUSES[fields.read_choice("cause", tuple(_REJECT_CAUSES), required=True)]
    if call.direction == "outgoing" or call.is_answered:
        raise ApiError("10015", "Only an incoming call that was not answered can be rejected.")
    return lambda: call.hang_up(cause, "callee", sip)


def _prepare_hangup(call: SimCall, fields: BodyFields) -> Effect:
    if not _REASON_PATTERN.fullmatch(fields.read_text("reason") or ""):
        fields.raise_invalid("reason", "must not hold quotes, backslashes, control characters or emoji")
    if call.is_answered:
        return lambda: call.hang_up("normal_clearing", "callee" if call.direction == "incoming" else "caller")
    if call.direction == "outgoing":
        return lambda: call.hang_up("originator_cancel", "caller", "487")
    return lambda: call.hang_up("call_rejected", "callee", "603")


def _prepare_transcription_start(call: SimCall, fields: BodyFields) -> Effect:
    recognition = parse_transcription_options(fields)
    _require_answered(call)
    if call.is_transcribing:
        raise ApiError("90054", "A transcription is already running on this call.")
    return lambda: call.start_transcription(recognition)


def _prepare_transcription_stop(call: SimCall, fields: BodyFields) -> Effect:
    # What the provider says when none is running is not documented; it is known to do no harm.
    return call.stop_transcription


def _prepare_streaming_start(call: SimCall, fields: BodyFields) -> Effect:
    request = parse_stream_request(fields, required=True)
    _require_answered(call)
    _require_no_media(call)
    return lambda: call.media.start_streaming(request) if request is not None else None


def _prepare_streaming_stop(call: SimCall, fields: BodyFields) -> Effect:
    stream_id = fields.read_text("stream_id")
    if call.stream_session is None or (stream_id is not None and stream_id.upper() != call.stream_session.stream_id):
        raise ApiError("90048", "No such media stream is running on this call.")
    return call.media.stop_streaming


def _prepare_fork_start(call: SimCall, fields: BodyFields) -> Effect:
    fields.read_choice("stream_type", ("decrypted",))
    rx, tx = fields.read_fork_address("rx"), fields.read_fork_address("tx")
    _require_answered(call)
    _require_no_media(call)
    return lambda: call.media.start_fork(rx, tx)


def _prepare_fork_stop(call: SimCall, fields: BodyFields) -> Effect:
    # The default differs from the one of fork_start, which only knows `decrypted`.
    stream_type = fields.read_choice("stream_type", ("raw", "decrypted"), default="raw")
    if not call.is_forking or stream_type != "decrypted":
        raise ApiError("90031", f"No fork of type '{stream_type}' is running on this call.")
    return call.media.stop_fork


def _prepare_client_state_update(call: SimCall, fields: BodyFields) -> Effect:
    fields.read_required_text("client_state")
    return lambda: None


def _require_answered(call: SimCall) -> None:
    if not call.is_answered:
        raise ApiError("90034", "The call has not been answered yet.")


def _require_no_media(call: SimCall) -> None:
    if call.stream_session is not None or call.is_forking:
        raise ApiError("90045", "Only one stream or fork can run on a call.")


COMMANDS: dict[str, Callable[[SimCall, BodyFields], Effect]] = {
    "answer": _prepare_answer,
    "reject": _prepare_reject,
    "hangup": _prepare_hangup,
    "transcription_start": _prepare_transcription_start,
    "transcription_stop": _prepare_transcription_stop,
    "streaming_start": _prepare_streaming_start,
    "streaming_stop": _prepare_streaming_stop,
    "fork_start": _prepare_fork_start,
    "fork_stop": _prepare_fork_stop,
    "client_state_update": _prepare_client_state_update,
}
