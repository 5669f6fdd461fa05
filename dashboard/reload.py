"""`python -m dashboard.reload`: runs wsgi.py, and again whenever a file of ours changes. For development only."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
WATCHED = ("dashboard/**/*.py", "wsgi.py", "templates/**/*.html", "static/css/**/*", "static/js/**/*", ".env")
ROUND_S = 0.5


def state() -> dict[Path, float]:
    return {path: path.stat().st_mtime for pattern in WATCHED for path in ROOT.glob(pattern) if path.is_file()}


def main() -> int:
    while True:
        before = state()
        server = subprocess.Popen([sys.executable, str(ROOT / "wsgi.py")])
        try:
            while state() == before:
                time.sleep(ROUND_S)
            print("a file changed: starting again", file=sys.stderr)
            server.terminate()
            server.wait(10)
        except KeyboardInterrupt:
            return server.wait(10)


if __name__ == "__main__":
    sys.exit(main())
