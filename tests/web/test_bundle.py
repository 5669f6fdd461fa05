"""Modules become one file that does the same; what cannot be joined is told at start, not by a browser."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.app import ROOT
from dashboard.web.assets.bundle import bundle_modules

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="no Node.js to run scripts with")


def run(script: str, folder: Path) -> str:
    assert NODE is not None
    path = folder / "joined.mjs"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(path)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_node
def test_joined_modules_do_what_they_did_alone(tmp_path: Path) -> None:
    sources = {
        "js/app.js": 'import "./first.js";\nimport {\n  twice as double,\n  Greeter,\n} from "./lib/words.js";\n'
        'const name = "app";\nconsole.log(name, double(4), new Greeter().word());\n',
        "js/first.js": 'const name = "first";\nconsole.log(name);\n',
        "js/lib/words.js": 'import { two } from "./two.js";\nconst name = "hidden";\nexport function twice(n) {\n'
        "  return n * two;\n}\nexport class Greeter {\n  word() {\n    return name;\n  }\n}\n",
        "js/lib/two.js": "// Two.\nexport const two = 2;\n",
    }
    found = bundle_modules(sources)
    assert list(found) == ["js/app.js"]
    assert run(found["js/app.js"], tmp_path) == "first\napp 8 hidden\n"


def test_a_module_that_several_need_runs_once() -> None:
    sources = {
        "a.js": 'import "./b.js";\nimport "./c.js";\n',
        "b.js": 'import "./d.js";\n',
        "c.js": 'import "./d.js";\n',
        "d.js": "only();\n",
    }
    assert bundle_modules(sources)["a.js"].count("only();") == 1


def test_a_script_alone_stays_as_it_is() -> None:
    assert bundle_modules({"theme.js": "// Why.\n{\n}\n"}) == {"theme.js": "// Why.\n{\n}\n"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('import { a } from "./gone.js";\n', "gone.js, which does not exist"),
        ('import lib from "./b.js";\n', "cannot be joined"),
        ('import * as lib from "./b.js";\n', "cannot be joined"),
        ('import { a } from "https://cdn.example/a.js";\n', "cannot be joined"),
        ('import "./b.js";\nexport default 1;\n', "cannot be joined"),
        ('import "./b.js";\nexport let changing = 1;\n', "cannot be joined"),
        ('import "./b.js";\nexport { a };\n', "cannot be joined"),
    ],
)
def test_what_it_does_not_understand_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        bundle_modules({"a.js": f'import "./b.js";\n{text}', "b.js": "export const a = 1;\n"})


def test_a_circle_is_refused() -> None:
    circle = {"a.js": 'import "./b.js";\n', "b.js": 'import "./c.js";\n', "c.js": 'import "./b.js";\n'}
    with pytest.raises(ValueError, match="imports itself by way of"):
        bundle_modules(circle)


def test_every_page_begins_with_a_module_of_its_own() -> None:
    folder = ROOT / "static"
    sources = {path.relative_to(folder).as_posix(): path.read_text() for path in (folder / "js").rglob("*.js")}
    pages = {*(f"pages/{page}" for page in ("console", "events", "reader", "search", "setup")), "theme"}
    assert set(bundle_modules(sources)) == {f"js/{name}.js" for name in pages}
