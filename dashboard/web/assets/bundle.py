"""Bundles ES modules at start: an entry module and all it imports, as one file.

Each module becomes a function that is called once, in the order of the imports. Only the forms of import and export
that this project uses are known; others are refused at start.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function) (\w+))", re.MULTILINE)
_UNSUPPORTED = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)


def bundle_modules(sources: Mapping[str, str]) -> dict[str, str]:
    """The bundles of the modules that no other module imports, by path. ValueError names what cannot be bundled."""
    imports = {
        path: [_resolve_path(path, found[2]) for found in _IMPORT.finditer(text)] for path, text in sources.items()
    }
    imported = {path for paths in imports.values() for path in paths}
    return {path: _bundle_entry(path, sources, imports) for path in sources if path not in imported}


def _bundle_entry(entry: str, sources: Mapping[str, str], imports: Mapping[str, list[str]]) -> str:
    order: list[str] = []
    _sort_imports(entry, imports, order, ())
    if order == [entry]:
        return sources[entry]
    names = {path: f"module_{number}" for number, path in enumerate(order)}
    return "".join(_wrap_module(path, sources[path], names) for path in order)


def _sort_imports(path: str, imports: Mapping[str, list[str]], order: list[str], import_chain: tuple[str, ...]) -> None:
    """Depth first, as browsers do it."""
    if path in import_chain:
        raise ValueError(f"{path} imports itself by way of {', '.join(import_chain)}")
    if path not in imports:
        raise ValueError(f"{import_chain[-1]} imports {path}, which does not exist")
    for needed in imports[path]:
        if needed not in order:
            _sort_imports(needed, imports, order, (*import_chain, path))
    order.append(path)


def _wrap_module(path: str, text: str, names: Mapping[str, str]) -> str:
    exported = ", ".join(found[1] for found in _EXPORT.finditer(text))

    def import_as_constant(found: re.Match[str]) -> str:
        if found[1] is None:
            return ""
        return f"const {{{found[1].replace(' as ', ': ')}}} = {names[_resolve_path(path, found[2])]};"

    body = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub(import_as_constant, text)))
    other = _UNSUPPORTED.search(body)
    if other is not None:
        raise ValueError(f"{path} cannot be joined: {other[0]}")
    return f"const {names[path]} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();\n"


def _resolve_path(path: str, relative: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), relative))
