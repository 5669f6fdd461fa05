"""Migrations make exactly the tables of the schema."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from dashboard.errors import SettingsError
from dashboard.store.database import Database
from dashboard.store.migrate import upgrade
from dashboard.store.schema import metadata

from .records import run_in_threads

SQLITE_OBJECTS = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
POSTGRES_OBJECTS = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'folder' / 'dashboard.sqlite3'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def indexes(database: Database) -> dict[str, str]:
    query = text(SQLITE_OBJECTS if database.is_sqlite else POSTGRES_OBJECTS)

    def read_indexes(connection: Connection) -> dict[str, str]:
        return {name: " ".join(sql.split()) for name, sql in connection.execute(query) if "alembic" not in name}

    return database.read(read_indexes)


def is_in_schema(_object: object, name: str | None, *_others: object) -> bool:
    """Whether the schema describes a table. The search index differs between databases, so it does not."""
    return not (name or "").startswith("search_")


def test_migrations_make_the_tables_of_the_schema(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)
    try:
        options = {"include_object": is_in_schema}
        differences = database.read(
            lambda connection: compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        )
        assert differences == []
    finally:
        database.close()


def test_migrations_make_the_indexes_of_the_schema(empty_url: str) -> None:
    """Alembic does not compare the order and conditions of indexes."""
    upgrade(empty_url)
    database = Database(empty_url)

    def recreate_tables(connection: Connection) -> None:
        metadata.drop_all(connection)
        metadata.create_all(connection)

    try:
        migrated = indexes(database)
        database.write(recreate_tables)
        assert migrated == indexes(database)
        assert "calls_running" in migrated
    finally:
        database.close()


def test_a_second_upgrade_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    database = Database(empty_url)
    try:
        before = indexes(database)
        upgrade(empty_url)
        assert indexes(database) == before
    finally:
        database.close()


def test_processes_that_start_together_upgrade_once(empty_url: str) -> None:
    code = "import sys; from dashboard.store.migrate import upgrade; upgrade(sys.argv[1])"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors


def test_threads_that_start_together_upgrade_once(empty_url: str) -> None:
    assert run_in_threads(*[lambda: upgrade(empty_url)] * 3) == [None] * 3


def test_a_newer_database_is_refused_with_a_remedy(database_url: str) -> None:
    database = Database(database_url)
    database.write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(SettingsError, match="of version 9999.*newer program"):
        upgrade(database_url)
