"""Each command: what it demands, what it refuses with which code, and that a repeated one does nothing."""

from __future__ import annotations

import base64
import threading
from typing import Any
from urllib.parse import quote

import pytest

from dashboard.simulator import SimCall, Simulator

from .conftest import SMALL_TALK, Api, Sink

UDP = {"rx": "udp:127.0.0.1:40000", "tx": "udp:127.0.0.1:40002"}
VOID = "ws://127.0.0.1:9/nobody"
DEEPGRAM = {"transcription_engine": "Deepgram", "transcription_model": "deepgram/nova-3", "interim_results": True}
STATE = base64.b64encode(b'{"call":"c1"}').decode()


@pytest.fixture
def ringing(simulator: Simulator) -> SimCall:
    return simulator.place_call(SMALL_TALK, auto_answer=None)


def test_a_wrong_key_is_refused_before_anything_else(api: Api) -> None:
    reply = api.ask("POST", "/calls/unknown/actions/hangup", {}, key="KEYwrong")
    assert (reply.status, reply.code) == (401, "10009")
    assert reply.body["errors"][0]["meta"]["url"].endswith("/10009")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "10005"),
        ("GET", "/calls/v3:unknown", 404, "10005"),
        ("POST", "/calls/v3:unknown/actions/hangup", 404, "10005"),
        ("POST", "/calls/v3:unknown/actions/explode", 404, "10005"),
        ("GET", "/connections/1/active_calls", 404, "10005"),
        ("DELETE", "/calls/v3:unknown", 405, "10030"),
        ("POST", "/calls/v3:unknown/actions/client_state_update", 405, "10030"),
    ],
)
def test_unknown_paths_calls_and_methods(api: Api, method: str, path: str, status: int, code: str) -> None:
    reply = api.ask(method, path)
    assert (reply.status, reply.code) == (status, code)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "10023"),
        (b"[]", "application/json", 400, "10015"),
        (b"{}", "text/plain", 415, "10014"),
    ],
)
def test_bodies_that_are_no_json_object(
    api: Api, live: SimCall, content: bytes, kind: str, status: int, code: str
) -> None:
    reply = api.ask("POST", f"/calls/{live.call_control_id}/actions/hangup", content=content, kind=kind)
    assert (reply.status, reply.code) == (status, code)
    assert live.is_alive


def test_ids_may_come_percent_encoded(api: Api, live: SimCall) -> None:
    assert api.ask("GET", f"/calls/{quote(live.call_control_id, safe='')}").status == 200


