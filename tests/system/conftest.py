"""Servers for tests, each with a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dashboard.simulator import Simulator
from tests.conftest import Signer
from tests.system.provider import RecordingProvider
from tests.system.server import Server, free_port

TOKEN = "a token for the scripts of the test"

# For modules whose tests have to pass with the fast paths of the server and without them.
both_ways = pytest.mark.parametrize(
    "shared_server", ["1", "0"], indirect=True, ids=["fast paths", "usual way"], scope="module"
)


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


def _environment(signer: Signer, folder: Path) -> dict[str, str]:
    return {
        "TELNYX_PUBLIC_KEY": signer.public_key,
        "DATABASE_URL": f"sqlite:///{folder / 'dashboard.sqlite3'}",
        "DASHBOARD_API_TOKEN": TOKEN,
        "SECRET_KEY": "a secret key of the test",
    }


@pytest.fixture(scope="module")
def shared_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, signer: Signer
) -> Iterator[Server]:
    """One server for all tests of a module that leave it as they found it, but for calls of their own."""
    environment = _environment(signer, tmp_path_factory.mktemp("shared"))
    with Server(**environment, SERVER_FAST_PATHS=getattr(request, "param", "1")) as server:
        yield server


@pytest.fixture
def new_server(tmp_path: Path, signer: Signer) -> Iterator[Callable[..., Server]]:
    """A server that trusts `signer`, not yet started; its environment can be changed."""
    made: list[Server] = []

    def make(**changed: str) -> Server:
        made.append(Server(**{**_environment(signer, tmp_path), **changed}))
        return made[-1]

    yield make
    for server in made:
        if server.process is not None:
            server.kill()


@pytest.fixture
def server(new_server: Callable[..., Server]) -> Iterator[Server]:
    with new_server() as server:
        yield server


@pytest.fixture
def provider() -> Iterator[RecordingProvider]:
    with RecordingProvider() as provider:
        yield provider


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., tuple[Server, Simulator]]]:
    """A server and the simulator as its Telnyx, both running."""
    with ExitStack() as stack:

        def start(**options: Any) -> tuple[Server, Simulator]:
            port = free_port()
            simulator = stack.enter_context(Simulator(f"http://127.0.0.1:{port}", **options))
            server = Server(
                TELNYX_API_KEY=simulator.api_key,
                TELNYX_BASE_URL=simulator.base_url,
                DATABASE_URL=f"sqlite:///{tmp_path / 'dashboard.sqlite3'}",
                DASHBOARD_API_TOKEN=TOKEN,
            )
            server.port = port
            server.environment["PORT"] = str(port)
            stack.enter_context(server)
            return server, simulator

        yield start
