"""Says in plain words why parameters were refused, one `FieldProblem` for each bad field.

It knows the validator's error types and the shape of our parameter models, and never repeats a value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dashboard.errors import FieldProblem
from dashboard.telnyx.engine_choice import CONFIGS, Branches
from dashboard.telnyx.fields import Parameters

Location = tuple[int | str, ...]

_REASONS = {
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "must be text without broken characters",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "literal_error": "is not one of the allowed values",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "has characters or a form that is not allowed here",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
# Parameters that old examples put where they no longer belong.
_MOVED = {
    "target": "no longer exists: give rx and tx",
    "language": "belongs inside transcription_engine_config",
    "interim_results": "belongs inside transcription_engine_config",
}
# Fields of several shapes, and how the validator's path names the shape it took.
_UNIONS: dict[str, Branches] = {"transcription_engine_config": CONFIGS, "to": {"one": {}, "many": {}}}
_TAG_ERRORS = frozenset({"union_tag_not_found", "union_tag_invalid"})
_LONGEST_NAME = 100


def field_problems(kind: type[Parameters], error: ValidationError) -> list[FieldProblem]:
    """One problem for each bad field of `kind`, in the order the fields are declared."""
    problems: dict[str, FieldProblem] = {}
    for details in error.errors(include_url=False, include_input=False):
        problem = _problem(kind, details)
        # A value that fits none of several types is reported once for each of them; the first is enough.
        problems.setdefault(problem.field, problem)
    return list(problems.values())


def _problem(kind: type[Parameters], details: ErrorDetails) -> FieldProblem:
    path, owner = _walk(kind, details["loc"])
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            moved = _MOVED.get(path[-1]) if len(path) == 1 else None
            return _at(path, moved or "is not a parameter here", _known_names(owner))
        case tag_error if tag_error in _TAG_ERRORS:
            discriminator = str(context["discriminator"]).strip("'")
            missing = tag_error == "union_tag_not_found"
            reason = _REASONS["missing" if missing else "literal_error"]
            return _at([*path, discriminator], reason, _quoted(context.get("expected_tags", "")) or None)
        case "literal_error":
            return _at(path, _REASONS["literal_error"], _quoted(context["expected"]))
        case "field_problem":
            return _at([*path, context["field"]], details["msg"])
        case known if known in _REASONS:
            return _at(path, _REASONS[known].format_map(context))
        case _:
            return _at(path, details["msg"].removeprefix("Value error, "))


def _at(path: Sequence[str], reason: str, allowed: tuple[str, ...] | None = None) -> FieldProblem:
    return FieldProblem(field=".".join(path) or "params", reason=reason, allowed=allowed)


def _walk(kind: type[Parameters], location: Location) -> tuple[list[str], type[Parameters]]:
    """The path as a person would write it, and the model in which its last step was looked for.

    The validator's own path also names the branches of unions it took; those are no part of what was sent.
    """
    path: list[str] = []
    owner = kind
    branches: Branches = {}
    for step in location:
        name = str(step)[:_LONGEST_NAME]
        taken = branches.get(name)
        if taken is None:
            path.append(name)
            branches = _UNIONS.get(name, {})
            owner = _nested(owner, name) or owner
        elif isinstance(taken, type):
            owner, branches = taken, {}
        else:
            branches = taken
    return path, owner


def _nested(owner: type[Parameters], name: str) -> type[Parameters] | None:
    field = owner.model_fields.get(name)
    return _first_model(field.annotation) if field else None


def _first_model(annotation: object) -> type[Parameters] | None:
    if isinstance(annotation, type) and issubclass(annotation, Parameters):
        return annotation
    return next(filter(None, map(_first_model, get_args(annotation))), None)


def _known_names(owner: type[Parameters]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in owner.model_fields.items())


def _quoted(expected: str) -> tuple[str, ...]:
    """The values of a sentence such as "'a', 'b' or 'c'" or "8000 or 16000"."""
    return tuple(text or number for text, number in re.findall(r"'([^']*)'|([0-9]+)", expected))