@pytest.mark.parametrize(
    ("action", "body", "code", "pointer"),
    [
        ("transcription_start", {"transcription_engine": "google"}, "10032", "/transcription_engine"),
        ("transcription_start", {"transcription_tracks": "all"}, "10032", "/transcription_tracks"),
        ("transcription_start", {"transcription_engine": "Deepgram"}, "10004", "/transcription_engine_config"),
        (
            "transcription_start",
            {"transcription_engine": "Deepgram", "transcription_engine_config": {"transcription_engine": "Deepgram"}},
            "10004",
            "/transcription_engine_config/transcription_model",
        ),
        (
            "transcription_start",
            {"transcription_engine": "Azure", "transcription_engine_config": {"transcription_engine": "Azure"}},
            "10004",
            "/transcription_engine_config/region",
        ),
        (
            "transcription_start",
            {"transcription_engine": "Telnyx", "transcription_engine_config": DEEPGRAM},
            "10015",
            "/transcription_engine_config/transcription_engine",
        ),
        (
            "transcription_start",
            {"transcription_engine": "Deepgram", "transcription_engine_config": DEEPGRAM | {"utterance_end_ms": 9000}},
            "10033",
            "/transcription_engine_config/utterance_end_ms",
        ),
        ("streaming_start", {}, "10004", "/stream_url"),
        ("streaming_start", {"stream_url": "http://example.com"}, "10003", "/stream_url"),
        ("streaming_start", {"stream_url": "wss://example.com/" + "x" * 2000}, "10003", "/stream_url"),
        ("streaming_start", {"stream_url": VOID, "stream_track": "both"}, "10032", "/stream_track"),
        ("streaming_start", {"stream_url": VOID, "stream_codec": "pcmu"}, "10032", "/stream_codec"),
        (
            "streaming_start",
            {"stream_url": VOID, "stream_bidirectional_sampling_rate": 44100},
            "10032",
            "/stream_bidirectional_sampling_rate",
        ),
        ("streaming_start", {"stream_url": VOID, "custom_parameters": {"a": "b"}}, "10015", "/custom_parameters"),
        ("fork_start", {"rx": UDP["rx"]}, "10004", "/tx"),
        ("fork_start", {"target": "udp:127.0.0.1:40000"}, "10004", "/rx"),
        ("fork_start", UDP | {"rx": "udp:media.example.com:40000"}, "10015", "/rx"),
        ("fork_start", UDP | {"tx": "tcp:127.0.0.1:40000"}, "10015", "/tx"),
        ("fork_start", UDP | {"stream_type": "raw"}, "10032", "/stream_type"),
        ("hangup", {"reason": 'say "no"'}, "10015", "/reason"),
        ("hangup", {"reason": "bye \U0001f44b"}, "10015", "/reason"),
        ("hangup", {"client_state": "not base64!"}, "90017", "/client_state"),
        ("hangup", {"command_id": 7}, "10015", "/command_id"),
    ],
)
def test_bad_parameters_are_refused_with_code_and_pointer(
    api: Api, live: SimCall, action: str, body: dict[str, Any], code: str, pointer: str
) -> None:
    reply = api.act(live, action, **body)
    assert (reply.status, reply.code, reply.pointer) == (422, code, pointer)
    assert live.is_alive and not (live.is_transcribing or live.is_forking or live.stream_session)


@pytest.mark.parametrize("action", ["transcription_start", "streaming_start", "fork_start"])
def test_a_ringing_call_refuses_what_needs_an_answer(api: Api, ringing: SimCall, action: str) -> None:
    body = {"fork_start": UDP, "streaming_start": {"stream_url": VOID}}.get(action, {})
    reply = api.act(ringing, action, **body)
    assert (reply.status, reply.code) == (422, "90034")


@pytest.mark.parametrize(
    "action", ["answer", "reject", "hangup", "transcription_start", "transcription_stop", "fork_stop"]
)
def test_an_ended_call_refuses_every_command(api: Api, live: SimCall, action: str) -> None:
    assert api.act(live, "hangup").status == 200
    reply = api.act(live, action)
    assert (reply.status, reply.code) == (422, "90018")


def test_an_ended_call_can_still_be_read(api: Api, live: SimCall) -> None:
    assert api.ask("GET", f"/calls/{live.call_control_id}").body["data"]["is_alive"] is True
    api.act(live, "hangup")
    described = api.ask("GET", f"/calls/{live.call_control_id}").body["data"]
    assert described["is_alive"] is False
    assert described["end_time"] >= described["start_time"]


def test_answer_answers(api: Api, ringing: SimCall, sink: Sink) -> None:
    reply = api.act(ringing, "answer")
    assert (reply.status, reply.body) == (200, {"data": {"result": "ok"}})
    assert sink.wait_for("call.answered")[0]["payload"]["codec"] == "PCMU"


def test_answer_may_start_transcription_inline(api: Api, ringing: SimCall) -> None:
    config = {"transcription_engine": "Telnyx", "transcription_tracks": "both"}
    api.act(ringing, "answer", transcription=True, transcription_config=config)
    assert ringing.transcription is not None and ringing.transcription.tracks == ("inbound", "outbound")


def test_a_dialled_call_cannot_be_answered_from_here(api: Api, simulator: Simulator) -> None:
    outgoing = simulator.place_call(SMALL_TALK, "outgoing", auto_answer=None)
    assert api.act(outgoing, "answer").code == "90102"


