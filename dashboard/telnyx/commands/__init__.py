"""Builds and validates the commands for a call: names, paths and bodies. All bad fields are reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import _
from dashboard.telnyx.commands import lifecycle, media, transcription
from dashboard.telnyx.commands.parameter_types import CommandParameters
from dashboard.telnyx.commands.validation import field_problems

COMMANDS: Mapping[str, type[CommandParameters]] = MappingProxyType(
    {
        "transcription_start": transcription.TranscriptionStart,
        "transcription_stop": transcription.TranscriptionStop,
        "streaming_start": media.StreamingStart,
        "streaming_stop": media.StreamingStop,
        "fork_start": media.ForkStart,
        "fork_stop": media.ForkStop,
        "answer": lifecycle.Answer,
        "reject": lifecycle.Reject,
        "hangup": lifecycle.Hangup,
        "dial": lifecycle.Dial,
    }
)

# What each command is called where people read of it.
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "transcription_start": _("Transcription start"),
        "transcription_stop": _("Transcription stop"),
        "streaming_start": _("Streaming start"),
        "streaming_stop": _("Streaming stop"),
        "fork_start": _("Fork start"),
        "fork_stop": _("Fork stop"),
        "answer": _("Answer"),
        "reject": _("Reject"),
        "hangup": _("Hangup"),
        "dial": _("Dial"),
    }
)

# "." and ".." would climb out of the path: HTTP libraries resolve them.
_ID = re.compile(r"(?!\.{1,2}$)[!-~]{1,512}")
_PATH_SAFE = "!$&'()*+,;=:@"
# Fields in which one-time tokens may travel.
URL_FIELDS = frozenset({"stream_url", "webhook_url", "audio_url"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, ready to be sent. `body` is the JSON object as sent, `command_id` included.

    `secrets` names the fields of `body` that must not be shown; `notes` are sentences about values that may not work.
    """

    name: str
    call_id: str | None
    command_id: str
    # Out of the repr: it may hold secrets and telephone numbers.
    body: Mapping[str, object] = field(repr=False)
    secrets: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The path below the API's base address, quoted as the official SDK does."""
        if self.call_id is None:
            return "/calls"
        return f"/calls/{path_segment('call_id', self.call_id)}/actions/{self.name}"

    def public_body(self) -> dict[str, object]:
        """The body without secrets. Addresses lose their query and user, where one-time tokens travel."""
        shown = {name: value for name, value in self.body.items() if name not in self.secrets}
        for name in URL_FIELDS & shown.keys():
            shown[name] = _redact_url(str(shown[name]))
        return shown


def build_command(name: str, call_id: str | None, params: Mapping[str, object], *, command_id: str) -> Command:
    """Validate `params` and build the command. CommandError lists every bad field.

    `params` has Telnyx's names; null means not given; `client_state` is plain text and is encoded here. A `command_id`
    in `params` wins over the argument.
    """
    kind = COMMANDS.get(name)
    if kind is None:
        problem = FieldProblem(field="name", reason=_("is not a command"), allowed=tuple(COMMANDS))
        raise CommandError([problem])
    problems = list(_call_problems(name, call_id))
    # Forms send null for an empty field.
    given = {"command_id": command_id} | {name: value for name, value in params.items() if value is not None}
    try:
        checked = kind.model_validate(given)
    except ValidationError as error:
        problems += field_problems(kind, error)
    if problems:
        raise CommandError(problems)
    body = checked.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Command(
        name=name,
        call_id=call_id,
        command_id=str(body["command_id"]),
        body=body,
        secrets=kind.secret_fields.intersection(body),
        notes=tuple(checked.notes()),
    )


def command_schemas() -> dict[str, dict[str, Any]]:
    """The JSON schema of each command's parameters, by name. A `default` is the provider's and is not sent."""
    return {name: kind.model_json_schema(schema_generator=_FormSchema) for name, kind in COMMANDS.items()}


def path_segment(field_name: str, identifier: str) -> str:
    """An id quoted for a path, as the official SDK does. CommandError names `field_name` for a bad one."""
    if not _ID.fullmatch(identifier):
        raise CommandError([FieldProblem(field=field_name, reason=_("is not an id"))])
    return quote(identifier, safe=_PATH_SAFE)


def _call_problems(name: str, call_id: str | None) -> Iterator[FieldProblem]:
    if name == "dial":
        if call_id is not None:
            yield FieldProblem(field="call_id", reason=_("must not be given: dial makes a new call"))
    elif call_id is None or not _ID.fullmatch(call_id):
        yield FieldProblem(field="call_id", reason=_("must be the call_control_id of a call"))


def _redact_url(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _FormSchema(GenerateJsonSchema):
    """JSON schemas for forms: null means "not given", so it is neither a type nor a default."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        shown = super().default_schema(schema)
        if shown.get("default", ...) is None:
            del shown["default"]
        return shown
