"""What a test can order the API to do wrong, so that the dashboard's client meets every failure there is."""

from __future__ import annotations

import time

import pytest

from dashboard.simulator import SimCall, Simulator

from .conftest import Api, Sink

UDP = {"rx": "udp:127.0.0.1:9", "tx": "udp:127.0.0.1:9"}


def test_an_ordered_refusal_happens_so_many_times_and_changes_nothing(
    api: Api, simulator: Simulator, live: SimCall
) -> None:
    simulator.inject_fault("fork_start", status=503, code="10007", times=2)
    replies = [api.act(live, "fork_start", **UDP) for _ in range(2)]
    assert [(reply.status, reply.code) for reply in replies] == [(503, "10007")] * 2
    assert not live.is_forking
    assert api.act(live, "fork_start", **UDP).status == 200


def test_a_refusal_of_one_action_leaves_the_others_alone(api: Api, simulator: Simulator, live: SimCall) -> None:
    simulator.inject_fault("streaming_stop", code="90048")
    assert api.act(live, "fork_start", **UDP).status == 200
    simulator.inject_fault("*", status=403, code="10010")
    assert api.act(live, "fork_stop", stream_type="decrypted").code == "10010"


def test_429_comes_with_the_headers_it_was_given(api: Api, simulator: Simulator, live: SimCall) -> None:
    simulator.inject_fault("hangup", status=429, code="10011", headers={"Retry-After": "2"})
    simulator.inject_fault("hangup", status=429, code="10011")
    first, second = api.act(live, "hangup"), api.act(live, "hangup")
    assert (first.status, first.code, first.headers["retry-after"]) == (429, "10011", "2")
    assert "retry-after" not in second.headers and "x-ratelimit-reset" not in second.headers


def test_an_answer_may_be_no_json(api: Api, simulator: Simulator, live: SimCall) -> None:
    simulator.inject_fault("hangup", status=502, raw=b"<html>bad gateway</html>")
    reply = api.act(live, "hangup")
    assert (reply.status, reply.body) == (502, b"<html>bad gateway</html>")


def test_a_connection_may_be_reset(api: Api, simulator: Simulator, live: SimCall) -> None:
    simulator.inject_fault("hangup", reset=True)
    with pytest.raises(ConnectionResetError):
        api.act(live, "hangup")
    assert live.is_alive
    assert simulator.requests[-1].status is None


def test_an_answer_may_never_come(simulator: Simulator, live: SimCall) -> None:
    simulator.inject_fault("hangup", hang_s=30.0)
    with pytest.raises(TimeoutError):
        Api(simulator, timeout_s=0.2).act(live, "hangup")
    assert live.is_alive


def test_a_command_may_work_although_its_answer_is_lost(
    api: Api, simulator: Simulator, live: SimCall, sink: Sink
) -> None:
    simulator.inject_fault("fork_start", reset=True, effect=True)
    with pytest.raises(ConnectionResetError):
        api.act(live, "fork_start", command_id="C1", **UDP)
    assert live.is_forking
    # The careful client repeats itself, and nothing happens twice.
    assert api.act(live, "fork_start", command_id="C1", **UDP).status == 200
    assert simulator.drain()
    assert len(sink.of_type("call.fork.started")) == 1


def test_every_request_is_recorded(api: Api, simulator: Simulator, live: SimCall) -> None:
    began = time.time()
    api.act(live, "hangup", command_id="C9")
    request = simulator.requests[-1]
    assert (request.method, request.status, request.body) == ("POST", 200, {"command_id": "C9"})
    assert request.path.endswith("/actions/hangup")
    assert request.headers["Authorization"] == f"Bearer {simulator.api_key}"
    assert simulator.api_key not in repr(request)
    assert request.received_at >= began
