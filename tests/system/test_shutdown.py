"""A PaaS restarts every process daily: SIGTERM, a few seconds, then the end."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import CALL_ID, Signer
from tests.system import crash
from tests.system.conftest import TOKEN
from tests.system.provider import RecordingProvider
from tests.system.server import Server, Watcher, wait_until


def test_sigterm_finishes_what_was_accepted_also_with_watchers(
    new_server: Callable[..., Server], signer: Signer, provider: RecordingProvider
) -> None:
    server = new_server(TELNYX_API_KEY="KEY_of_the_test", TELNYX_BASE_URL=provider.base_url)
    server.start()
    server.deliver_webhook(signer, "call.initiated")
    crash.start_calls(server, signer)
    stop, report = threading.Event(), crash.CrashReport()
    senders = [crash.WebhookSender(server, signer, report, stop, seed) for seed in range(2)]
    answers: list[tuple[int, Any]] = []
    provider.may_respond.clear()
    press = threading.Thread(target=lambda: answers.append(server.send_command(CALL_ID, "hangup", {}, TOKEN)))
    with Watcher(server, token=TOKEN) as watcher, Watcher(server, token=TOKEN):
        watcher.watch_call(CALL_ID)
        press.start()
        for sender in senders:
            sender.start()
        assert provider.wait_for_commands(1), answers
        wait_until(lambda: len(report.acknowledged) >= 20, "some acknowledged finals")
        asked_at = time.monotonic()
        server.terminate()
        # The stop must wait for the command that is under way, and for nothing else.
        time.sleep(1.5)
        assert server.process is not None and server.process.poll() is None
        provider.may_respond.set()
        assert server.wait(10) == 0
        took_s = time.monotonic() - asked_at
        press.join(5)
    assert [status for status, _ in answers] == [202]
    assert took_s < 10
    assert "finished" in server.log and "Traceback" not in server.log
    stop.set()
    for sender in senders:
        sender.join(10)
    server.start()
    crash.compare_segments(server, report)
    print(f"SIGTERM to exit {took_s:.1f} s, {len(report.acknowledged)} finals acknowledged before")
    assert report.acknowledged and report.is_good, report
    with sqlite3.connect(server.environment["DATABASE_URL"].removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT status, http_status FROM commands").fetchall() == [("accepted", 200)]


def test_idle_server_ends_at_once_and_starts_quickly(new_server: Callable[..., Server]) -> None:
    server = new_server()
    began = time.monotonic()
    server.start()
    print(f"start to first answered request {time.monotonic() - began:.2f} s")
    began = time.monotonic()
    server.terminate()
    assert server.wait(10) == 0
    print(f"SIGTERM to exit {time.monotonic() - began:.2f} s")
    assert "Traceback" not in server.log


def test_second_server_on_the_same_port_says_so(
    shared_server: Server, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    second = new_server(DATABASE_URL=f"sqlite:///{tmp_path / 'other.sqlite3'}", PORT=str(shared_server.port))
    second.launch()
    assert second.wait() == 1
    assert "Cannot start." in second.log and "Traceback" not in second.log
    assert shared_server.is_alive()
