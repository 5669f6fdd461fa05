"""Turns validation errors into one `FieldProblem` for each bad field. Never repeats a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dashboard.errors import FieldProblem
from dashboard.messages import Message, _, ngettext
from dashboard.telnyx.commands.parameter_types import Parameters
from dashboard.telnyx.commands.transcription import ENGINE_CONFIGS, ConfigBranches

Location = tuple[int | str, ...]

_REQUIRED = _("is required")
_NOT_ALLOWED = _("is not one of the allowed values")
_REASONS: Mapping[str, str] = {
    "missing": _REQUIRED,
    "string_type": _("must be text"),
    "string_unicode": _("must be text without broken characters"),
    "bool_type": _("must be true or false"),
    "int_type": _("must be a whole number"),
    "float_type": _("must be a number"),
    "finite_number": _("must be a finite number"),
    "list_type": _("must be a list"),
    "dict_type": _("must be an object"),
    "model_type": _("must be an object"),
    "model_attributes_type": _("must be an object"),
    "string_pattern_mismatch": _("has characters or a form that is not allowed here"),
}
# Parameters that old examples put where they no longer belong.
_MOVED_TO_ENGINE_CONFIG = _("belongs inside transcription_engine_config")
_MOVED_PARAMETERS = {
    "target": _("no longer exists: give rx and tx"),
    "language": _MOVED_TO_ENGINE_CONFIG,
    "interim_results": _MOVED_TO_ENGINE_CONFIG,
}
# Fields of several shapes, and how the validator's path names the shape it took.
_UNION_BRANCHES: dict[str, ConfigBranches] = {
    "transcription_engine_config": ENGINE_CONFIGS,
    "to": {"one": {}, "many": {}},
}
_TAG_ERRORS = frozenset({"union_tag_not_found", "union_tag_invalid"})
_MAX_NAME_LENGTH = 100


def field_problems(kind: type[Parameters], error: ValidationError) -> list[FieldProblem]:
    """One problem for each bad field of `kind`, in the order of declaration."""
    problems: dict[str, FieldProblem] = {}
    for details in error.errors(include_url=False, include_input=False):
        problem = _build_problem(kind, details)
        # A value that fits none of several types is reported once for each of them; the first is enough.
        problems.setdefault(problem.field, problem)
    return list(problems.values())


def _build_problem(kind: type[Parameters], details: ErrorDetails) -> FieldProblem:
    path, owner, branches = _locate(kind, details["loc"])
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            moved = _MOVED_PARAMETERS.get(path[-1]) if len(path) == 1 else None
            return _problem_at(path, moved or _("is not a parameter here"), _known_names(owner))
        case tag_error if tag_error in _TAG_ERRORS:
            discriminator = str(context["discriminator"]).strip("'")
            reason = _REQUIRED if tag_error == "union_tag_not_found" else _NOT_ALLOWED
            return _problem_at([*path, discriminator], reason, tuple(branches) or None)
        case "literal_error":
            return _problem_at(path, _NOT_ALLOWED, _quoted_values(context["expected"]))
        case "field_problem":
            return _problem_at([*path, context["field"]], context["reason"])
        case known if known in _REASONS:
            return _problem_at(path, _REASONS[known])
        case other:
            return _problem_at(path, _limit_message(other, context) or _validator_message(details, context))


def _limit_message(kind: str, context: Mapping[str, Any]) -> Message | None:
    match kind:
        case "string_too_short":
            least = context["min_length"]
            return ngettext("must have at least %(num)s character", "must have at least %(num)s characters", least)
        case "string_too_long":
            most = context["max_length"]
            return ngettext("must have at most %(num)s character", "must have at most %(num)s characters", most)
        case "too_short":
            least = context["min_length"]
            return ngettext("must have at least %(num)s entry", "must have at least %(num)s entries", least)
        case "too_long":
            most = context["max_length"]
            return ngettext("must have at most %(num)s entry", "must have at most %(num)s entries", most)
        case "greater_than_equal":
            return _("must be at least %(least)s", least=context["ge"])
        case "less_than_equal":
            return _("must be at most %(most)s", most=context["le"])
    return None


def _validator_message(details: ErrorDetails, context: Mapping[str, Any]) -> str:
    """The message of our own validators, or the library's where we have none."""
    raised = context.get("error")
    return raised.args[0] if isinstance(raised, ValueError) and raised.args else details["msg"]


def _problem_at(path: Sequence[str], reason: str, allowed: tuple[str, ...] | None = None) -> FieldProblem:
    return FieldProblem(field=".".join(path) or "params", reason=reason, allowed=allowed)


def _locate(kind: type[Parameters], location: Location) -> tuple[list[str], type[Parameters], ConfigBranches]:
    """The path as a person would write it, the model of its last step, and the choices left there.

    The validator's own path also names the branches of unions, which were not sent.
    """
    path: list[str] = []
    owner = kind
    branches: ConfigBranches = {}
    for step in location:
        name = str(step)[:_MAX_NAME_LENGTH]
        taken = branches.get(name)
        if taken is None:
            path.append(name)
            branches = _UNION_BRANCHES.get(name, {})
            owner = _nested_model(owner, name) or owner
        elif isinstance(taken, type):
            owner, branches = taken, {}
        else:
            branches = taken
    return path, owner, branches


def _nested_model(owner: type[Parameters], name: str) -> type[Parameters] | None:
    field = owner.model_fields.get(name)
    return _first_model(field.annotation) if field else None


def _first_model(annotation: object) -> type[Parameters] | None:
    if isinstance(annotation, type) and issubclass(annotation, Parameters):
        return annotation
    return next(filter(None, map(_first_model, get_args(annotation))), None)


def _known_names(owner: type[Parameters]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in owner.model_fields.items())


def _quoted_values(expected: str) -> tuple[str, ...]:
    """The values in a text such as "'a', 'b' or 'c'" or "8000 or 16000"."""
    return tuple(text or number for text, number in re.findall(r"'([^']*)'|([0-9]+)", expected))
