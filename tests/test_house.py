"""Names and prose as a stranger expects them, computed from the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dashboard"
GLOSSARY = ROOT / "docs" / "glossary.md"

MAX_ONE_WORD_SHARE = 0.45
MAX_FIRST_SENTENCE_WORDS = 10
MAX_PRONOUN_LINES = 10
PRONOUNS = re.compile(r"\b(nobody|whoever|somebody|everybody)\b", re.IGNORECASE)
PROSE = ("dashboard/**/*.py", "wsgi.py", "static/js/**/*.js", "templates/**/*.html", "docs/*.md", "README.md")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    """The product's own modules: migrations keep their words, the simulator stands alone."""
    paths = [ROOT / "wsgi.py", *PACKAGE.rglob("*.py")]
    return [path for path in paths if not {"migrations", "simulator"} & set(path.parts)]


def nodes_of(paths: list[Path]) -> Iterator[ast.AST]:
    for path in paths:
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def function_names(paths: list[Path]) -> list[str]:
    names = [node.name for node in nodes_of(paths) if isinstance(node, Function)]
    return [name for name in names if not (name.startswith("__") and name.endswith("__"))]


def is_one_word(name: str) -> bool:
    return "_" not in name.strip("_")


def first_sentence_words(docstring: str) -> int:
    return len(re.split(r"(?<=[.!?])\s", docstring.strip(), maxsplit=1)[0].split())


def old_words() -> set[str]:
    """The last column of the glossary."""
    words: set[str] = set()
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[2] not in ("not", "---"):
            words |= {word.strip() for word in cells[2].split(",") if word.strip()}
    return words


def defined_names(paths: list[Path]) -> set[str]:
    names = {path.stem for path in paths}
    return names | {node.name for node in nodes_of(paths) if isinstance(node, Function | ast.ClassDef)}


def test_most_functions_say_what_they_do_to_what() -> None:
    names = function_names(sources())
    share = sum(map(is_one_word, names)) / len(names)
    assert share <= MAX_ONE_WORD_SHARE, f"{share:.0%} of {len(names)} function names are one word"


def test_first_sentences_are_short() -> None:
    documented = ast.Module | ast.ClassDef | Function
    docstrings = [ast.get_docstring(node) for node in nodes_of(sources()) if isinstance(node, documented)]
    lengths = [first_sentence_words(docstring) for docstring in docstrings if docstring]
    assert median(lengths) <= MAX_FIRST_SENTENCE_WORDS, f"{median(lengths)} words"


def test_no_old_word_names_anything() -> None:
    assert old_words() & defined_names(sources()) == set()


def test_the_subject_of_a_sentence_is_a_part_of_the_program() -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for pattern in PROSE
        for path in sorted(ROOT.glob(pattern))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PRONOUNS.search(line)
    ]
    assert len(lines) <= MAX_PRONOUN_LINES, "\n".join(lines)


def test_wsgi_stays_short_and_alone_with_the_server_room_knows_the_green_library() -> None:
    assert len((ROOT / "wsgi.py").read_text(encoding="utf-8").splitlines()) <= 80
    named = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "server" and "eventlet" in path.read_text(encoding="utf-8").lower()
    ]
    assert named == []


def test_the_counts_see_what_they_count() -> None:
    assert is_one_word("_take") and not is_one_word("store_event")
    assert first_sentence_words("Stores one event. It may wait.") == 3
    assert {"Steward", "Door", "give_up"} <= old_words()
    assert PRONOUNS.search("for whoever asks")
