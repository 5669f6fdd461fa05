"""A dashboard that was away in mid-call: what it finds out when it comes back, and what nobody can tell it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from dashboard.simulator import SimCall, Simulator
from tests.system.conftest import TOKEN
from tests.system.server import Server, free_port, wait_until

FORK = {"rx": "udp:127.0.0.1:9", "tx": "udp:127.0.0.1:9"}


@dataclass
class Place:
    server: Server
    simulator: Simulator

    def answered_call(self) -> SimCall:
        call = self.simulator.place_call(auto_answer=0.0, paced=False)
        assert call.wait_until(lambda seen: seen.is_answered)
        return call

    def shown(self, call: SimCall) -> dict[str, Any] | None:
        listed = self.server.get_json("/api/calls?limit=200")["calls"]
        return next((shown for shown in listed if shown["id"] == call.call_control_id), None)

    def press(self, call: SimCall, name: str, parameters: dict[str, Any] | None = None) -> int:
        return self.server.send_command(call.call_control_id, name, parameters or {}, TOKEN)[0]

    def shows(self, call: SimCall, name: str, state: str) -> bool:
        def is_so() -> bool:
            shown = self.shown(call)
            return shown is not None and shown["switches"][name]["state"] == state

        wait_until(is_so, f"{name} {state}")
        return True

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """What happens now reaches nobody, not even later: the provider has given up on its webhooks."""
        self._send_webhooks_to("http://127.0.0.1:9/")
        yield
        self._send_webhooks_to(self.simulator.target + "/webhooks/telnyx")

    def _send_webhooks_to(self, address: str) -> None:
        changed = requests.patch(
            f"{self.simulator.base_url}/call_control_applications/{self.simulator.connection_id}",
            json={"webhook_event_url": address},
            headers={"Authorization": f"Bearer {self.simulator.api_key}"},
            timeout=5,
        )
        assert changed.status_code == 200


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


@pytest.fixture
def place(tmp_path: Path, environment: dict[str, str]) -> Iterator[Place]:
    port = free_port()
    with Simulator(f"http://127.0.0.1:{port}", seed=4) as simulator:
        server = Server(
            TELNYX_API_KEY=simulator.api_key,
            TELNYX_BASE_URL=simulator.base_url,
            TELNYX_CONNECTION_ID=simulator.connection_id,
            DATABASE_URL=f"sqlite:///{tmp_path / 'dashboard.sqlite3'}",
            DASHBOARD_API_TOKEN=TOKEN,
            **environment,
        )
        server.port = port
        server.environment["PORT"] = str(port)
        with server:
            yield Place(server, simulator)


def test_server_killed_in_mid_call_finds_out_what_it_missed(place: Place) -> None:
    ended, forked, heard = (place.answered_call() for _ in range(3))
    for call in (ended, forked, heard):
        wait_until(lambda call=call: (place.shown(call) or {}).get("state") == "answered", "the call")
        assert place.press(call, "transcription_start") == 202
    assert place.press(forked, "fork_start", FORK) == 202
    assert place.shows(forked, "fork", "on")

    place.server.kill()
    with place.unheard():
        ended.hang_up()
        forked.media.stop_fork()
        begun = place.answered_call()
        heard.stop_transcription()
    place.server.start()

    wait_until(lambda: place.shown(begun), "the call that began meanwhile")
    wait_until(lambda: (place.shown(ended) or {})["state"] == "ended", "the end of the call")
    over = place.shown(ended)
    assert over is not None and over["ended_at"] is not None
    assert {switch["state"] for switch in over["switches"].values()} == {"off"}
    found = place.shown(begun)
    assert found is not None and (found["state"], found["direction"]) == ("ringing", None)
    assert place.press(begun, "transcription_start") == 202 and begun.is_transcribing

    # Nobody tells that a fork or a transcription was stopped meanwhile: they are put right by the next press.
    for call, name in ((forked, "fork"), (heard, "transcription")):
        assert place.shows(call, name, "on")
        assert place.press(call, f"{name}_stop") == 202
        assert place.shows(call, name, "off")
    assert forked.is_transcribing and place.shows(forked, "transcription", "on")


@pytest.mark.parametrize("environment", [{"AUTO_START": "transcription"}])
def test_rule_catches_up_after_a_restart_and_repeats_nothing(place: Place) -> None:
    before = place.answered_call()
    assert place.shows(before, "transcription", "on")
    place.server.kill()
    meanwhile = place.simulator.place_call(auto_answer=0.0, paced=False)
    place.server.start()
    assert place.shows(meanwhile, "transcription", "on")  # the provider told of it again
    starts = [asked.path for asked in place.simulator.requests if asked.path.endswith("transcription_start")]
    assert len(starts) == 2 and len(set(starts)) == 2


@pytest.mark.parametrize("environment", [{"STOP_ON_SHUTDOWN": "1"}])
def test_sigterm_stops_what_runs_in_time(place: Place) -> None:
    calls = [place.answered_call() for _ in range(8)]
    for call in calls:
        wait_until(lambda call=call: (place.shown(call) or {}).get("state") == "answered", "the call")
        assert place.press(call, "transcription_start") == 202
    assert place.press(calls[0], "fork_start", FORK) == 202
    assert place.shows(calls[0], "fork", "on")
    began = time.monotonic()
    place.server.terminate()
    assert place.server.wait(10) == 0
    print(f"SIGTERM to exit with 9 stops {time.monotonic() - began:.2f} s")
    assert not any(call.is_transcribing or call.is_forking for call in calls)
    assert "Traceback" not in place.server.log
    place.server.start()
    assert {(place.shown(call) or {})["switches"]["transcription"]["state"] for call in calls} == {"off"}


@pytest.mark.parametrize("environment", [{"STOP_ON_SHUTDOWN": "1"}])
def test_sigterm_does_not_wait_for_a_provider_that_is_silent(place: Place) -> None:
    call = place.answered_call()
    wait_until(lambda: (place.shown(call) or {}).get("state") == "answered", "the call")
    assert place.press(call, "transcription_start") == 202
    place.simulator.inject_fault("transcription_stop", hang_s=20.0, times=9)
    began = time.monotonic()
    place.server.terminate()
    assert place.server.wait(10) == 0
    assert time.monotonic() - began < 9
    assert "not everything could be stopped" in place.server.log
