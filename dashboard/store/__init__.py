"""Durable storage for calls, transcripts, webhooks and commands."""

from __future__ import annotations

from dashboard.store.operations import (
    CommandStarted,
    ExpireCommand,
    FinishCommand,
    NameSpeakers,
    OperationResult,
    RecordEvent,
    StartCommand,
    StartDial,
)
from dashboard.store.presets import DeletePreset, SavePreset
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
