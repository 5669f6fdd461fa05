"""Refusals, silences and broken connections that a test orders for the next answers of the API."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Fault:
    """How the next answers of one action fail.

    `action` is a command's name, `dial`, `status`, `active_calls`, `public_key`, `application`, or `*` for any.
    `body` (an object, sent as JSON) or `raw` (bytes, sent as HTML) replace the usual error body. `reset` breaks the
    connection; `hang_s` keeps silent for so long and then closes. `effect` does the command all the same: only its
    answer is lost.
    """

    action: str
    status: int = 422
    code: str = "90045"
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    raw: bytes | None = None
    reset: bool = False
    hang_s: float = 0.0
    effect: bool = False


class FaultQueue:
    """The faults still to come, first ordered first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[Fault] = []

    def add_fault(self, fault: Fault) -> None:
        with self._lock:
            self._pending.append(fault)

    def take_fault(self, action: str) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._pending if fault.action in (action, "*")), None)
            if fault is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._pending.remove(fault)
            return fault

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()
