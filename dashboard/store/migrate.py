"""Migrates a database to the newest schema. Safe at every start and from several processes at once."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect

from dashboard.errors import SettingsError
from dashboard.store.database import Database, normalize_url

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
# Any fixed number: processes that start together take this advisory lock in turn.
MIGRATION_LOCK_ID = 7_316_400


def upgrade(url: str) -> None:
    """Apply missing migrations; creates the folder of an SQLite file. SettingsError for a newer database."""
    address = normalize_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    database = Database(url)
    try:
        database.write(_apply_migrations)
    finally:
        database.close()


def newest_version() -> str:
    """The version this program expects. Names of migration files begin with theirs."""
    return max(path.name for path in (MIGRATIONS_DIR / "versions").glob("[0-9]*.py")).partition("_")[0]


def _apply_migrations(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK_ID})")
    version, expected = _current_version(connection), newest_version()
    if version == expected:
        return
    if version is not None and version > expected:
        reason = f"the database is of version {version}, and this program knows only {expected}"
        raise SettingsError([f"DATABASE_URL cannot be used: {reason}. Start the newer program, or another database."])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Imported here, because a server with nothing to migrate starts a tenth faster without it.
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
