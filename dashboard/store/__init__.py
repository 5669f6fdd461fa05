"""Durable memory: events, calls and commands, many in one transaction."""

from __future__ import annotations

from dashboard.store.operations import (
    CommandStarted,
    DeletePreset,
    ExpireCommand,
    FinishCommand,
    NameSpeakers,
    OperationResult,
    RecordEvent,
    SavePreset,
    StartCommand,
    StartDial,
)
from dashboard.store.store import Store

__all__ = [
    "DeletePreset",
    "ExpireCommand",
    "StartDial",
    "NameSpeakers",
    "StartCommand",
    "CommandStarted",
    "RecordEvent",
    "OperationResult",
    "SavePreset",
    "FinishCommand",
    "Store",
]
