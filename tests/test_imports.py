"""Which room may import which, read from the source.

Each rule is a function from one module to its offences, so that a test can see each rule fail.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# What each room may import beyond itself: the table of docs/architecture.md.
ROOMS: dict[str, set[str]] = {
    "calls": {"messages"},
    "telnyx": {"calls", "errors", "messages"},
    "store": {"calls", "errors", "messages"},
    "live": {"calls"},
    "media": {"calls", "telnyx.media_frames", "errors", "messages"},
    "services": {"calls", "telnyx", "store", "live", "media", "metrics", "errors", "messages"},
    "metrics": set(),
    "web": {"calls", "telnyx", "store", "live", "media", "services", "metrics", "errors", "messages"},
    "server": {"services", "errors"},
    "simulator": set(),
    "errors": {"messages"},
    "settings": {"calls", "errors"},
    "messages": set(),
    "demo": {"errors"},
}
# These build and connect, so they may import everything.
BUILDERS = {"__init__", "__main__", "app", "bootstrap", "startup", "wsgi"}
FLASK_LIBRARIES = ("flask", "flask_socketio", "flask_wtf", "flask_babel", "socketio", "engineio", "werkzeug")
FLASK_ROOMS = {"web", "app", "wsgi", "server", "__init__"}

# The simulator is a program of its own.
READS_ENVIRONMENT = {"settings", "simulator"}

PROVIDER_KEY = re.compile(r"call_control|call_leg_id|call_session_id|transcription_data|event_type|telnyx|stream_url")
PROVIDER_FREE = {"calls", "store", "live"}


@dataclass(frozen=True)
class Module:
    room: str
    name: str
    tree: ast.Module

    def imports(self) -> Iterator[tuple[int, str]]:
        """Each imported module by its full name, with the line."""
        package = ["dashboard", *self.name.split(".")[:-1]]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                parent = package[: len(package) - node.level + 1] if node.level else []
                source = ".".join([*parent, *([node.module] if node.module else [])])
                yield node.lineno, source
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)


def module(name: str, source: str) -> Module:
    """A parsed module. The room is the first part of its name."""
    return Module(room=name.split(".")[0], name=name, tree=ast.parse(source))


@cache
def modules() -> list[Module]:
    result = [module("wsgi", (ROOT / "wsgi.py").read_text(encoding="utf-8"))]
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT / "dashboard").with_suffix("").parts)
        result.append(module(name, path.read_text(encoding="utf-8")))
    return result


def rooms_not_below(module: Module) -> list[str]:
    if _builds(module):
        return []
    allowed = ROOMS[module.room] | {module.room} | (set() if module.room == "simulator" else {"__version__"})
    return [
        f"line {line} imports {imported}"
        for line, imported in module.imports()
        if imported.startswith("dashboard.") and not _is_inside(imported.removeprefix("dashboard."), allowed)
    ]


def _builds(module: Module) -> bool:
    return module.name in BUILDERS or module.name in ("web.__init__", "web.context", "web.routes", "web.socketio")


def _is_inside(name: str, allowed: set[str]) -> bool:
    """Whether a module belongs to one of these rooms."""
    return any(name == room or name.startswith(f"{room}.") or room.startswith(f"{name}.") for room in allowed)


def simulator_from_outside(module: Module) -> list[str]:
    if module.room == "simulator":
        return []
    return [f"line {line}" for line, imported in module.imports() if imported.startswith("dashboard.simulator")]


def flask_outside_its_rooms(module: Module) -> list[str]:
    if module.room in FLASK_ROOMS:
        return []
    return [f"line {line} imports {name}" for line, name in module.imports() if name.split(".")[0] in FLASK_LIBRARIES]


def green_library_outside_the_server(module: Module) -> list[str]:
    if module.name == "wsgi" or module.room == "server":
        return []
    return [f"line {line}" for line, name in module.imports() if name.split(".")[0] in ("eventlet", "gevent")]


def private_names_outside_the_server(module: Module) -> list[str]:
    """Private attributes of other objects. Named tuples and SQLAlchemy's rows document theirs."""
    if module.room in ("server", "simulator", "wsgi"):
        return []
    return [
        f"line {node.lineno} uses {node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and node.attr not in ("_replace", "_mapping")
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "other"))
    ]


