"""The simulator of the demo, as a child process."""

from __future__ import annotations

import json
import subprocess
import sys

from dashboard.errors import SettingsError

CONCURRENT_CALLS = 4


class SimulatorProcess:
    """The demo's own Telnyx, as a process of its own: it must be able to catch our mistakes, so it shares nothing."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, *, target: str) -> dict[str, str]:
        """Its address and keys. It calls back to `target`, and ends when this process does, however that ends."""
        command = [sys.executable, "-m", "dashboard.simulator", "--target", target, "--calls", str(CONCURRENT_CALLS)]
        self._process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0", "--announce", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SettingsError(["The simulator of the demo did not start. Its own message stands above."])
        announced: dict[str, str] = json.loads(line)
        return announced

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