@pytest.mark.parametrize(
    ("cause", "hangup_cause", "sip"), [("USER_BUSY", "user_busy", "486"), ("CALL_REJECTED", "call_rejected", "603")]
)
def test_reject_turns_its_cause_into_lower_case(
    api: Api, ringing: SimCall, sink: Sink, cause: str, hangup_cause: str, sip: str
) -> None:
    assert api.act(ringing, "reject").code == "10004"
    assert api.act(ringing, "reject", cause="busy").code == "10032"
    assert api.act(ringing, "reject", cause=cause).status == 200
    payload = sink.wait_for("call.hangup")[0]["payload"]
    assert (payload["hangup_cause"], payload["sip_hangup_cause"]) == (hangup_cause, sip)
    assert payload["call_quality_stats"] is None


def test_only_one_transcription_runs_on_a_call(api: Api, live: SimCall) -> None:
    assert api.act(live, "transcription_start").status == 200
    assert api.act(live, "transcription_start").code == "90054"
    assert api.act(live, "transcription_stop").status == 200
    assert api.act(live, "transcription_stop").status == 200
    assert not live.is_transcribing


def test_streams_and_forks_exclude_each_other(api: Api, live: SimCall) -> None:
    assert api.act(live, "fork_start", **UDP).status == 200
    assert api.act(live, "streaming_start", stream_url=VOID).code == "90045"
    assert api.act(live, "fork_start", **UDP).code == "90045"
    assert api.act(live, "fork_stop", stream_type="decrypted").status == 200


def test_fork_stop_needs_the_type_of_the_start(api: Api, live: SimCall, sink: Sink) -> None:
    assert api.act(live, "fork_stop", stream_type="decrypted").code == "90031"
    api.act(live, "fork_start", **UDP)
    assert api.act(live, "fork_stop").code == "90031"
    assert live.is_forking
    assert api.act(live, "fork_stop", stream_type="decrypted").status == 200
    assert sink.wait_for("call.fork.stopped")[0]["payload"]["stream_type"] == "decrypted"


def test_streaming_stop_without_a_stream_is_refused(api: Api, live: SimCall) -> None:
    assert api.act(live, "streaming_stop").code == "90048"


def test_a_repeated_command_id_does_nothing(api: Api, live: SimCall, sink: Sink) -> None:
    for _ in range(3):
        assert api.act(live, "fork_start", command_id="C1", **UDP).status == 200
    # Also after the effect is over: a late repetition must not start it again.
    assert api.act(live, "fork_stop", command_id="C2", stream_type="decrypted").status == 200
    assert api.act(live, "fork_start", command_id="C1", **UDP).status == 200
    sink.wait_for("call.fork.stopped")
    assert not live.is_forking
    assert len(sink.of_type("call.fork.started")) == 1


def test_a_refused_command_id_may_be_used_again(api: Api, live: SimCall) -> None:
    assert api.act(live, "fork_start", command_id="C1", rx=UDP["rx"]).code == "10004"
    assert api.act(live, "fork_start", command_id="C1", **UDP).status == 200
    assert live.is_forking


