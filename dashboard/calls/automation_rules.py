"""Rules that start and stop switches automatically. Pure functions of calls and the time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dashboard.calls.call import Call, CallState
from dashboard.calls.events import Direction
from dashboard.calls.switches import Switch, SwitchName, SwitchState
from dashboard.messages import _, ngettext

STARTED_BY_RULE = _("A rule starts it when a call is answered.")

# What carries a copy of the sound away.
MEDIA_COPIES = (SwitchName.STREAMING, SwitchName.FORK)

_NUMBER = re.compile(r"\+[0-9]{1,15}\*?")


class Scope(StrEnum):
    ALWAYS = "always"
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Start `switch` on calls that match. `number` is E.164, or its beginning followed by `*`; None is any."""

    switch: SwitchName
    scope: Scope = Scope.ALWAYS
    number: str | None = None

    def matches(self, call: Call) -> bool:
        if self.scope is not Scope.ALWAYS and call.direction is not Direction(self.scope.value):
            return False
        return self.number is None or any(
            _matches_number(number, self.number) for number in (call.from_number, call.to_number)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The longest transcription: in all, and after the last word. None is no limit."""

    max_duration: timedelta | None = None
    max_silence: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCommand:
    """A command that a rule wants, with its reason. `reason` is shown to people."""

    call_id: str
    switch: SwitchName
    on: bool
    reason: str


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse rules such as `transcription always; streaming outbound`. ValueError names the rule that cannot be read."""
    return tuple(_parse_rule(part.strip()) for part in text.split(";") if part.strip())


def commands_to_start(call: Call, rules: Iterable[Rule]) -> Iterator[PlannedCommand]:
    """Start commands for an answered call. A switch that was used before is left alone."""
    if call.state is not CallState.ANSWERED:
        return
    wanted = {rule.switch for rule in rules if rule.matches(call)}
    for name in SwitchName:
        if name not in wanted or call.switches[name] != Switch():
            continue
        # A call carries one copy of its sound: the second would be refused (Telnyx contract, trap T9).
        if name in MEDIA_COPIES and any(call.switches[other] != Switch() for other in MEDIA_COPIES):
            continue
        if name is SwitchName.FORK and SwitchName.STREAMING in wanted:
            continue
        yield PlannedCommand(call_id=call.call_id, switch=name, on=True, reason=STARTED_BY_RULE)


def command_to_stop(
    call: Call, limits: Limits, *, last_speech_at: datetime | None, now: datetime
) -> PlannedCommand | None:
    """Transcription that costs money for nothing."""
    switch = call.switches[SwitchName.TRANSCRIPTION]
    if switch.state is not SwitchState.ON or switch.on_since is None:
        return None
    reason = None
    if limits.max_duration is not None and now - switch.on_since >= limits.max_duration:
        reason = ngettext(
            "A rule stopped it: it ran for %(num)s minute, the most that is allowed.",
            "A rule stopped it: it ran for %(num)s minutes, the most that is allowed.",
            _to_minutes(limits.max_duration),
        )
    quiet_since = max(switch.on_since, last_speech_at or switch.on_since)
    if reason is None and limits.max_silence is not None and now - quiet_since >= limits.max_silence:
        reason = ngettext(
            "A rule stopped it: no speech for %(num)s minute.",
            "A rule stopped it: no speech for %(num)s minutes.",
            _to_minutes(limits.max_silence),
        )
    if reason is None:
        return None
    return PlannedCommand(call_id=call.call_id, switch=SwitchName.TRANSCRIPTION, on=False, reason=reason)


def cost(running: timedelta, per_minute: float) -> float:
    """What transcription has cost by now, estimated by the second."""
    return max(0.0, running.total_seconds()) / 60 * per_minute


def _parse_rule(text: str) -> Rule:
    words = text.split()
    names: Mapping[str, SwitchName] = {name.value: name for name in SwitchName}
    if not words or words[0] not in names or len(words) > 3:
        raise ValueError(f"{text!r} does not begin with one of {', '.join(names)}")
    when: Scope | None = None
    number: str | None = None
    for word in words[1:]:
        if word in list(Scope) and when is None:
            when = Scope(word)
        elif _NUMBER.fullmatch(word) and number is None:
            number = word
        else:
            raise ValueError(
                f"{word!r} in {text!r} is neither one of always, inbound, outbound nor one number like +1555*"
            )
    return Rule(switch=names[words[0]], scope=when or Scope.ALWAYS, number=number)


def _matches_number(number: str | None, pattern: str) -> bool:
    if number is None:
        return False
    return number.startswith(pattern[:-1]) if pattern.endswith("*") else number == pattern


def _to_minutes(duration: timedelta) -> float:
    return round(duration.total_seconds() / 60, 2)
