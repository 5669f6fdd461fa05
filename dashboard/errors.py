"""The exceptions that more than one room uses.

DashboardError
├── SettingsError        the environment cannot be used; lists every problem
├── SignatureError       a webhook that cannot be trusted
├── PayloadError         a trusted webhook that cannot be read
├── CommandError         a command that must not be sent; lists every bad field
├── ProviderError        the provider refused, failed or did not answer
├── StoreBusyError       the store cannot commit now; the sender should try again
├── NoApiKeyError        a command or a question for which no API key is configured
├── EventNotFoundError   no such webhook is known
├── ReplayError          a stored webhook that cannot be applied once more
└── CallNotFoundError    no such call is known

Each carries the facts; its message says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.messages import Message, _, join


class DashboardError(Exception):
    """The base of all errors this program raises on purpose."""


class SettingsError(DashboardError):
    """The settings cannot be used. `problems` holds one sentence for each mistake, with its remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


class SignatureError(DashboardError):
    """A webhook is not verified. `reason` is a fixed word for logs and counters. `detail` has no body and no key."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class PayloadError(DashboardError):
    """A verified webhook cannot be read. `problems` names fields, never values; `message` joins them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.message = join(problems, "; ")
        super().__init__(self.message)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """Why one field of a command was refused.

    `reason` continues a sentence that begins with the field's name: "must be text". `allowed` lists the valid values,
    None where there is no such list.
    """

    field: str
    reason: str
    allowed: tuple[str, ...] | None = None


class CommandError(DashboardError):
    """A command is not sent, because of its parameters."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(slots=True, kw_only=True, eq=False)
class ProviderError(DashboardError):
    """The provider refused a request, or did not answer it.

    `status` is the HTTP status, None without an answer. `permanent` means that a retry cannot help. `code`, `title` and
    `detail` come from the provider; `hint` says what a person can do next. `attempts` counts the requests sent, and
    `elapsed_ms` covers all of them.
    """

    permanent: bool
    status: int | None
    code: str | None
    title: str
    detail: str | None
    hint: str
    attempts: int = 1
    elapsed_ms: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def message(self) -> Message:
        """Title, code and hint in one sentence."""
        code = self.code or self.status or _("no answer")
        return _("%(title)s (%(code)s). %(hint)s", title=self.title, code=code, hint=self.hint)

    def __str__(self) -> str:
        return str(self.message)


class StoreBusyError(DashboardError):
    """A write is not known to be stored. A webhook gets a 503, so that the provider repeats it."""


class NoApiKeyError(DashboardError):
    """No API key is configured, so Telnyx cannot be asked."""

    def __init__(self) -> None:
        super().__init__(_("No API key is configured."))


class EventNotFoundError(DashboardError):
    """No such webhook is stored or remembered."""

    def __init__(self) -> None:
        super().__init__(_("There is no such event."))


class ReplayError(DashboardError):
    """A stored webhook cannot be replayed. `code` is a fixed word; `hint` says what would help."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class CallNotFoundError(DashboardError):
    """No such call is stored."""

    def __init__(self, call_id: str) -> None:
        super().__init__(_("Unknown call."))
        self.call_id = call_id
