"""How the suite runs: which tests start programs, their order, and what each process does once."""

from __future__ import annotations

import gc
from pathlib import Path
from types import CodeType

import jinja2
import pytest
from flask import Flask
from jinja2.bccache import Bucket

TESTS = Path(__file__).parent
FOLDERS_WITH_SERVERS = (TESTS / "browser", TESTS / "system")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reverse", action="store_true", help="run the tests in reverse order")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if needs_server(item):
            item.add_marker(pytest.mark.servers)
    if config.getoption("reverse"):
        items.reverse()


def needs_server(item: pytest.Item) -> bool:
    """A test of a browser, of a whole server, or of PostgreSQL."""
    if any(item.path.is_relative_to(folder) for folder in FOLDERS_WITH_SERVERS):
        return True
    callspec = getattr(item, "callspec", None)
    return "postgres_socket" in getattr(item, "fixturenames", ()) or (
        callspec is not None and "postgres" in callspec.params.values()
    )


def pytest_collection_finish() -> None:
    # What was imported stays until the end: looking through it in every collection costs a fifth of the time.
    gc.collect()
    gc.freeze()


class CompiledTemplates(jinja2.BytecodeCache):
    """Templates compiled by an earlier application of this process."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._code[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> None:
    """Compile each template once in a process, not once in each application."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}
