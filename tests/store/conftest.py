"""Fixtures for stores on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from dashboard.calls.changes import Change
from dashboard.store import Store
from dashboard.store.database import Database
from dashboard.store.migrate import upgrade

from . import postgres

_numbers = itertools.count(1)


def spawn(function: Callable[..., Any], *arguments: Any) -> Thread:
    thread = Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    programs = postgres.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (initdb was not found)")
    with postgres.server(programs) as folder:
        upgrade(_postgres_url(folder, "postgres"))
        yield folder


def _postgres_url(folder: Path, name: str) -> str:
    return f"postgres://postgres@/{name}?host={folder}"


@pytest.fixture
def empty_postgres_url(postgres_socket: Path) -> str:
    return _postgres_url(postgres_socket, _create_database(postgres_socket, template="template1"))


def _create_database(folder: Path, *, template: str) -> str:
    name = f"test_{next(_numbers)}"
    with psycopg.connect(host=str(folder), user="postgres", dbname="template1", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database with tables and no rows."""
    if request.param == "sqlite":
        database_url: str = request.getfixturevalue("database_url")
        return database_url
    folder: Path = request.getfixturevalue("postgres_socket")
    return _postgres_url(folder, _create_database(folder, template="postgres"))


@pytest.fixture
def published() -> list[Change]:
    """The published changes, in order."""
    return []


@pytest.fixture
def new_store(published: list[Change]) -> Iterator[Callable[..., Store]]:
    """Opens stores, each as another process would."""
    stores: list[Store] = []

    def new_store(url: str, publish: Callable[[Sequence[Change]], None] = published.extend) -> Store:
        stores.append(Store(Database(url), spawn=spawn, commit_pause_s=0.0))
        stores[-1].subscribe(publish)
        return stores[-1]

    yield new_store
    for store in stores:
        store.close()


@pytest.fixture
def store(url: str, new_store: Callable[..., Store]) -> Store:
    return new_store(url)
