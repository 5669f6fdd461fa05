"""Durable memory: events, calls and commands, many in one transaction."""

from __future__ import annotations

from dashboard.store.operations import (
    DeletePreset,
    GiveUp,
    LogCommand,
    NameSpeakers,
    Press,
    Pressed,
    Recorded,
    RecordEvent,
    SavePreset,
    Settle,
)
from dashboard.store.store import Store

__all__ = [
    "DeletePreset",
    "GiveUp",
    "LogCommand",
    "NameSpeakers",
    "Press",
    "Pressed",
    "RecordEvent",
    "Recorded",
    "SavePreset",
    "Settle",
    "Store",
]
