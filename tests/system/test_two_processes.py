"""Two processes on one database and one broker behave as one. Skipped where no Redis server is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoRedis

from tests.conftest import CALL_ID, Signer, transcription_payload
from tests.system.server import Server, Watcher, free_port, wait_until

TOKEN = "a token for the scripts of the test"
BEARER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server is installed")
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = Redis(port=port)
    try:
        wait_until(lambda: _answers(client), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        process.terminate()
        process.wait(10)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except NoRedis:
        return False


def test_what_one_process_is_told_the_watchers_of_the_other_see(
    new_server: Callable[..., Server], broker: str, signer: Signer
) -> None:
    shared = {"REDIS_URL": broker, "SECRET_KEY": "one secret key for both processes"}
    with new_server(**shared) as one, new_server(**shared) as other, Watcher(other) as watcher:
        one.deliver_webhook(signer, "call.initiated")
        watcher.watch_call(CALL_ID)
        said = [f"line {number}" for number in range(6)]
        for number, words in enumerate(said):
            teller = (one, other)[number % 2]
            assert teller.deliver_webhook(signer, "call.transcription", transcription_payload(words)) == 200
        assert watcher.wait_for(lambda seen: len(seen.segments) == len(said))
        in_order = sorted(watcher.segments, key=lambda segment: segment["seq"])
        assert [segment["text"] for segment in in_order] == said
        assert one.request("GET", "/readyz")[0] == 200


def calls_told(watcher: Watcher) -> dict[int, dict[str, Any]]:
    """Each state of the call that was told of, by its number."""
    told = (change["call"] for change in watcher.changes if change["type"] == "call.updated")
    return {call["seq"]: call for call in told}


def test_a_name_given_through_one_process_is_read_by_the_watchers_of_the_other(
    new_server: Callable[..., Server], broker: str, signer: Signer
) -> None:
    shared = {"REDIS_URL": broker, "SECRET_KEY": "one secret key for both processes", "DASHBOARD_API_TOKEN": TOKEN}
    with new_server(**shared) as one, new_server(**shared) as other, Watcher(other) as watcher:
        one.deliver_webhook(signer, "call.initiated")
        before = watcher.watch_call(CALL_ID)["call"]
        status, body = one.request("PUT", f"/api/calls/{CALL_ID}/speakers", b'{"caller": "Ana"}', BEARER)
        assert status == 200, body
        other.deliver_webhook(signer, "call.answered")
        # One comes from the process itself and one through the broker: they may overtake each other.
        assert watcher.wait_for(lambda seen: {2, 3} <= calls_told(seen).keys())
        names = {"caller": "Ana", "callee": None}
        told = calls_told(watcher)
        assert (before["seq"], [told[seq]["speakers"] for seq in (2, 3)]) == (1, [names, names])


def test_a_process_without_its_broker_is_not_ready_and_still_keeps_what_comes(
    new_server: Callable[..., Server], signer: Signer
) -> None:
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    with new_server(REDIS_URL=nowhere, SECRET_KEY="one secret key for both processes") as server:
        assert server.request("GET", "/readyz")[0] == 503
        assert server.deliver_webhook(signer, "call.initiated") == 200
