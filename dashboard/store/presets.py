"""The saved parameters of commands, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from dashboard.store.operations import OperationResult
from dashboard.store.schema import presets
from dashboard.store.unit_of_work import Operation, UnitOfWork


def all_presets(connection: Connection) -> list[dict[str, Any]]:
    """Every preset, by command and name."""
    query = select(presets).order_by(presets.c.command, presets.c.name)
    return [dict(row._mapping) for row in connection.execute(query)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePreset(Operation):
    """Save parameters under a name. An earlier preset of that name is replaced."""

    command: str
    name: str
    parameters: str

    def execute(self, unit: UnitOfWork) -> OperationResult:
        unit.save_preset({"command": self.command, "name": self.name, "parameters": self.parameters})
        return OperationResult(is_new=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePreset(Operation):
    """Delete a preset. `is_new` says whether there was one."""

    command: str
    name: str

    def execute(self, unit: UnitOfWork) -> OperationResult:
        return OperationResult(is_new=unit.delete_preset(self.command, self.name))
