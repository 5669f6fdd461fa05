"""Facts become findings: green, amber or red, and what to do. Pure: asks nobody, reads no clock.

No finding holds a key, a password or the address of a database: viewers read them too.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from dashboard.errors import ProviderError
from dashboard.live.wire import JSON
from dashboard.telnyx.keys import read_public_keys
from dashboard.web.asking import Answer
from dashboard.web.verdicts import CLOCK_WORDS, Seen

SLOW_READ_MS = 100
CLOCK_FINE_S = 2.0
CLOCK_BAD_S = 200.0
"""Past 300 s no webhook verifies any more."""


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
    text: str
    action: str | None = None


def check_json(check: Check) -> JSON:
    return {name: getattr(check, name) for name in ("id", "state", "title", "text", "action")}


def worst(checks: Sequence[Check]) -> State:
    return max((check.state for check in checks), key=list(State).index, default=State.OK)


def api_key(asked: Sequence[Answer[Any]]) -> Check:
    """Judged by every question asked with it. Empty where there is no key."""
    title = "API key"
    if not asked:
        action = "To press buttons and to find running calls, set TELNYX_API_KEY."
        return Check(id="api_key", state=State.WARN, title=title, text="Not set: this only listens.", action=action)
    good = [answer for answer in asked if answer.is_ok]
    if good:
        return Check(id="api_key", state=State.OK, title=title, text=f"Valid, answered in {good[0].elapsed_ms:.0f} ms")
    errors = [answer.error for answer in asked if isinstance(answer.error, ProviderError)]
    refused = next((error for error in errors if error.status in (401, 403)), None)
    if refused is not None:
        return Check(id="api_key", state=State.BAD, title=title, text=f"Refused: {refused.title}", action=refused.hint)
    heard = next((error for error in errors if error.status is not None), None)
    if heard is not None:
        text = f"Could not be tried: Telnyx answered {heard.status}"
        return Check(id="api_key", state=State.WARN, title=title, text=text, action=heard.hint)
    action = errors[0].hint if errors else "See whether this server reaches api.telnyx.com, then check again."
    return Check(id="api_key", state=State.BAD, title=title, text="Telnyx did not answer", action=action)


def public_key(configured: str, account: Answer[str] | None) -> Check:
    """Whether webhooks are verified with the key that the account signs with."""
    title, count = "Public key", len(read_public_keys(configured))
    read = "1 key" if count == 1 else f"{count} keys"
    if account is None or account.value is None:
        why = "no API key to ask Telnyx with" if account is None else "Telnyx did not tell its own"
        action = "Compare TELNYX_PUBLIC_KEY with Keys & Credentials in the Telnyx portal."
        text = f"{read} set, not compared: {why}"
        return Check(id="public_key", state=State.WARN, title=title, text=text, action=action)
    try:
        [told] = read_public_keys(account.value)
    except ValueError:
        action = "Compare TELNYX_PUBLIC_KEY with Keys & Credentials in the Telnyx portal."
        text = f"{read} set, not compared: what Telnyx told is no key"
        return Check(id="public_key", state=State.WARN, title=title, text=text, action=action)
    if told in read_public_keys(configured):
        text = "The one your account signs with" if count == 1 else f"{read}, one of them your account's"
        return Check(id="public_key", state=State.OK, title=title, text=text)
    action = "Every webhook of this account is refused. Copy the key from Keys & Credentials into TELNYX_PUBLIC_KEY."
    return Check(id="public_key", state=State.BAD, title=title, text="Not the key of this account", action=action)


def public_address(public_url: str | None, *, demo: bool) -> Check:
    """Whether the provider can reach it, as far as the address itself tells."""
    title = "Public address"
    if demo:
        text = "Not needed: the simulator runs on this machine"
        return Check(id="public_address", state=State.OFF, title=title, text=text)
    if public_url is None:
        action = "Set PUBLIC_URL to the address under which Telnyx reaches this dashboard."
        text = "Not set; what is shown is what your browser used"
        return Check(id="public_address", state=State.WARN, title=title, text=text, action=action)
    parts = urlsplit(public_url)
    if _is_private(parts.hostname or ""):
        action = "Use a public host name, or a tunnel to this machine, and set PUBLIC_URL to it."
        text = "PUBLIC_URL is an address of a private network: Telnyx cannot reach it"
        return Check(id="public_address", state=State.BAD, title=title, text=text, action=action)
    if parts.scheme != "https":
        action = "Put TLS in front and begin PUBLIC_URL with https://. Media streams need it too."
        text = "PUBLIC_URL is plain http: speech and numbers travel readable for everybody on the way"
        return Check(id="public_address", state=State.WARN, title=title, text=text, action=action)
    return Check(id="public_address", state=State.OK, title=title, text="https, and not of a private network")


def application(told: Answer[Mapping[str, Any]] | None, webhook_url: str, *, is_configured: bool, demo: bool) -> Check:
    """Whether the Voice API application sends its webhooks here, in version 2 (contract 2.1; API reference).

    `is_configured` says that `webhook_url` is what PUBLIC_URL says, not what a browser happened to use.
    """
    id, title = "application", "Telnyx application"
    if told is None:
        action = "Set TELNYX_CONNECTION_ID to the id of your Voice API application, and an API key."
        return Check(id=id, state=State.WARN, title=title, text="Not known, so not looked at", action=action)
    if told.value is None:
        error = told.error
        if isinstance(error, ProviderError) and error.status is not None:
            missing = "There is no application with TELNYX_CONNECTION_ID as its id"
            text = missing if error.status == 404 else f"Telnyx did not show it: {error.title}"
            return Check(id=id, state=State.BAD, title=title, text=text, action=error.hint)
        return Check(id=id, state=State.WARN, title=title, text="Telnyx did not answer", action="Check again later.")
    version = str(told.value.get("webhook_api_version"))
    if version != "2":
        action = "Choose API v2 under the application's webhook settings: version 1 has another shape."
        return Check(id=id, state=State.BAD, title=title, text=f"Sends webhooks of version {version}", action=action)
    if told.value.get("active") is False:
        action = "Switch it on in the Telnyx portal."
        return Check(id=id, state=State.BAD, title=title, text="Switched off at Telnyx", action=action)
    if not demo and not _same_address(told.value.get("webhook_event_url"), webhook_url):
        state = State.BAD if is_configured else State.WARN
        action = f"Set the application's webhook URL to {webhook_url}."
        return Check(id=id, state=state, title=title, text="Its webhooks go to another address", action=action)
    return Check(id=id, state=State.OK, title=title, text="Sends its webhooks here, API version 2")


def last_webhook(seen: Seen, *, now: datetime) -> Check:
    id, title = "last_webhook", "Last verified webhook"
    refused = sum(seen.refused.values())
    most = max(seen.refused, key=lambda reason: seen.refused[reason], default="")
    aside = f"; {refused} refused, most for {most}" if refused else ""
    if seen.last_verified_at is not None:
        ago = _span((now - seen.last_verified_at).total_seconds())
        return Check(id=id, state=State.OK, title=title, text=f"{ago} ago, {seen.verified} since the start{aside}")
    if refused:
        action = "Clocks are apart." if most in CLOCK_WORDS else "Compare TELNYX_PUBLIC_KEY with the account's key."
        return Check(id=id, state=State.BAD, title=title, text=f"None since the start{aside}", action=action)
    action = "Call a number of your Voice API application. If nothing comes, look at the application's webhook URL."
    return Check(id=id, state=State.WARN, title=title, text="None since the start", action=action)


def clock(seen: Seen) -> Check:
    id, title = "clock", "Clock"
    apart = sum(count for reason, count in seen.refused.items() if reason in CLOCK_WORDS)
    action = "Turn on time synchronisation. Webhooks verify up to 300 s apart, but delays are shown wrong by as much."
    if seen.clock_ahead_s is None:
        if apart:
            text = f"{apart} webhooks were refused for their time"
            return Check(id=id, state=State.BAD, title=title, text=text, action=action)
        return Check(id=id, state=State.OFF, title=title, text="Not known before the first webhook")
    skew_s = abs(seen.clock_ahead_s)
    if skew_s <= CLOCK_FINE_S:
        return Check(id=id, state=State.OK, title=title, text=f"Within {CLOCK_FINE_S:.0f} s of Telnyx")
    way = "ahead of" if seen.clock_ahead_s > 0 else "behind"
    state = State.BAD if skew_s > CLOCK_BAD_S else State.WARN
    return Check(id=id, state=state, title=title, text=f"About {skew_s:.0f} s {way} Telnyx", action=action)


def store(read: Answer[str], *, backend: str, expected: str | None) -> Check:
    """`read` is the schema's version."""
    id, title = "store", "Database"
    if read.value is None:
        action = "Webhooks are refused meanwhile, and Telnyx sends them again. See whether the database runs."
        return Check(id=id, state=State.BAD, title=title, text=f"{backend} does not answer", action=action)
    told = f"{backend}, reads in {read.elapsed_ms:.1f} ms, schema {read.value}"
    if read.value != expected:
        action = f"This program expects schema {expected}. Run python -m dashboard migrate."
        return Check(id=id, state=State.BAD, title=title, text=told, action=action)
    if read.elapsed_ms > SLOW_READ_MS:
        action = "Look at the load of the database and at the way to it."
        return Check(id=id, state=State.WARN, title=title, text=told, action=action)
    return Check(id=id, state=State.OK, title=title, text=told)


