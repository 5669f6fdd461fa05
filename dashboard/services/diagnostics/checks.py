"""Turns facts into checks: green, amber or red, and what to do. Pure functions.

No check shows a key, a password or a database address, because viewers read them too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from dashboard.errors import ProviderError
from dashboard.messages import _, join, ngettext
from dashboard.metrics import CLOCK_REASONS, WebhookStatsSnapshot
from dashboard.services.diagnostics.probe import ProbeResult
from dashboard.services.diagnostics.urls import is_private_host, same_url
from dashboard.telnyx.webhooks.public_keys import read_public_keys

SLOW_READ_MS = 100
CLOCK_FINE_S = 2.0
# Past 300 s no webhook verifies any more.
CLOCK_BAD_S = 200.0


class State(StrEnum):
    """In order of urgency."""

    OFF = "off"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was found. `action` says what to do, and is there whenever `state` is amber or red."""

    id: str
    state: State
    title: str
    finding: str
    action: str | None = None


def worst_state(checks: Sequence[Check]) -> State:
    return max((check.state for check in checks), key=list(State).index, default=State.OK)


def check_api_key(asked: Sequence[ProbeResult[Any]]) -> Check:
    """Judged by every question asked with it. Empty where there is no key."""
    title = _("API key")
    if not asked:
        action = _("To press buttons and to find running calls, set TELNYX_API_KEY.")
        text = _("Not set: this only listens.")
        return Check(id="api_key", state=State.WARN, title=title, finding=text, action=action)
    good = [answer for answer in asked if answer.is_ok]
    if good:
        text = _("Valid, answered in %(ms)s ms", ms=f"{good[0].elapsed_ms:.0f}")
        return Check(id="api_key", state=State.OK, title=title, finding=text)
    errors = [answer.error for answer in asked if isinstance(answer.error, ProviderError)]
    refused = next((error for error in errors if error.status in (401, 403)), None)
    if refused is not None:
        text = _("Refused: %(why)s", why=refused.title)
        return Check(id="api_key", state=State.BAD, title=title, finding=text, action=refused.hint)
    heard = next((error for error in errors if error.status is not None), None)
    if heard is not None:
        text = _("Could not be tried: Telnyx answered %(status)s", status=heard.status)
        return Check(id="api_key", state=State.WARN, title=title, finding=text, action=heard.hint)
    unheard = _("See whether this server reaches api.telnyx.com, then check again.")
    text, hint = _("Telnyx did not answer"), errors[0].hint if errors else unheard
    return Check(id="api_key", state=State.BAD, title=title, finding=text, action=hint)


def check_public_key(configured: str, account: ProbeResult[str] | None) -> Check:
    """Compare the configured key with the account's key."""
    title, count = _("Public key"), len(read_public_keys(configured))
    if account is None or account.value is None:
        why = _("no API key to ask Telnyx with") if account is None else _("Telnyx did not tell its own")
        return _key_not_compared(count, why)
    try:
        [told] = read_public_keys(account.value)
    except ValueError:
        return _key_not_compared(count, _("what Telnyx told is no key"))
    if told in read_public_keys(configured):
        text = _("The one your account signs with")
        if count > 1:
            text = _("%(count)s keys, one of them your account's", count=count)
        return Check(id="public_key", state=State.OK, title=title, finding=text)
    action = _("Every webhook of this account is refused. Copy the key from Keys & Credentials into TELNYX_PUBLIC_KEY.")
    return Check(id="public_key", state=State.BAD, title=title, finding=_("Not the key of this account"), action=action)


def _key_not_compared(count: int, why: str) -> Check:
    text = ngettext("%(num)s key set, not compared: %(why)s", "%(num)s keys set, not compared: %(why)s", count, why=why)
    action = _("Compare TELNYX_PUBLIC_KEY with Keys & Credentials in the Telnyx portal.")
    return Check(id="public_key", state=State.WARN, title=_("Public key"), finding=text, action=action)


