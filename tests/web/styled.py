"""Which classes a page may ever wear, read from its templates and modules, and which file of the styles has them.

Knows the few forms of include, import and macro that this project writes. What a page does not reach does not count:
of an imported template, only the macros that are called.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from dashboard.web.styles import pages_of_blocks

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
STYLES = ROOT / "static" / "css"
SCRIPTS = ROOT / "static"

_MACRO = re.compile(r"\{%-? macro (\w+)\(.*?\{%-? endmacro -?%\}", re.DOTALL)
_IMPORT = re.compile(r'\{%-? from "([^"]+)" import ([^%]*?)(?: with context)? -?%\}')
_WHOLE = re.compile(r'\{%-? (?:extends|include) "([^"]+)" -?%\}')
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_CLASS = re.compile(r'\bclass="((?:\{\{.*?\}\}|\{%.*?%\}|[^"{])*)"')
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NAME = re.compile(r"[a-z][\w-]*\w")
_SCRIPT = re.compile(r"js/[\w/-]+\.js")
_MODULE = re.compile(r'^import (?:\{[^}]*\} from )?"(\.[^"]+)";$', re.MULTILINE)
_WORN = re.compile(r"class(?:List\.\w+\(|Name = )([^;]*)")
_SELECTOR = re.compile(r"(?:^|(?<=[{};]))([^{};@]*)\{")
_NAMED = re.compile(r"\.([a-z][\w-]*)")
_CSS_REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
_SHEET = re.compile(r'\{% set sheet = "(\w+)" %\}')
_BLOCK = re.compile(r"\{%-? (?:block (\w+)|endblock) -?%\}")


def templates_by_page() -> dict[str, str]:
    """The template of each page, by the name of its stylesheet."""
    paths = sorted(TEMPLATES.rglob("*.html"))
    named = ((path, _SHEET.search(path.read_text(encoding="utf-8"))) for path in paths)
    return {found[1]: path.relative_to(TEMPLATES).as_posix() for path, found in named if found}


def classes_of_page(template: str) -> set[str]:
    texts = _reached(template)
    return set().union(*map(_classes_in_markup, texts), *map(_classes_in_script, _modules(texts)))


@cache
def classes_by_block() -> dict[str, frozenset[str]]:
    """By file of the styles: the classes it is about, and not those of others that it only stands beside."""
    files = list(pages_of_blocks((STYLES / "pages.txt").read_text(encoding="utf-8")))
    selectors = {file: _selectors(file) for file in files}
    owners = {file: file for file in files}
    for file in files:
        for subject in filter(None, map(_NAMED.match, selectors[file])):
            owners.setdefault(_stem(subject[1]), file)
    found = {file: {name for each in selectors[file] for name in _NAMED.findall(each)} for file in files}
    return {file: frozenset(name for name in found[file] if owners.get(_stem(name)) == file) for file in files}


def _selectors(file: str) -> list[str]:
    text = _CSS_REMARK.sub("", (STYLES / f"{file}.css").read_text(encoding="utf-8"))
    return [each.strip() for rule in _SELECTOR.findall(text) for each in rule.split(",")]


def _stem(name: str) -> str:
    return re.split("__|--", name)[0]


def _reached(template: str) -> list[str]:
    """The text of a template, of all it extends and includes, and of each macro that can be called from there."""
    texts: list[str] = []
    seen: set[tuple[str, str]] = set()

    def visit(path: str, macro: str = "", replaced: frozenset[str] = frozenset()) -> None:
        if (path, macro) in seen:
            return
        seen.add((path, macro))
        source = _without_blocks(_REMARK.sub("", (TEMPLATES / path).read_text(encoding="utf-8")), replaced)
        macros = {found[1]: found[0] for found in _MACRO.finditer(source)}
        text = macros[macro] if macro else _MACRO.sub("", source)
        texts.append(text)
        callable_here = {name: (path, name) for name in macros} | _imported(source)
        for name, target in callable_here.items():
            if re.search(rf"\b{name}\(", text.partition("%}")[2] if macro else text):
                visit(*target)
        for whole in _WHOLE.findall(text):
            visit(whole, "", frozenset(found[1] for found in _BLOCK.finditer(source) if found[1]))

    visit(template)
    return texts


def _without_blocks(source: str, replaced: frozenset[str]) -> str:
    """What is left of a template where another fills these of its blocks."""
    kept, depth, start = [], 0, 0
    for tag in _BLOCK.finditer(source):
        if depth:
            depth += 1 if tag[1] else -1
            start = tag.end()
        elif tag[1] in replaced:
            kept.append(source[start : tag.start()])
            depth = 1
    return "".join([*kept, source[start:]])


def _imported(source: str) -> dict[str, tuple[str, str]]:
    found = {}
    for path, names in _IMPORT.findall(source):
        for each in names.split(","):
            name, _, alias = each.strip().partition(" as ")
            found[alias or name] = (path, name)
    return found


def _classes_in_markup(text: str) -> set[str]:
    found: set[str] = set()
    for value in _CLASS.findall(text):
        quoted = [a or b for each in _EXPRESSION.findall(value) for a, b in _QUOTED.findall(each)]
        found.update(_NAME.findall(" ".join([_EXPRESSION.sub(" ", value), *quoted])))
    return found


def _modules(texts: list[str]) -> list[str]:
    waiting = [SCRIPTS / name for text in texts for name in _SCRIPT.findall(text)]
    seen: dict[Path, str] = {}
    while waiting:
        path = waiting.pop().resolve()
        if path not in seen:
            seen[path] = path.read_text(encoding="utf-8")
            waiting += [path.parent / name for name in _MODULE.findall(seen[path])]
    return list(seen.values())


def _classes_in_script(text: str) -> set[str]:
    words = (word for group in _WORN.findall(text) for pair in _QUOTED.findall(group) for word in pair)
    return {name for word in words for name in _NAME.findall(word)}
