"""Default parameters of commands, and problems of the settings that change them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dashboard.calls.automation_rules import Rule
from dashboard.errors import CommandError, FieldProblem
from dashboard.telnyx.commands import COMMANDS, build_command
from dashboard.telnyx.commands.results import SWITCH_COMMANDS

Defaults = Mapping[str, Mapping[str, Any]]

TRANSCRIPTION: Mapping[str, Any] = {
    "transcription_engine": "Deepgram",
    "transcription_engine_config": {
        "transcription_engine": "Deepgram",
        "transcription_model": "deepgram/nova-3",
        "language": "en",
        "interim_results": True,
    },
    "transcription_tracks": "both",
}
STREAMING: Mapping[str, Any] = {"stream_track": "both_tracks", "stream_codec": "PCMU"}
DEMO_FORK: Mapping[str, Any] = {"rx": "udp:127.0.0.1:40000", "tx": "udp:127.0.0.1:40002"}
START_COMMANDS = {switch: name for name, (switch, on) in SWITCH_COMMANDS.items() if on}


def command_defaults(given: Defaults, *, demo: bool) -> dict[str, dict[str, Any]]:
    """The parameters of each command; `given` replaces the built-in ones of a command."""
    fork = DEMO_FORK if demo else {}
    ours: Defaults = {"transcription_start": TRANSCRIPTION, "streaming_start": STREAMING, "fork_start": fork}
    return {name: dict(parameters) for name, parameters in {**ours, **given}.items()}


def default_problems(given: Defaults) -> Iterator[str]:
    """Problems of COMMAND_DEFAULTS. Defaults may be incomplete, because the form asks for the rest."""
    for name, parameters in given.items():
        if name not in COMMANDS:
            yield f"COMMAND_DEFAULTS names {name!r}, which is not a command. Use {', '.join(COMMANDS)}."
            continue
        for secret in sorted(COMMANDS[name].secret_fields & parameters.keys()):
            yield f"COMMAND_DEFAULTS must not hold {name}.{secret}: viewers can read the defaults."
        if "command_id" in parameters:
            yield f"COMMAND_DEFAULTS must not hold {name}.command_id: every press needs one of its own."
        for problem in _command_problems(name, parameters):
            if problem.field.partition(".")[0] in parameters:
                yield f"COMMAND_DEFAULTS cannot be used: {name}.{_problem_sentence(problem)}."


def rule_problems(rules: Iterable[Rule], defaults: Defaults, *, is_reachable: bool) -> Iterator[str]:
    """Commands of AUTO_START that lack parameters.

    With `is_reachable`, streaming needs no address, because Telnyx reaches the dashboard's own media socket.
    """
    for switch in dict.fromkeys(rule.switch for rule in rules):
        name = START_COMMANDS[switch]
        parameters = defaults.get(name, {})
        for problem in _command_problems(name, parameters):
            if problem.field == "stream_url" and not parameters.get("stream_url"):
                if not is_reachable:
                    yield f"AUTO_START starts {switch}, so set PUBLIC_URL, or {name}.stream_url in COMMAND_DEFAULTS."
            elif problem.field.partition(".")[0] not in parameters:
                yield f"AUTO_START starts {switch}, so COMMAND_DEFAULTS must say {name}.{_problem_sentence(problem)}."


def _command_problems(name: str, parameters: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    try:
        build_command(name, None if name == "dial" else "call", parameters, command_id=str(uuid.uuid4()))
    except CommandError as error:
        return error.problems
    return ()


def _problem_sentence(problem: FieldProblem) -> str:
    allowed = f" ({', '.join(problem.allowed)})" if problem.allowed else ""
    return f"{problem.field} {problem.reason}{allowed}"