def check_public_url(public_url: str | None, *, demo: bool) -> Check:
    """Whether Telnyx can reach PUBLIC_URL, judged by the address alone."""
    title = _("Public address")
    if demo:
        text = _("Not needed: the simulator runs on this machine")
        return Check(id="public_address", state=State.OFF, title=title, finding=text)
    if public_url is None:
        action = _("Set PUBLIC_URL to the address under which Telnyx reaches this dashboard.")
        text = _("Not set; what is shown is what your browser used")
        return Check(id="public_address", state=State.WARN, title=title, finding=text, action=action)
    parts = urlsplit(public_url)
    if is_private_host(parts.hostname or ""):
        action = _("Use a public host name, or a tunnel to this machine, and set PUBLIC_URL to it.")
        text = _("PUBLIC_URL is an address of a private network: Telnyx cannot reach it")
        return Check(id="public_address", state=State.BAD, title=title, finding=text, action=action)
    if parts.scheme != "https":
        action = _("Put TLS in front and begin PUBLIC_URL with https://. Media streams need it too.")
        text = _("PUBLIC_URL is plain http: speech and numbers travel unencrypted")
        return Check(id="public_address", state=State.WARN, title=title, finding=text, action=action)
    return Check(id="public_address", state=State.OK, title=title, finding=_("https, and not of a private network"))


def check_application(
    told: ProbeResult[Mapping[str, Any]] | None, webhook_url: str, *, is_configured: bool, demo: bool
) -> Check:
    """Whether the application sends version 2 webhooks here (contract 2.1; API reference).

    `is_configured` says that `webhook_url` comes from PUBLIC_URL and not from a browser.
    """
    id, title = "application", _("Telnyx application")
    if told is None:
        action = _("Set TELNYX_CONNECTION_ID to the id of your Voice API application, and an API key.")
        return Check(id=id, state=State.WARN, title=title, finding=_("Not known, so not looked at"), action=action)
    if told.value is None:
        error = told.error
        if isinstance(error, ProviderError) and error.status is not None:
            text = _("Telnyx did not show it: %(why)s", why=error.title)
            if error.status == 404:
                text = _("There is no application with TELNYX_CONNECTION_ID as its id")
            return Check(id=id, state=State.BAD, title=title, finding=text, action=error.hint)
        text, action = _("Telnyx did not answer"), _("Check again later.")
        return Check(id=id, state=State.WARN, title=title, finding=text, action=action)
    version = str(told.value.get("webhook_api_version"))
    if version != "2":
        action = _("Choose API v2 under the application's webhook settings: version 1 has another shape.")
        text = _("Sends webhooks of version %(version)s", version=version)
        return Check(id=id, state=State.BAD, title=title, finding=text, action=action)
    if told.value.get("active") is False:
        action = _("Switch it on in the Telnyx portal.")
        return Check(id=id, state=State.BAD, title=title, finding=_("Switched off at Telnyx"), action=action)
    if not demo and not same_url(told.value.get("webhook_event_url"), webhook_url):
        state = State.BAD if is_configured else State.WARN
        action = _("Set the application's webhook URL to %(url)s.", url=webhook_url)
        return Check(id=id, state=state, title=title, finding=_("Its webhooks go to another address"), action=action)
    return Check(id=id, state=State.OK, title=title, finding=_("Sends its webhooks here, API version 2"))


def check_last_webhook(seen: WebhookStatsSnapshot, *, now: datetime) -> Check:
    id, title = "last_webhook", _("Last verified webhook")
    refused = sum(seen.refused.values())
    most = max(seen.refused, key=lambda reason: seen.refused[reason], default="")
    aside = _("%(count)s refused, most for %(reason)s", count=refused, reason=most) if refused else None
    if seen.last_verified_at is not None:
        ago = _format_age((now - seen.last_verified_at).total_seconds())
        told = _("%(ago)s ago, %(count)s since the start", ago=ago, count=seen.verified)
        return Check(id=id, state=State.OK, title=title, finding=join((told, aside), "; "))
    if refused:
        action = _("Clocks are apart.")
        if most not in CLOCK_REASONS:
            action = _("Compare TELNYX_PUBLIC_KEY with the account's key.")
        text = join((_("None since the start"), aside), "; ")
        return Check(id=id, state=State.BAD, title=title, finding=text, action=action)
    action = _("Call a number of your Voice API application. If nothing comes, look at the application's webhook URL.")
    return Check(id=id, state=State.WARN, title=title, finding=_("None since the start"), action=action)


