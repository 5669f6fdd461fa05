"""The simulator of the demo, as a child process."""

from __future__ import annotations

import json
import subprocess
import sys

from dashboard.errors import SettingsError

CONCURRENT_CALLS = 4


class SimulatorProcess:
    """Runs the simulator in a child process. They share no state, so that the demo reveals real mistakes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, *, target: str) -> dict[str, str]:
        """Start it; returns its address and keys.

        It sends webhooks to `target` and ends with this process, also after a crash. Raises SettingsError.
        """
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
            raise SettingsError(["The simulator of the demo did not start. See its own message above."])
        announcement: dict[str, str] = json.loads(line)
        return announcement

    def stop(self) -> None:
        """End it; kill it after 3 s."""
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
