"""Every file and every name in the documents for contributors exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = ("docs/architecture.md", "CONTRIBUTING.md")
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+\.(py|js|md|html|css)")
NAME = re.compile(r"_?[A-Za-z]\w*(\.\w+)?")
# Words of commands, messages and settings, not of the code.
PLAIN_WORDS = {"ngettext", "tn", "t", "_", "textContent", "innerHTML", "command_id", "call_control_id", "msgid"}


def spans(document: str) -> set[str]:
    text = re.sub(r"```.*?```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(CODE.findall(text))


def defined_names() -> set[str]:
    names: set[str] = set()
    for path in [*(ROOT / "dashboard").rglob("*.py"), ROOT / "wsgi.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


def exists(path: str) -> bool:
    places = ("", "dashboard", "dashboard/telnyx/commands", "docs")
    return any((ROOT / place / path).exists() for place in places)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_named_in_a_document_exists(document: str) -> None:
    files = {span for span in spans(document) if FILE.fullmatch(span) and "<" not in span}
    folders = {span for span in spans(document) if re.fullmatch(r"[\w/]+/", span)}
    assert files and {path for path in files | folders if not exists(path)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_in_a_document_exists(document: str) -> None:
    names = {
        part
        for span in spans(document)
        if NAME.fullmatch(span) and not FILE.fullmatch(span) and not span.isupper()
        if span[0].isupper() or ("_" in span and "." not in span)
        for part in span.split(".")
    }
    assert names - PLAIN_WORDS - defined_names() == set()


def test_a_missing_file_and_a_missing_name_are_found() -> None:
    assert not exists("services/steward.py")
    assert "Steward" not in defined_names()