def extensions_outside_the_context(module: Module) -> list[str]:
    """Reads of `app.extensions`. Its objects have no types, so only one module reads it."""
    if module.name in ("web.context", "wsgi") or module.room == "server":
        return []
    return [
        f"line {node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "extensions"
    ]


def environment_outside_settings(module: Module) -> list[str]:
    if module.room in READS_ENVIRONMENT:
        return []
    names = ("environ", "environb", "getenv")
    reads = [f"line {node.lineno}" for node in ast.walk(module.tree) if _is_of_os(node, names)]
    return reads + [f"line {line}" for line, name in module.imports() if name in {f"os.{word}" for word in names}]


def _is_of_os(node: ast.AST, names: tuple[str, ...]) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in names
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    )


def settings_in_rooms(module: Module) -> list[str]:
    if _builds(module):
        return []
    return [f"line {line}" for line, imported in module.imports() if imported.startswith("dashboard.settings")]


def provider_words(module: Module) -> list[str]:
    """Names and keys of the provider in provider-free rooms. Docstrings may have them."""
    if module.room not in PROVIDER_FREE:
        return []
    prose = {id(text) for text in _docstrings(module.tree)}
    offences = []
    for node in ast.walk(module.tree):
        for word in _words(node):
            if id(node) not in prose and PROVIDER_KEY.search(word.lower()):
                offences.append(f"line {getattr(node, 'lineno', '?')} says {word}")
    return offences


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.arg() | ast.keyword():
            yield node.arg or ""
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Constant(value=str()):
            yield str(node.value)


def _docstrings(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


RULES = (
    rooms_not_below,
    simulator_from_outside,
    flask_outside_its_rooms,
    green_library_outside_the_server,
    private_names_outside_the_server,
    extensions_outside_the_context,
    environment_outside_settings,
    settings_in_rooms,
    provider_words,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_follows_the_rule(rule: object) -> None:
    assert callable(rule)
    offences = {module.name: lines for module in modules() if (lines := rule(module))}
    assert offences == {}


def test_every_top_level_module_has_a_rule() -> None:
    assert {module.room for module in modules()} - BUILDERS <= set(ROOMS)


@pytest.mark.parametrize(
    ("name", "source", "broken"),
    [
        ("calls.call", "from dashboard.store import Store", rooms_not_below),
        ("calls.call", "from dashboard.errors import DashboardError", rooms_not_below),
        ("store.operations", "import dashboard.live.feed", rooms_not_below),
        ("store.operations", "from ..web.api import calls", rooms_not_below),
        ("live.feed", "from dashboard.store import Store", rooms_not_below),
        ("live.feed", "from dashboard.telnyx.webhooks import payloads", rooms_not_below),
        ("media.receiver", "from dashboard.telnyx.api.client import TelnyxClient", rooms_not_below),
        ("services.commands", "from dashboard.web.errors import Problem", rooms_not_below),
        ("telnyx.api.client", "def late():\n    from dashboard.store import Store", rooms_not_below),
        ("simulator.call", "from dashboard.errors import DashboardError", rooms_not_below),
        ("simulator.call", "from dashboard import calls", rooms_not_below),
        ("startup", "from dashboard.simulator import Simulator", simulator_from_outside),
        ("web.api.calls", "from dashboard import simulator", simulator_from_outside),
        ("services.commands", "from flask import g", flask_outside_its_rooms),
        ("calls.call", "import werkzeug.exceptions", flask_outside_its_rooms),
        ("bootstrap", "import eventlet.tpool", green_library_outside_the_server),
        ("web.socketio", "socketio.server.eio._async['websocket']", private_names_outside_the_server),
        ("web.auth", "app.extensions['auth']", extensions_outside_the_context),
        ("web.api.calls", "import os\nos.environ['HOST']", environment_outside_settings),
        ("wsgi", "from os import getenv", environment_outside_settings),
        ("live.feed", "from dashboard.settings import Settings", settings_in_rooms),
        ("store.row_mapping", "row['call_control_id']", provider_words),
        ("calls.events", "class TelnyxEvent: pass", provider_words),
        ("live.feed", "def show(event_type): pass", provider_words),
    ],
)
def test_a_broken_rule_is_detected(name: str, source: str, broken: object) -> None:
    assert callable(broken)
    assert broken(module(name, source)) != []


def test_prose_may_name_the_provider() -> None:
    assert provider_words(module("calls.switches", '"""As the Telnyx contract says."""')) == []
