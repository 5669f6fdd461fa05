"""The simulator as a whole: it starts, stops without a trace, stands alone, and runs from the command line."""

from __future__ import annotations

import ast
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import dashboard.simulator
from dashboard.simulator import Simulator

from .conftest import Api, Sink

ROOM = Path(dashboard.simulator.__file__).parent
ROOT = ROOM.parent.parent


def test_stop_leaves_no_thread_and_no_port(sink: Sink) -> None:
    before = set(threading.enumerate())
    simulator = Simulator(sink.url, seed=1)
    simulator.start()
    call = simulator.place_call(auto_answer=0.0, transcribe=True)
    assert call.wait_until(lambda c: c.is_answered)
    api = Api(simulator)
    api.act(call, "fork_start", rx="udp:127.0.0.1:9", tx="udp:127.0.0.1:9")
    sink.wait_for("call.transcription")
    simulator.stop()
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("simulator")]
    assert left == []
    with pytest.raises(ConnectionRefusedError):
        api.ask("GET", "/public_key")


def test_stop_does_not_wait_for_a_silent_target_or_a_hanging_request(sink: Sink) -> None:
    sink.answers = [30.0] * 10
    with Simulator(sink.url) as simulator:
        simulator.place_call(auto_answer=None)
        simulator.inject_fault("public_key", hang_s=30.0)
        asking = threading.Thread(target=_ask_in_vain, args=(Api(simulator),))
        asking.start()
        assert simulator.wait_until(lambda s: len(s.requests) == 1)
        sink.wait_for("call.initiated")
        began = time.monotonic()
    assert time.monotonic() - began < 1.0
    asking.join()


def test_stop_does_not_wait_for_an_idle_client(sink: Sink) -> None:
    with Simulator(sink.url) as simulator:
        address = urlsplit(simulator.base_url)
        client = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5.0)
        client.request("GET", "/v2/public_key")
        client.getresponse().read()
        began = time.monotonic()
        # A watchdog, so that a broken stop fails this test instead of hanging the run.
        release = threading.Timer(2.0, client.close)
        release.start()
    assert time.monotonic() - began < 1.0
    release.cancel()
    client.close()


def _ask_in_vain(api: Api) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        api.ask("GET", "/public_key")


def test_it_imports_none_of_the_other_rooms() -> None:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= 1, f"{path.name} reaches out of the room"
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            for name in names:
                top = name.split(".")[0]
                assert top == "nacl" or top in sys.stdlib_module_names, f"{path.name} imports {name}"


def test_running_it_loads_no_web_framework_and_patches_nothing() -> None:
    program = "import sys, dashboard.simulator as s; print(sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert not {"flask", "eventlet", "gevent", "sqlalchemy", "socketio"} & set(ast.literal_eval(done.stdout))


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.simulator", *arguments],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def test_the_demo_talks_within_three_seconds_and_ends_with_its_parent(sink: Sink) -> None:
    with running("--target", sink.url, "--calls", "4", "--announce", "--until-stdin-closes") as process:
        assert process.stdout is not None and process.stdin is not None
        facts = json.loads(process.stdout.readline())
        assert set(facts) == {"base_url", "public_key", "api_key", "connection_id"}
        began = time.monotonic()
        with sink.changed:
            assert sink.changed.wait_for(lambda: len(_talking(sink)) >= 3, timeout=8.0)
        took_s = time.monotonic() - began
        sink.wait_for("call.initiated", 4)
        process.stdin.close()
        assert process.wait(timeout=3.0) == 0
    # Generous for a busy machine; without load it takes about one second.
    assert took_s < 5.0
    assert len(sink.of_type("call.hangup")) == 4


def _talking(sink: Sink) -> set[str]:
    return {event["payload"]["call_control_id"] for event in sink.of_type("call.transcription")}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly(sink: Sink, number: int) -> None:
    with running("--target", sink.url, "--calls", "1") as process:
        sink.wait_for("call.initiated", timeout=10.0)
        process.send_signal(number)
        assert process.wait(timeout=3.0) == 0
        assert process.stdout is not None and process.stderr is not None
        out, err = process.stdout.read(), process.stderr.read()
    assert "export TELNYX_PUBLIC_KEY=" in out and err == ""
    assert "+1555" not in out


def test_it_serves_before_the_target_is_there_and_waits_for_it() -> None:
    with running("--target", "http://127.0.0.1:9", "--announce", "--api-key", "KEY1", "--wait", "30") as process:
        assert process.stdout is not None
        address = urlsplit(json.loads(process.stdout.readline())["base_url"])
        assert address.hostname == "127.0.0.1"
        assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=3.0) == 0


def test_a_target_that_never_comes_up_is_told() -> None:
    with running("--target", "http://127.0.0.1:9", "--announce", "--wait", "0.3") as process:
        assert process.wait(timeout=10.0) == 1
        assert process.stderr is not None and "No server answers" in process.stderr.read()


def test_the_same_seed_gives_the_same_public_key(sink: Sink) -> None:
    seed = bytes(range(32))
    simulator = Simulator(sink.url, private_key_seed=seed)
    assert simulator.public_key == "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    simulator.stop()


def test_once_ends_by_itself(sink: Sink) -> None:
    with running("--target", sink.url, "--calls", "2", "--once", "--speed", "60") as process:
        assert process.wait(timeout=20.0) == 0
    assert len(sink.of_type("call.hangup")) == 2


def test_a_load_keeps_its_rate(sink: Sink) -> None:
    with running("--target", sink.url, "--calls", "3", "--rate", "100") as process:
        first = sink.wait_for("call.transcription", timeout=10.0)
        began = time.monotonic()
        sink.wait_for("call.transcription", len(first) + 150, timeout=10.0)
        took_s = time.monotonic() - began
        process.terminate()
        assert process.wait(timeout=3.0) == 0
    assert 1.0 < took_s < 3.0


def test_bad_options_are_explained() -> None:
    for options in (["--calls", "0"], ["--late", "2"], ["--speed", "-1"], ["--private-key-seed", "00"]):
        done = subprocess.run(
            [sys.executable, "-m", "dashboard.simulator", "--target", "http://127.0.0.1:9", *options],
            cwd=ROOT, capture_output=True, text=True, timeout=30, env=os.environ,
        )  # fmt: skip
        assert done.returncode == 2 and "must be" in done.stderr