def broker(pinged: Answer[bool] | None) -> Check:
    id, title = "broker", "Redis"
    if pinged is None:
        return Check(id=id, state=State.OFF, title=title, text="Not used: right for one process")
    if pinged.is_ok:
        return Check(id=id, state=State.OK, title=title, text=f"Answers in {pinged.elapsed_ms:.1f} ms")
    action = "Start it: lines reach some browsers only. A single process needs none; then remove REDIS_URL."
    return Check(id=id, state=State.BAD, title=title, text="REDIS_URL is set, but nothing answers there", action=action)


def transport() -> Check:
    """The browser fills this in."""
    return Check(id="transport", state=State.OFF, title="Live updates", text="Known to your browser only")


def simulator(asked: Sequence[Answer[Any]]) -> Check:
    id, title = "simulator", "Simulator"
    if any(answer.is_ok for answer in asked):
        return Check(id=id, state=State.OK, title=title, text="Runs, and plays Telnyx. Nothing is billed")
    action = "Start the dashboard again: the simulator starts with it."
    return Check(id=id, state=State.BAD, title=title, text="Does not answer", action=action)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def _same_address(told: object, ours: str) -> bool:
    return isinstance(told, str) and _comparable(told) == _comparable(ours)


def _comparable(url: str) -> tuple[str, ...]:
    parts = urlsplit(url.strip())
    default = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return parts.scheme, parts.netloc.lower().removesuffix(default), parts.path.rstrip("/"), parts.query


def _span(seconds: float) -> str:
    seconds = max(0, int(seconds))
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
