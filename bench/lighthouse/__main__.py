"""`python -m bench.lighthouse`: Google's audit of every page, as a phone and as a desk see it; fails below the bar.

A call is on, with words of two people and one that rings, as on the pictures. Knows nothing of how pages are made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.browser.conftest import FLAGS, chromium
from tests.browser.screenshots import scene
from tests.browser.stage import SimulatedServer

PROGRAM = Path(__file__).parent / "node_modules" / ".bin" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
FORMS: dict[str, tuple[str, ...]] = {"phone": (), "desk": ("--preset=desktop",)}
BAR = 95
RUN_S = 180
ATTEMPTS = 3
"""The middle one counts: a busy machine can spoil one."""


def main() -> int:
    path = chromium()
    if path is None or not PROGRAM.exists():
        print("Chromium is needed, and Lighthouse: run `make lighthouse`", file=sys.stderr)
        return 1
    missed = []
    print(f"{'page':<10} {'form':<6}  " + "  ".join(CATEGORIES))
    for name, address in pages():
        for form, flags in FORMS.items():
            scores, hints = middle([audited(path, address, flags) for _ in range(ATTEMPTS)])
            cells = (f"{scores[each]:>{len(each)}}" for each in CATEGORIES)
            print(f"{name:<10} {form:<6}  " + "  ".join(cells), flush=True)
            if min(scores.values()) < BAR:
                missed.append(f"{name}, {form}: {'; '.join(hints)}")
    print("\n".join(missed) or f"all at {BAR} or above")
    return 1 if missed else 0


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of each page, while the server that has it runs."""
    with tempfile.TemporaryDirectory() as folder, SimulatedServer(Path(folder)) as stage:
        call = scene(stage)
        yield "console", stage.server.base_url + "/"
        yield "call", stage.call_page_url(call)
        yield "reading", stage.call_page_url(call) + "/read"
        for name, path in (("events", "/events"), ("search", "/search?q=refund"), ("setup", "/setup")):
            yield name, stage.server.base_url + path
    locked = {"DASHBOARD_PASSWORD": "the operators' password", "SECRET_KEY": "of no use to anybody"}
    with tempfile.TemporaryDirectory() as folder, SimulatedServer(Path(folder), **locked) as stage:
        yield "login", stage.server.base_url + "/login"


def audited(browser: str, address: str, flags: tuple[str, ...]) -> dict[str, Any]:
    command = [
        str(PROGRAM),
        address,
        "--quiet",
        "--output=json",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        *flags,
    ]
    environment = os.environ | {"CHROME_PATH": browser}
    for _ in range(ATTEMPTS):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_S)
        if done.returncode == 0:
            break
        # Its own advice where a trace has no beginning (NO_NAVSTART): run it again.
    else:
        raise SystemExit(f"{address}: Lighthouse ended with {done.returncode}\n{done.stderr[-2_000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    if "runtimeError" in report:
        raise SystemExit(f"{address}: {report['runtimeError']['message']}")
    return report


def middle(reports: list[dict[str, Any]]) -> tuple[dict[str, int], list[str]]:
    """The scores, of 100, of the run with the middle performance, and the audits that cost it points."""
    reports.sort(key=lambda report: float(report["categories"]["performance"]["score"]))
    report = reports[len(reports) // 2]
    categories = {name: report["categories"][name] for name in CATEGORIES}
    weighed = {each["id"] for category in categories.values() for each in category["auditRefs"] if each["weight"]}
    lost = [report["audits"][name] for name in sorted(weighed)]
    hints = [f"{each['title']} {each.get('displayValue', '')}".strip() for each in lost if (each["score"] or 0) < 0.9]
    return {name: round(100 * float(each["score"])) for name, each in categories.items()}, hints


if __name__ == "__main__":
    sys.exit(main())
