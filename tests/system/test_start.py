"""What a start needs, asks, refuses and leaves behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.demo import SimulatorProcess
from dashboard.errors import SettingsError
from dashboard.settings import Settings
from dashboard.startup import prepare
from tests.conftest import Signer
from tests.system.provider import RecordingProvider, error_body
from tests.system.server import Server, wait_until

KEY = "KEY_of_the_test"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """An address with nothing behind it yet: the server makes its tables itself."""
    return f"sqlite:///{tmp_path / 'made' / 'by' / 'the' / 'server.sqlite3'}"


@pytest.fixture
def starting(database_url: str) -> Callable[..., Server]:
    return lambda **environment: Server(DATABASE_URL=database_url, **environment)


def refused(server: Server) -> str:
    """What a server says that does not want to start."""
    server.launch()
    assert server.wait(20) == 1, server.log
    assert "Traceback" not in server.log, server.log
    assert "Cannot start." in server.log
    return server.log


def test_missing_public_key_is_asked_once_and_then_verifies(
    starting: Callable[..., Server], provider: RecordingProvider, signer: Signer
) -> None:
    provider.next_responses.append((200, {"data": {"record_type": "public_key", "public": signer.public_key}}))
    with starting(TELNYX_API_KEY=KEY, TELNYX_BASE_URL=provider.base_url) as server:
        [asked] = [asked for asked in provider.requests if asked.path.endswith("/public_key")]
        assert (asked.method, asked.path) == ("GET", "/v2/public_key")
        assert asked.headers["Authorization"] == f"Bearer {KEY}"
        assert server.deliver_webhook(signer, "call.initiated") == 200
        assert server.deliver_webhook(Signer(), "call.initiated") == 401


def test_without_a_key_to_verify_with_it_does_not_start(
    starting: Callable[..., Server], provider: RecordingProvider
) -> None:
    provider.next_responses.append((401, error_body("10009")))
    said = refused(starting(TELNYX_API_KEY=KEY, TELNYX_BASE_URL=provider.base_url))
    assert "Keys & Credentials" in said and "TELNYX_PUBLIC_KEY" in said
    assert len(provider.requests) == 1 and KEY not in said


def test_beyond_loopback_it_does_not_start_without_a_password(starting: Callable[..., Server], signer: Signer) -> None:
    assert "DASHBOARD_PASSWORD is missing" in refused(starting(HOST="0.0.0.0", TELNYX_PUBLIC_KEY=signer.public_key))


def problem(settings: Settings) -> str:
    """Why these settings are refused before anything is served."""
    with pytest.raises(SettingsError) as refused:
        prepare(settings, port=1, simulator=SimulatorProcess())
    return str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        (404, error_body("10005")),
        (200, {"data": {}}),
        (200, {"data": {"public": "bm90IGEga2V5"}}),
        (200, ["no", "object"]),
    ],
    ids=["not there", "no key inside", "no key at all", "no object"],
)
def test_answer_without_a_key_is_told_with_the_place_to_find_it(
    database_url: str, provider: RecordingProvider, answer: tuple[int, object]
) -> None:
    provider.next_responses.append(answer)
    said = problem(Settings(telnyx_api_key=KEY, telnyx_base_url=provider.base_url, database_url=database_url))
    assert "TELNYX_PUBLIC_KEY" in said and "Keys & Credentials" in said and KEY not in said


def test_provider_out_of_reach_is_told_with_the_place_to_find_the_key(database_url: str) -> None:
    said = problem(Settings(telnyx_api_key=KEY, telnyx_base_url="http://127.0.0.1:9/v2", database_url=database_url))
    assert "TELNYX_PUBLIC_KEY is missing" in said and "Keys & Credentials" in said


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("telnyx_public_key", "too short", "TELNYX_PUBLIC_KEY cannot be used"),
        ("telnyx_public_key", "KEY0123456789ABCDEF", "looks like an API key"),
        ("telnyx_api_key", "KEY with spaces", "TELNYX_API_KEY cannot be used"),
    ],
)
def test_key_that_is_none_is_told_without_repeating_it(
    database_url: str, signer: Signer, name: str, value: str, told: str
) -> None:
    settings = Settings(telnyx_api_key=KEY, telnyx_public_key=signer.public_key, database_url=database_url)
    said = problem(replace(settings, **{name: value}))  # type: ignore[arg-type]
    assert told in said and value not in said


@pytest.mark.parametrize("address", ["postgres://me:secret@127.0.0.1:9/x", "sqlite:////proc/none/x.sqlite3"])
def test_database_that_cannot_be_used_is_told_without_its_password(address: str, signer: Signer) -> None:
    said = problem(Settings(telnyx_public_key=signer.public_key, database_url=address))
    assert "DATABASE_URL cannot be used" in said and "secret" not in said and "\n  - " in said


def test_demo_shows_three_talking_calls_and_leaves_nothing_behind(starting: Callable[..., Server]) -> None:
    with starting() as server:
        assert "(demo)" in server.log

        def talking() -> bool:
            calls: list[dict[str, Any]] = server.get_json("/api/calls")["calls"]
            return len([call for call in calls if call["state"] == "answered" and call["lines"] > 0]) >= 3

        wait_until(talking, "three live calls with words", timeout_s=20)
        assert "webhook refused" not in server.log and "Traceback" not in server.log
        assert server.process is not None
        [simulator] = _children(server.process.pid)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(5)
        wait_until(lambda: not _is_running(simulator), "the simulator to end by itself", timeout_s=10)


def test_stopped_demo_takes_its_simulator_along(starting: Callable[..., Server]) -> None:
    with starting() as server:
        assert server.process is not None
        [simulator] = _children(server.process.pid)
        server.terminate()
        assert server.wait(10) == 0
        assert not _is_running(simulator)
        assert "Traceback" not in server.log


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
