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
from ..speech.script import Performance
from .body_fields import Fields
from .engines import Recognition, recognition_of
from .errors import ApiError

Effect = Callable[[], None]

_TRACKS = ("inbound_track", "outbound_track", "both_tracks")
_CODECS = ("PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16")
_SAMPLING_RATES_HZ = (8_000, 16_000, 22_050, 24_000, 48_000)
# The text of a SIP Reason header: nothing that would need quoting, and no emoji (they lie beyond U+FFFF).
_REASON = re.compile(r'[^"\\\x00-\x1f\x7f\U00010000-\U0010ffff]*')
# cause of `reject` -> hangup_cause, SIP status
_REJECTIONS = {
    "CALL_REJECTED": ("call_rejected", "603"),
    "USER_BUSY": ("user_busy", "486"),
    "NOT_FOUND": ("not_found", "404"),
    "TEMPORARILY_UNAVAILABLE": ("unspecified", "480"),
}


def run(call: SimCall, name: str, body: dict[str, Any]) -> None:
    """Do a command or raise ApiError; a `command_id` that the call has seen within a minute does nothing.

    The lock of the call's world must be held: two equal commands at once must not both be the first.
    """
    fields = Fields(body)
    command_id = fields.text("command_id")
    if not call.first_time(command_id):
        return
    if not call.alive:
        raise ApiError("90018", "The call has already ended.", pointer="/call_control_id")
    client_state = fields.client_state()
    effect = COMMANDS[name](call, fields)
    if client_state is not None:
        # Before the effect, so that already its own webhooks carry the new state.
        call.client_state = client_state
    call.remember(command_id)
    effect()


def stream_request_of(fields: Fields, *, required: bool) -> StreamRequest | None:
    """The stream that a body asks for, or None. Raises ApiError."""
    url = fields.url("stream_url", ("ws", "wss"), required=required)
    track = fields.choice("stream_track", _TRACKS, default="inbound_track")
    fields.choice("stream_codec", (*_CODECS, "default"))
    fields.choice("stream_bidirectional_mode", ("mp3", "rtp"))
    fields.choice("stream_bidirectional_codec", _CODECS)
    fields.choice("stream_bidirectional_target_legs", ("both", "self", "opposite"))
    fields.whole_choice("stream_bidirectional_sampling_rate", _SAMPLING_RATES_HZ)
    auth_token = fields.text("stream_auth_token", longest=4_000)
    parameters = fields.named_values("custom_parameters")
    if url is None:
        return None
    return StreamRequest(url=url, track=track, auth_token=auth_token, custom_parameters=parameters)


def inline_transcription(fields: Fields) -> Recognition | None:
    """The transcription that `dial` or `answer` asks for, or None. Raises ApiError."""
    config = fields.nested("transcription_config")
    wanted = fields.flag("transcription")
    recognition = recognition_of(config if config is not None else Fields({}))
    return recognition if wanted else None


def dial_plan_of(
    fields: Fields, *, connection_id: str, performance: Performance, answer_after_s: float | None
) -> CallPlan:
    """The call that a body of `POST /v2/calls` asks for. Raises ApiError."""
    if fields.required_text("connection_id") != connection_id:
        raise ApiError("10015", "There is no such connection.", pointer="/connection_id")
    fields.whole("time_limit_secs", 30, 14_400)
    numbers = fields.body.get("to")
    # Of several numbers only the first is ever called here.
    first = Fields({"to": numbers[0] if numbers else None}) if isinstance(numbers, list) else fields
    return CallPlan(
        performance=performance,
        direction="outgoing",
        to_number=first.number("to"),
        from_number=fields.number("from"),
        answer_after_s=answer_after_s,
        ring_timeout_s=float(fields.whole("timeout_secs", 5, 600) or 30),
        transcription=inline_transcription(fields),
        stream=stream_request_of(fields, required=False),
        client_state=fields.client_state(),
        webhook_url=fields.url("webhook_url", ("http", "https")),
    )