def check_clock(seen: WebhookStatsSnapshot) -> Check:
    id, title = "clock", _("Clock")
    apart = sum(count for reason, count in seen.refused.items() if reason in CLOCK_REASONS)
    action = _(
        "Turn on time synchronisation. Webhooks verify up to 300 s apart, but delays are shown wrong by as much."
    )
    if seen.clock_ahead_s is None:
        if apart:
            text = ngettext(
                "%(num)s webhook was refused for its time", "%(num)s webhooks were refused for their time", apart
            )
            return Check(id=id, state=State.BAD, title=title, finding=text, action=action)
        return Check(id=id, state=State.OFF, title=title, finding=_("Not known before the first webhook"))
    skew_s = abs(seen.clock_ahead_s)
    if skew_s <= CLOCK_FINE_S:
        text = _("Within %(seconds)s s of Telnyx", seconds=f"{CLOCK_FINE_S:.0f}")
        return Check(id=id, state=State.OK, title=title, finding=text)
    text = _("About %(seconds)s s behind Telnyx", seconds=f"{skew_s:.0f}")
    if seen.clock_ahead_s > 0:
        text = _("About %(seconds)s s ahead of Telnyx", seconds=f"{skew_s:.0f}")
    state = State.BAD if skew_s > CLOCK_BAD_S else State.WARN
    return Check(id=id, state=state, title=title, finding=text, action=action)


def check_store(read: ProbeResult[str], *, backend: str, expected: str | None) -> Check:
    """`read` is the schema's version."""
    id, title = "store", _("Database")
    if read.value is None:
        action = _("Webhooks are refused meanwhile, and Telnyx sends them again. See whether the database runs.")
        text = _("%(backend)s does not answer", backend=backend)
        return Check(id=id, state=State.BAD, title=title, finding=text, action=action)
    ms = round(read.elapsed_ms, 1)
    told = _("%(backend)s, reads in %(ms)s ms, schema %(schema)s", backend=backend, ms=ms, schema=read.value)
    if read.value != expected:
        action = _("This program expects schema %(schema)s. Run python -m dashboard migrate.", schema=expected)
        return Check(id=id, state=State.BAD, title=title, finding=told, action=action)
    if read.elapsed_ms > SLOW_READ_MS:
        action = _("Look at the load of the database and at the way to it.")
        return Check(id=id, state=State.WARN, title=title, finding=told, action=action)
    return Check(id=id, state=State.OK, title=title, finding=told)


def check_broker(pinged: ProbeResult[bool] | None) -> Check:
    id, title = "broker", "Redis"
    if pinged is None:
        return Check(id=id, state=State.OFF, title=title, finding=_("Not used: right for one process"))
    if pinged.is_ok:
        text = _("Answers in %(ms)s ms", ms=round(pinged.elapsed_ms, 1))
        return Check(id=id, state=State.OK, title=title, finding=text)
    action = _("Start it: lines reach some browsers only. A single process needs none; then remove REDIS_URL.")
    text = _("REDIS_URL is set, but nothing answers there")
    return Check(id=id, state=State.BAD, title=title, finding=text, action=action)


def check_transport() -> Check:
    """The browser fills this in."""
    return Check(id="transport", state=State.OFF, title=_("Live updates"), finding=_("Known to your browser only"))


def check_simulator(asked: Sequence[ProbeResult[Any]]) -> Check:
    id, title = "simulator", _("Simulator")
    if any(answer.is_ok for answer in asked):
        return Check(id=id, state=State.OK, title=title, finding=_("Runs, and plays Telnyx. Nothing is billed"))
    action = _("Start the dashboard again: the simulator starts with it.")
    return Check(id=id, state=State.BAD, title=title, finding=_("Does not answer"), action=action)


def _format_age(seconds: float) -> str:
    seconds = max(0, int(seconds))
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
