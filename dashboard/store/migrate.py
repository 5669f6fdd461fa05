"""Brings a database to the tables this program expects. Safe at every start and from several processes at once."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dashboard.store.database import Database, normalized_url

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_316_400
"""Any fixed number: two releases that start together take turns on it."""


def upgrade(url: str) -> None:
    """Apply what is missing. Makes the folder of an SQLite file if it is not there."""
    address = normalized_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(url)
    try:
        database.write(_upgrade)
    finally:
        database.close()


def newest() -> str | None:
    """The version that this program expects."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    logging.getLogger("alembic").setLevel(logging.WARNING)
    command.upgrade(config, "head")
