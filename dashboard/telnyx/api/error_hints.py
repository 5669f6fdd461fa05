"""What a person can do about each Telnyx error.

Source of the codes: Telnyx docs, "API error codes"; the sentences are ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dashboard.messages import _, join

_CALL_GONE = _("The call is over or never existed. Reload the list of calls.")
_BAD_KEY = _("Check TELNYX_API_KEY: it must be a full, active API key of this account (KEY…).")
_NOT_ALLOWED = _("The API key works but may not do this. Check the account's level and the key's permissions.")

# What passes by itself, with the code that tells of it.
_TRANSIENT_REASONS: Mapping[str, str] = {
    "10007": _("Telnyx had an internal problem."),
    "10037": _("Telnyx is not available for the moment."),
    "90103": _("Too many calls are being dialled (30 a second unless your account has more)."),
}
_TOO_MANY_REQUESTS = _("Too many requests.")
_SERVER_PROBLEM = _("Telnyx has a problem of its own.")
_RETRY_IN_A_MOMENT = _("Press again in a moment; see the Telnyx status page if it stays.")
_RETRY_IN_A_MINUTE = _("Press again in a minute; see the Telnyx status page if it stays.")

HINTS_BY_CODE: Mapping[str, str] = {
    "10003": _("Correct the address: it must be complete and have at most 2,000 characters."),
    "10004": _("A required parameter is missing."),
    "10005": _CALL_GONE,
    "10007": join((_TRANSIENT_REASONS["10007"], _RETRY_IN_A_MOMENT), " "),
    "10009": _BAD_KEY,
    "10010": _NOT_ALLOWED,
    "10015": _(
        "Telnyx does not accept one of the values. For connection_id: give the id of a Voice API application of this "
        "account."
    ),
    "10016": _("Write telephone numbers in +E.164 form: plus, country code, number, no spaces."),
    "10032": _("One value is not among the allowed ones."),
    "10033": _("One number is outside its range."),
    "10037": join((_TRANSIENT_REASONS["10037"], _("Press again in a minute.")), " "),
    "10038": _("This feature is not enabled for the account. Ask Telnyx support to enable it."),
    "10039": _("The account has reached this feature's limit. Raise it in the portal, or ask Telnyx support."),
    "90015": _CALL_GONE,
    "90017": _("client_state did not arrive as base64. Leave it out and report this: it is encoded by this program."),
    "90018": _("The call has already ended; there is nothing left to do."),
    "90020": _("Recording needs sound first. Try again once both sides can be heard."),
    "90029": _("Give time_limit_secs as 60 to 14000."),
    "90031": _("The call is not being forked, so there is nothing to stop."),
    "90034": _("The call is not answered yet. Answer it, or wait until it is answered, then press again."),
    "90041": _("The account's limit of simultaneous calls is reached. End a call, or raise the limit in the portal."),
    "90042": _("The voice profile's limit of simultaneous calls is reached. End a call, or raise it in the portal."),
    "90043": _(
        "The connection's limit of simultaneous calls is reached. End a call, or raise the limit in the portal."
    ),
    "90045": _("The call is streaming media, and Telnyx allows one or the other. Stop streaming first."),
    "90046": _(
        "Telnyx could not open the stream. Check that stream_url is reachable from the internet, speaks WebSocket "
        "and has a valid certificate."
    ),
    "90048": _(
        "The call is not streaming, so there is nothing to stop. Start streaming first if this command needs it."
    ),
    "90053": _("A recording with timeout_secs is running, which uses transcription itself. Stop the recording first."),
    "90054": _("Transcription is already running on this call. Stop it first to change its settings."),
    "90055": _("A recording with timeout_secs is running, which needs the transcription. Stop the recording first."),
    "90057": _("webhook_urls names an event type Telnyx does not know. Correct or remove it."),
    "90061": _("An AI assistant is active on this call. Stop it first."),
    "90102": _(
        "Only incoming calls can be answered; this one was dialled from here. Wait until the other side answers."
    ),
    "90103": join((_TRANSIENT_REASONS["90103"], _("Wait some seconds.")), " "),
}

HINTS_BY_STATUS: Mapping[int, str] = {
    400: _("Telnyx could not read the request. Check the parameters; `detail` is Telnyx's own explanation."),
    401: _BAD_KEY,
    402: _("Telnyx asks for payment. Check the account's balance in the portal."),
    403: _NOT_ALLOWED,
    404: _("Telnyx does not know this. The call may be over; also check TELNYX_BASE_URL."),
    408: _("Telnyx did not get the request in time. Press again."),
    409: _("Another command on this call is being worked on. Press again in a moment."),
    422: _("Telnyx understood the command and refuses it; `detail` is its own explanation."),
    429: join((_TOO_MANY_REQUESTS, _("Wait some seconds, then press again.")), " "),
}

# Their own sentences for what has no status.
TIMED_OUT = _(
    "Telnyx did not answer in time, so it is unknown whether the command ran. Watch the call before you repeat it."
)
INTERRUPTED = _(
    "The connection broke before an answer came, so it is unknown whether the command ran. "
    "Watch the call before you repeat it."
)
UNREACHABLE = _("There is no connection to Telnyx. Check the network, TELNYX_BASE_URL and the Telnyx status page.")
BAD_URL = _("TELNYX_BASE_URL is not a usable address. It is usually left out.")
REDIRECTED = _(
    "The address answers with a redirect, which is not followed because the key would travel along. "
    "Check TELNYX_BASE_URL."
)
INVALID_RESPONSE = _("Something that is not the Telnyx API answered. Check TELNYX_BASE_URL and any proxy in between.")
_SERVER_PROBLEM_HINT = join((_SERVER_PROBLEM, _RETRY_IN_A_MINUTE), " ")
_NO_ENCRYPTION = _("This kind of call cannot be encrypted. Leave media_encryption out, or call a SIP address.")
_DEFAULT_HINT = _("Look the code up in the Telnyx documentation; `detail` is Telnyx's own explanation.")


def hint_for(status: int, code: str | None, *, wait_s: float | None = None) -> str:
    """What to do about an answer. `wait_s`, if given, is how long the provider asks us to stay away."""
    hint = _lasting_hint(status, code)
    if wait_s is None:
        return hint
    passing = _TRANSIENT_REASONS.get(code or "") or {
        HINTS_BY_STATUS[429]: _TOO_MANY_REQUESTS,
        _SERVER_PROBLEM_HINT: _SERVER_PROBLEM,
    }.get(hint)
    return join((passing or hint, _("Come again in %(seconds)s s.", seconds=max(1, math.ceil(wait_s)))), " ")


def _lasting_hint(status: int, code: str | None) -> str:
    # Code 10011 means "too many requests" with 429 and "no encryption on this network" with 422.
    if code == "10011":
        return HINTS_BY_STATUS[429] if status == 429 else _NO_ENCRYPTION
    if code is not None and code in HINTS_BY_CODE:
        return HINTS_BY_CODE[code]
    if status >= 500:
        return _SERVER_PROBLEM_HINT
    return HINTS_BY_STATUS.get(status, _DEFAULT_HINT)
