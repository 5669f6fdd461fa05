"""What is written down and what the code does are the same: settings, and the messages browsers get."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard.settings import Settings
from dashboard.web.serializers import CHANGE_TYPES

ROOT = Path(__file__).parent.parent
HELP = {item.name.upper(): item.metadata["help"] for item in fields(Settings)}


def read(path: str) -> str:
    file = ROOT / path
    assert file.is_file(), f"{path} is missing"
    return file.read_text(encoding="utf-8")


def table_rows(text: str) -> dict[str, str]:
    """Rows of README's tables whose first cell is a variable: its name and all that is said about it."""
    rows = re.findall(r"^\|\s*`([A-Z][A-Z_]+)`\s*\|(.*)\|\s*$", text, flags=re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in rows}


def example() -> list[tuple[str, str, str]]:
    """(comment, name, value) of each variable in `.env.example`."""
    found = re.findall(r"((?:^# .*\n)+)^([A-Z_]+)=(.*)$", read(".env.example"), flags=re.MULTILINE)
    return [
        (" ".join(line.removeprefix("# ") for line in said.splitlines()), name, value) for said, name, value in found
    ]


def test_the_readme_explains_every_setting_in_the_code_s_own_words() -> None:
    rows = table_rows(read("README.md"))
    assert set(rows) == set(HELP)
    assert {name: said for name, said in rows.items() if HELP[name] not in said} == {}


def test_the_example_names_every_setting_in_the_code_s_own_words() -> None:
    assert [(name, said) for said, name, _ in example()] == list(HELP.items())


def test_the_example_used_as_it_is_changes_nothing() -> None:
    settings = Settings.from_env({"SECRET_KEY": "s"} | {name: value for _, name, value in example() if value})
    assert settings == Settings.from_env({"SECRET_KEY": "s"})


@pytest.mark.parametrize("change_type", CHANGE_TYPES)
def test_the_live_protocol_describes_every_change(change_type: str) -> None:
    assert f"`{change_type}`" in read("docs/live-protocol.md")


def test_the_page_lists_the_changes_that_the_server_sends() -> None:
    [listed] = re.findall(r"CHANGE_TYPES\s*=\s*\[(.*?)\]", read("static/js/live/client.js"), flags=re.DOTALL)
    assert re.findall(r'"([^"]+)"', listed) == list(CHANGE_TYPES)