def test_equal_commands_at_once_take_effect_once(api: Api, live: SimCall, sink: Sink) -> None:
    replies: list[int] = []
    threads = [
        threading.Thread(target=lambda: replies.append(api.act(live, "hangup", command_id="C1").status))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [200] * 6
    assert api.simulator.drain()
    assert len(sink.of_type("call.hangup")) == 1


def test_client_state_is_echoed_until_it_is_replaced(api: Api, live: SimCall, sink: Sink) -> None:
    other = base64.b64encode(b"other").decode()
    api.act(live, "fork_start", client_state=STATE, **UDP)
    api.act(live, "fork_stop", stream_type="decrypted")
    assert api.ask("PUT", f"/calls/{live.call_control_id}/actions/client_state_update", {"client_state": other}).status
    api.act(live, "hangup")
    assert sink.wait_for("call.answered")[0]["payload"]["client_state"] is None
    assert sink.wait_for("call.fork.started")[0]["payload"]["client_state"] == STATE
    assert sink.wait_for("call.fork.stopped")[0]["payload"]["client_state"] == STATE
    assert sink.wait_for("call.hangup")[0]["payload"]["client_state"] == other


def test_answers_carry_the_rate_limit(api: Api, live: SimCall) -> None:
    first, second = (api.ask("GET", f"/calls/{live.call_control_id}").headers for _ in range(2))
    assert int(second["x-ratelimit-remaining"]) == int(first["x-ratelimit-remaining"]) - 1
    assert 0 < int(first["x-ratelimit-reset"]) <= 60


def test_past_the_rate_limit_is_429(simulate: Any) -> None:
    api = Api(simulate(rate_limit=2))
    replies = [api.ask("GET", "/public_key") for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[2].code == "10011"


def test_the_public_key_can_be_fetched(api: Api, simulator: Simulator) -> None:
    assert api.ask("GET", "/public_key").body["data"]["public"] == simulator.public_key


def test_active_calls_come_in_pages(api: Api, simulator: Simulator) -> None:
    calls = [simulator.place_call(SMALL_TALK, auto_answer=None) for _ in range(5)]
    calls[1].hang_up()
    seen: list[str] = []
    path: str | None = f"/v2/connections/{simulator.connection_id}/active_calls?page[limit]=2"
    while path is not None:
        body = api.ask("GET", path.removeprefix("/v2")).body
        assert body["meta"]["total_items"] == 4
        seen += [item["call_control_id"] for item in body["data"]]
        path = body["meta"]["next"]
    assert seen == [call.call_control_id for call in calls if call.is_alive]
    reply = api.ask("GET", f"/connections/{simulator.connection_id}/active_calls?page[limit]=251")
    assert (reply.status, reply.code) == (422, "10033")


def test_the_application_says_where_webhooks_go_and_can_be_changed(api: Api, simulator: Simulator, sink: Sink) -> None:
    path = f"/call_control_applications/{simulator.connection_id}"
    application = api.ask("GET", path).body["data"]
    assert application["webhook_event_url"] == f"{sink.url}/webhooks/telnyx"
    assert application["webhook_api_version"] == "2"
    api.ask("PATCH", path, {"webhook_event_url": f"{sink.url}/elsewhere"})
    simulator.place_call(SMALL_TALK, auto_answer=None)
    sink.wait_for("call.initiated")
    assert sink.received[0].path == "/elsewhere"


class TestDial:
    BODY = {"to": "+12125550101", "from": "+12125550102"}

    def dial(self, api: Api, **body: Any) -> Any:
        return api.ask("POST", "/calls", self.BODY | {"connection_id": api.simulator.connection_id} | body)

    def test_the_far_end_answers(self, simulate: Any, sink: Sink) -> None:
        api = Api(simulate(dial_answer=0.05))
        described = self.dial(api, client_state=STATE).body["data"]
        assert described["is_alive"] is False and described["client_state"] == STATE
        payload = sink.wait_for("call.answered")[0]["payload"]
        assert payload["call_control_id"] == described["call_control_id"]
        assert payload["to"] == self.BODY["to"]

    def test_it_may_transcribe_from_the_answer(self, simulate: Any) -> None:
        simulator = simulate(dial_answer=0.0)
        reply = self.dial(Api(simulator), transcription=True, transcription_config={"transcription_tracks": "both"})
        call = simulator.calls[reply.body["data"]["call_control_id"]]
        assert call.wait_until(lambda c: c.is_transcribing)

    def test_the_same_command_id_dials_once(self, api: Api, simulator: Simulator) -> None:
        first, second = (self.dial(api, command_id="D1").body["data"]["call_control_id"] for _ in range(2))
        assert first == second
        assert len(simulator.calls) == 1

    @pytest.mark.parametrize(
        ("change", "code", "pointer"),
        [
            ({"to": None}, "10004", "/to"),
            ({"from": ""}, "10004", "/from"),
            ({"connection_id": None}, "10004", "/connection_id"),
            ({"connection_id": "1"}, "10015", "/connection_id"),
            ({"to": "5550101"}, "10016", "/to"),
            ({"timeout_secs": 4}, "10033", "/timeout_secs"),
            ({"stream_url": "ftp://x"}, "10003", "/stream_url"),
            ({"client_state": "%"}, "90017", "/client_state"),
        ],
    )
    def test_bad_parameters(self, api: Api, change: dict[str, Any], code: str, pointer: str) -> None:
        reply = self.dial(api, **change)
        assert (reply.status, reply.code, reply.pointer) == (422, code, pointer)
        assert not api.simulator.calls
