"""The exceptions that cross rooms. Each carries the facts; its sentence says what to do.

DashboardError
├── SettingsError        the environment cannot be used; lists every problem
├── SignatureError       a webhook that cannot be trusted
├── PayloadError         a trusted webhook that cannot be read
├── CommandError         a command that must not be sent; lists every bad field
├── ProviderError        the provider refused, failed or did not answer
├── StoreBusyError       the store cannot commit now; the sender should come again
├── NoApiKeyError        a command or a question for which no API key is configured
├── EventNotFoundError   no such webhook is known
├── ReplayError          a stored webhook that cannot be applied once more
└── CallNotFoundError    no such call is known
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboard.messages import Message, _, join


class DashboardError(Exception):
    """Anything this program raises on purpose."""


class SettingsError(DashboardError):
    """The settings cannot be used. `problems` has one sentence for each, with what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)


class SignatureError(DashboardError):
    """A webhook is not verified. `reason` is a fixed word for logs and counters; `detail` holds no body and no key."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class PayloadError(DashboardError):
    """A verified webhook cannot be read. `problems` names fields, never their values; `sentence` is all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.message = join(problems, "; ")
        super().__init__(self.message)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """Why one field of a command was refused. `allowed` lists the values that would pass, where they can be listed.

    `reason` is said of the field and goes on after its name: "must be text".
    """

    field: str
    reason: str
    allowed: tuple[str, ...] | None = None


class CommandError(DashboardError):
    """A command is not sent because of its parameters."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


@dataclass(slots=True, kw_only=True, eq=False)
class ProviderError(DashboardError):
    """The provider refused a command (`status` is set) or never answered (`status` is None).

    `permanent` says that sending the same again cannot help. `code`, `title` and `detail` are the provider's own;
    `hint` is ours: what a person can do next. `attempts` counts requests sent, `elapsed_ms` covers all of them.
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
        """What went wrong and what to do, in one."""
        code = self.code or self.status or _("no answer")
        return _("%(title)s (%(code)s). %(hint)s", title=self.title, code=code, hint=self.hint)

    def __str__(self) -> str:
        return str(self.message)


class StoreBusyError(DashboardError):
    """The event is not stored. Answer 503: the provider sends it again."""


class NoApiKeyError(DashboardError):
    """No API key is configured, so Telnyx cannot be asked."""

    def __init__(self) -> None:
        super().__init__(_("This dashboard only listens: it has no API key."))


class EventNotFoundError(DashboardError):
    """No such webhook is known."""

    def __init__(self) -> None:
        super().__init__(_("There is no such event."))


class ReplayError(DashboardError):
    """A stored webhook cannot be applied once more. `code` is a fixed word; `hint` says what would help."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class CallNotFoundError(DashboardError):
    """There is no such call here."""

    def __init__(self, call_id: str) -> None:
        super().__init__(_("This dashboard has not heard of that call."))
        self.call_id = call_id
