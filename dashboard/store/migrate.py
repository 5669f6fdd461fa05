"""Brings a database to the tables this program expects. Safe at every start and from several processes at once."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect

from dashboard.errors import SettingsError
from dashboard.store.database import Database, normalize_url

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
MIGRATION_LOCK_ID = 7_316_400
"""Any fixed number: two releases that start together take turns on it."""


def upgrade(url: str) -> None:
    """Apply what is missing. Makes the folder of an SQLite file if it is not there."""
    address = normalize_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(url)
    try:
        database.write(_apply_migrations)
    finally:
        database.close()


def newest_version() -> str:
    """The version that this program expects: files of migrations begin with theirs, and sort by it."""
    return max(path.name for path in (MIGRATIONS_DIR / "versions").glob("[0-9]*.py")).partition("_")[0]


def _apply_migrations(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK_ID})")
    version, expected = _current_version(connection), newest_version()
    if version == expected:
        return
    if version is not None and version > expected:
        told = f"the database is of version {version}, and this program knows only {expected}"
        raise SettingsError([f"DATABASE_URL cannot be used: {told}. Start the newer program, or another database."])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Only now: a server that has nothing to migrate starts without it, a tenth sooner.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _current_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version
