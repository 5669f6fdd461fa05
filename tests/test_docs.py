"""The documentation of settings and live messages matches the code."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard.settings import Settings
from dashboard.web.serializers import CHANGE_TYPES

ROOT = Path(__file__).parent.parent
HELP = {setting.name.upper(): setting.metadata["help"] for setting in fields(Settings)}


def read(path: str) -> str:
    file = ROOT / path
    assert file.is_file(), f"{path} is missing"
    return file.read_text(encoding="utf-8")


def table_rows(markdown: str) -> dict[str, str]:
    """The rows of README's tables about variables: name and text."""
    rows = re.findall(r"^\|\s*`([A-Z][A-Z_]+)`\s*\|(.*)\|\s*$", markdown, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in rows}


def example_entries() -> list[tuple[str, str, str]]:
    """(comment, name, value) of each variable in `.env.example`."""
    entries = re.findall(r"((?:^# .*\n)+)^([A-Z_]+)=(.*)$", read(".env.example"), flags=re.MULTILINE)
    return [
        (" ".join(line.removeprefix("# ") for line in comment.splitlines()), name, value)
        for comment, name, value in entries
    ]


def test_the_readme_explains_every_setting() -> None:
    rows = table_rows(read("README.md"))
    assert set(rows) == set(HELP)
    assert {name: text for name, text in rows.items() if HELP[name] not in text} == {}


def test_the_example_explains_every_setting() -> None:
    assert [(name, comment) for comment, name, _ in example_entries()] == list(HELP.items())


def test_the_unchanged_example_equals_the_defaults() -> None:
    settings = Settings.from_env({"SECRET_KEY": "s"} | {name: value for _, name, value in example_entries() if value})
    assert settings == Settings.from_env({"SECRET_KEY": "s"})


@pytest.mark.parametrize("change_type", CHANGE_TYPES)
def test_the_live_protocol_describes_every_change(change_type: str) -> None:
    assert f"`{change_type}`" in read("docs/live-protocol.md")


def test_the_page_lists_every_change_type() -> None:
    [list_source] = re.findall(r"CHANGE_TYPES\s*=\s*\[(.*?)\]", read("static/js/live/client.js"), flags=re.DOTALL)
    assert re.findall(r'"([^"]+)"', list_source) == list(CHANGE_TYPES)
