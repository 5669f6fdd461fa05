"""The servers that are measured, each a process of its own. Knows how to start them, not what to ask them."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"
HOST = "127.0.0.1"
READY_S = 30.0
END_S = 15.0
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to build such a server, started in the folder `root`.

    `watches` says that its clients name the call they want to follow.
    """

    name: str
    command: tuple[str, ...]
    watches: bool = False
    tells: bool = True
    root: Path = ROOT


PRODUCT = Kind("dashboard", (sys.executable, "wsgi.py"), watches=True)
EVENTLET = Kind("Flask-SocketIO, eventlet", (sys.executable, str(PEERS / "flask_socketio_eventlet.py")))
GEVENT = Kind("Flask-SocketIO, gevent", (sys.executable, str(PEERS / "flask_socketio_gevent.py")))
NODE = Kind("Node, socket.io", ("node", str(PEERS / "node" / "server.mjs")))
BARE = Kind("bare eventlet, 204", (sys.executable, str(PEERS / "bare_eventlet.py")), tells=False)
KINDS = (PRODUCT, EVENTLET, GEVENT, NODE, BARE)


def installed() -> tuple[Kind, ...]:
    """The kinds that can run here; installs what the Node one needs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("Node.js was not found: its rows are left out.", file=sys.stderr)
        return tuple(kind for kind in KINDS if kind is not NODE)
    if not (PEERS / "node" / "node_modules").is_dir():
        quiet = ("--silent", "--no-audit", "--no-fund")
        subprocess.run(["npm", "ci", "--prefix", str(PEERS / "node"), *quiet], check=True)
    return KINDS


class Server:
    """A running server of one kind. The dashboard gets a database of its own, with the durability it ships with."""

    def __init__(self, kind: Kind, *, public_key: str, folder: Path, database: Path | None = None) -> None:
        self.kind = kind
        self.port = _free_port()
        self._folder = folder
        file = database or folder / f"{self.port}.sqlite3"
        self._environment = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "HOST": HOST,
            "PORT": str(self.port),
            "NODE_ENV": "production",
            "TELNYX_PUBLIC_KEY": public_key,
            "DATABASE_URL": f"sqlite:///{file}",
            "SECRET_KEY": "of no use to anybody",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.started_in_s = 0.0

    def __enter__(self) -> Server:
        began = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self.kind.command,
                cwd=self.kind.root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() - began > READY_S:
                self._end()
                raise SystemExit(f"{self.kind.name} does not start:\n{self._log.read_text()}")
            time.sleep(0.005)
        self.started_in_s = time.monotonic() - began
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()
        if kind is not None:
            print(f"--- {self.kind.name} said:\n{self._log.read_text()[-4_000:]}", file=sys.stderr)

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @property
    def processor_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def waited_s(self) -> float:
        """How long its main thread could have run but had no core, so far (Linux, "Scheduler Statistics")."""
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[1]) / 1e9

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=READY_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise ConnectionError(f"{path} answered {answer.status}")
        return body

    @property
    def _log(self) -> Path:
        return self._folder / f"{self.port}.log"

    def _answers(self) -> bool:
        try:
            self.get("/healthz")
        except (OSError, http.client.HTTPException):
            return False
        return True

    def _end(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def environment_of(database: Path) -> Mapping[str, str]:
    """What `python -m dashboard migrate` needs to make the tables of one file."""
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "DATABASE_URL": f"sqlite:///{database}",
    }


def _free_port() -> int:
    """Below the range from which outgoing connections get theirs: those would take it before the server does."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue  # taken
            return port