def _answer(call: SimCall, fields: Fields) -> Effect:
    if call.direction == "outgoing":
        raise ApiError("90102", "The call was dialled from here.")
    if call.answered:
        raise ApiError("10015", "The call has already been answered.")
    recognition = inline_transcription(fields)
    # Unlike streaming_start, `answer` knows no token and no custom parameters.
    unknown = ("stream_auth_token", "custom_parameters")
    inline = Fields({name: value for name, value in fields.body.items() if name not in unknown})
    stream = stream_request_of(inline, required=False)
    webhook_url = fields.url("webhook_url", ("http", "https"))

    def effect() -> None:
        call.webhook_url = webhook_url or call.webhook_url
        call.answer()
        if recognition is not None:
            call.start_transcription(recognition)
        if stream is not None:
            call.copies.start_streaming(stream)

    return effect


def _reject(call: SimCall, fields: Fields) -> Effect:
    cause, sip = _REJECTIONS[fields.choice("cause", tuple(_REJECTIONS), required=True)]
    if call.direction == "outgoing" or call.answered:
        raise ApiError("10015", "Only an incoming call that was not answered can be rejected.")
    return lambda: call.hang_up(cause, "callee", sip)


def _hangup(call: SimCall, fields: Fields) -> Effect:
    if not _REASON.fullmatch(fields.text("reason") or ""):
        fields.invalid("reason", "must not hold quotes, backslashes, control characters or emoji")
    if call.answered:
        return lambda: call.hang_up("normal_clearing", "callee" if call.direction == "incoming" else "caller")
    if call.direction == "outgoing":
        return lambda: call.hang_up("originator_cancel", "caller", "487")
    return lambda: call.hang_up("call_rejected", "callee", "603")


def _transcription_start(call: SimCall, fields: Fields) -> Effect:
    recognition = recognition_of(fields)
    _must_be_answered(call)
    if call.transcribing:
        raise ApiError("90054", "A transcription is already running on this call.")
    return lambda: call.start_transcription(recognition)


def _transcription_stop(call: SimCall, fields: Fields) -> Effect:
    # What the provider says when none is running is not documented; it is known to do no harm.
    return call.stop_transcription


def _streaming_start(call: SimCall, fields: Fields) -> Effect:
    request = stream_request_of(fields, required=True)
    _must_be_answered(call)
    _must_not_copy_media(call)
    return lambda: call.copies.start_streaming(request) if request is not None else None


def _streaming_stop(call: SimCall, fields: Fields) -> Effect:
    stream_id = fields.text("stream_id")
    if call.stream is None or (stream_id is not None and stream_id.upper() != call.stream.stream_id):
        raise ApiError("90048", "No such media stream is running on this call.")
    return call.copies.stop_streaming


def _fork_start(call: SimCall, fields: Fields) -> Effect:
    fields.choice("stream_type", ("decrypted",))
    rx, tx = fields.fork_address("rx"), fields.fork_address("tx")
    _must_be_answered(call)
    _must_not_copy_media(call)
    return lambda: call.copies.start_fork(rx, tx)


def _fork_stop(call: SimCall, fields: Fields) -> Effect:
    # The default differs from the one of fork_start, which only knows `decrypted`.
    stream_type = fields.choice("stream_type", ("raw", "decrypted"), default="raw")
    if not call.forking or stream_type != "decrypted":
        raise ApiError("90031", f"No fork of type '{stream_type}' is running on this call.")
    return call.copies.stop_fork


def _client_state_update(call: SimCall, fields: Fields) -> Effect:
    fields.required_text("client_state")
    return lambda: None


def _must_be_answered(call: SimCall) -> None:
    if not call.answered:
        raise ApiError("90034", "The call has not been answered yet.")


def _must_not_copy_media(call: SimCall) -> None:
    if call.stream is not None or call.forking:
        raise ApiError("90045", "Only one stream or fork can run on a call.")


COMMANDS: dict[str, Callable[[SimCall, Fields], Effect]] = {
    "answer": _answer,
    "reject": _reject,
    "hangup": _hangup,
    "transcription_start": _transcription_start,
    "transcription_stop": _transcription_stop,
    "streaming_start": _streaming_start,
    "streaming_stop": _streaming_stop,
    "fork_start": _fork_start,
    "fork_stop": _fork_stop,
    "client_state_update": _client_state_update,
}
