from __future__ import annotations

import base64
import json
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telnyx.types import call_dial_params
from telnyx.types.calls import (
    action_answer_params,
    action_hangup_params,
    action_reject_params,
    action_start_forking_params,
    action_start_streaming_params,
    action_start_transcription_params,
    action_stop_forking_params,
    action_stop_streaming_params,
    action_stop_transcription_params,
)

from dashboard.errors import CommandError, FieldProblem
from dashboard.messages import Message
from dashboard.telnyx.commands import COMMANDS, TITLES, Command, build_command, command_schemas, path_segment

CALL_ID = "v3:EXAMPLE-call-control-id_0001"
COMMAND_ID = "7c0c3d3e-7f2f-4b50-9f0e-0d2b7f6a1c11"

ENOUGH: dict[str, dict[str, object]] = {
    "fork_start": {"rx": "udp:9.9.9.9:40000", "tx": "udp:9.9.9.9:40002"},
    "streaming_start": {"stream_url": "wss://dash.example.com/media"},
    "reject": {"cause": "USER_BUSY"},
    "dial": {"connection_id": "1234567890123456789", "to": "+15550100002", "from": "+15550100001"},
}
SDK_PARAMS = {
    "fork_start": action_start_forking_params.ActionStartForkingParams,
    "fork_stop": action_stop_forking_params.ActionStopForkingParams,
    "streaming_start": action_start_streaming_params.ActionStartStreamingParams,
    "streaming_stop": action_stop_streaming_params.ActionStopStreamingParams,
    "transcription_start": action_start_transcription_params.ActionStartTranscriptionParams,
    "transcription_stop": action_stop_transcription_params.ActionStopTranscriptionParams,
    "answer": action_answer_params.ActionAnswerParams,
    "reject": action_reject_params.ActionRejectParams,
    "hangup": action_hangup_params.ActionHangupParams,
    "dial": call_dial_params.CallDialParams,
}


def built(name: str, **params: Any) -> Command:
    given_params = ENOUGH.get(name, {}) | {key.removesuffix("_"): value for key, value in params.items()}
    return build_command(name, None if name == "dial" else CALL_ID, given_params, command_id=COMMAND_ID)


def sent(name: str, **params: Any) -> dict[str, Any]:
    """The body of a command without what is always there."""
    always = ENOUGH.get(name, {}).keys() | {"command_id"}
    given_names = {key.removesuffix("_") for key in params}
    return {key: value for key, value in built(name, **params).body.items() if key not in always - given_names}


def problems(name: str, **params: Any) -> dict[str, FieldProblem]:
    with pytest.raises(CommandError) as caught:
        built(name, **params)
    listed = {problem.field: problem for problem in caught.value.problems}
    assert len(listed) == len(caught.value.problems)
    return listed


# --- names, ids, paths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_the_smallest_command_sends_only_what_was_given(name: str) -> None:
    command = built(name)

    always = {"stream_type": "decrypted"} if name.startswith("fork") else {}
    assert command.body == ENOUGH.get(name, {}) | {"command_id": COMMAND_ID} | always
    assert command.path == ("/calls" if name == "dial" else f"/calls/{CALL_ID}/actions/{name}")
    assert (command.notes, command.secrets) == ((), frozenset())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_parameter_of_the_official_sdk_is_known(name: str) -> None:
    theirs = {key.removesuffix("_") for key in get_type_hints(SDK_PARAMS[name])}
    ours = command_schemas()[name]["properties"].keys()

    assert theirs - ours == set()
    assert ours - theirs == set()


def test_an_unknown_command_lists_the_known_ones() -> None:
    with pytest.raises(CommandError) as caught:
        build_command("record_start", CALL_ID, {}, command_id=COMMAND_ID)

    assert caught.value.problems[0].allowed == tuple(COMMANDS)


@pytest.mark.parametrize("call_id", [None, "", ".", "..", "a b", "a\n", "é", "x" * 513])
def test_an_impossible_call_id_is_refused_together_with_the_rest(call_id: str | None) -> None:
    with pytest.raises(CommandError) as caught:
        build_command("reject", call_id, {}, command_id=COMMAND_ID)

    assert [problem.field for problem in caught.value.problems] == ["call_id", "cause"]


def test_dial_takes_no_call_id() -> None:
    with pytest.raises(CommandError, match="call_id"):
        build_command("dial", CALL_ID, ENOUGH["dial"], command_id=COMMAND_ID)


@pytest.mark.parametrize(
    ("call_id", "quoted"),
    [("v3:abc_-x", "v3:abc_-x"), ("a/b?c#d%", "a%2Fb%3Fc%23d%25"), ("a=b&c", "a=b&c"), ("../x", "..%2Fx")],
)
def test_a_call_id_is_quoted_in_the_path(call_id: str, quoted: str) -> None:
    assert build_command("hangup", call_id, {}, command_id="c").path == f"/calls/{quoted}/actions/hangup"
    assert path_segment("call_id", call_id) == quoted


def test_a_command_id_of_the_caller_wins() -> None:
    command = built("hangup", command_id="mine")

    assert command.command_id == command.body["command_id"] == "mine"
    assert built("hangup", command_id=None).command_id == COMMAND_ID


@pytest.mark.parametrize("command_id", ["", "a b", "é", "x" * 129, 5])
def test_an_unusable_command_id_is_refused(command_id: object) -> None:
    assert problems("hangup", command_id=command_id).keys() == {"command_id"}


def test_null_means_not_given_except_in_what_is_passed_on() -> None:
    inner = {"transcription_engine": None, "transcription_engine_config": {"language": "de", "hints": None}}

    assert sent("streaming_start", stream_track=None, dialogflow_config={"analyze_sentiment": None}) == {
        "dialogflow_config": {}
    }
    assert sent("answer", transcription_config=inner)["transcription_config"] == {
        "transcription_engine": "Google",
        "transcription_engine_config": {"transcription_engine": "Google", "language": "de"},
    }
    assert sent("answer", assistant={"voice": None}) == {"assistant": {"voice": None}}


# --- client state ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_client_state_is_given_as_text_and_sent_as_base64(name: str) -> None:
    encoded = built(name, client_state='{"call":"é"}').body["client_state"]

    assert base64.b64decode(str(encoded), validate=True).decode() == '{"call":"é"}'


def test_client_state_stays_below_a_kilobyte_on_the_wire() -> None:
    assert len(str(built("hangup", client_state="x" * 765).body["client_state"])) == 1020
    assert problems("hangup", client_state="x" * 766)["client_state"].reason.startswith("is too long")
    assert problems("hangup", client_state="é" * 400).keys() == {"client_state"}
    assert problems("hangup", client_state="\ud800").keys() == {"client_state"}
    assert problems("hangup", client_state={"a": 1})["client_state"].reason == "must be text"


# --- fork -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["udp:198.51.100.20:1", "udp:198.51.100.20:65535", "udp:[2606:4700::1111]:40000"])
def test_fork_targets_are_literal_addresses(target: str) -> None:
    assert sent("fork_start", rx=target, tx=target) == {"rx": target, "tx": target, "stream_type": "decrypted"}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("udp:media.example.com:40000", "host names are not looked up"),
        ("udp:localhost:40000", "host names"),
        ("udp:256.1.1.1:40000", "literal IP"),
        ("udp:198.51.100.020:40000", "literal IP"),
        ("udp:[host]:40000", "must be udp:<ip>:<port>"),
        ("udp:[1:2]:40000", "literal IP"),
        ("udp:2606:4700::1111:40000", "must be udp:<ip>:<port>"),
        ("udp:198.51.100.20:0", "port from 1 to 65535"),
        ("udp:198.51.100.20:65536", "port from 1 to 65535"),
        ("udp:198.51.100.20", "must be udp:<ip>:<port>"),
        ("198.51.100.20:40000", "must be udp:<ip>:<port>"),
        ("tcp:198.51.100.20:40000", "must be udp:<ip>:<port>"),
        ("UDP:198.51.100.20:40000", "must be udp:<ip>:<port>"),
        ("udp:198.51.100.20:40000 ", "must be udp:<ip>:<port>"),
        ("udp:198.51.100.20:４", "must be udp:<ip>:<port>"),
        ("", "must be udp:<ip>:<port>"),
        (40000, "must be text"),
    ],
)
def test_a_wrong_fork_target_is_explained(target: object, says: str) -> None:
    found = problems("fork_start", rx=target, tx=target)

    assert found.keys() == {"rx", "tx"} and says in found["rx"].reason


def test_a_fork_needs_both_addresses() -> None:
    with pytest.raises(CommandError) as caught:
        build_command("fork_start", CALL_ID, {"target": "udp:198.51.100.20:40000"}, command_id=COMMAND_ID)

    found = {problem.field: problem.reason for problem in caught.value.problems}
    assert found == {"rx": "is required", "tx": "is required", "target": "no longer exists: give rx and tx"}


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "0.0.0.0", "[::1]"])
def test_a_private_fork_target_is_sent_with_a_note(host: str) -> None:
    assert [note[:2] for note in built("fork_start", rx=f"udp:{host}:4000").notes if "public internet" in note][
        0
    ] == "rx"


def test_fork_start_and_stop_name_the_same_stream_type() -> None:
    assert built("fork_start").body["stream_type"] == built("fork_stop").body["stream_type"] == "decrypted"
    assert sent("fork_stop", stream_type="raw") == {"stream_type": "raw"}
    assert problems("fork_start", stream_type="raw")["stream_type"].allowed == ("decrypted",)
    assert problems("fork_stop", stream_type="x")["stream_type"].allowed == ("decrypted", "raw")


# --- streaming ------------------------------------------------------------------------------------------------------


STREAM_TRACKS = ["inbound_track", "outbound_track", "both_tracks"]
CODECS = ["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16"]
GOOD: list[tuple[str, str, list[Any]]] = [
    *((name, "stream_track", STREAM_TRACKS) for name in ("streaming_start", "answer", "dial")),
    *((name, "stream_codec", [*CODECS, "default"]) for name in ("streaming_start", "answer", "dial")),
    *((name, "stream_bidirectional_mode", ["mp3", "rtp"]) for name in ("streaming_start", "answer", "dial")),
    *((name, "stream_bidirectional_codec", CODECS) for name in ("streaming_start", "answer", "dial")),
    ("streaming_start", "stream_bidirectional_target_legs", ["both", "self", "opposite"]),
    ("answer", "stream_bidirectional_target_legs", ["both", "self", "opposite"]),
    ("streaming_start", "stream_auth_token", ["x", "x" * 4000]),
    ("dial", "stream_auth_token", ["x"]),
    ("streaming_start", "custom_parameters", [[], [{"name": "a", "value": ""}]]),
    ("streaming_start", "enable_dialogflow", [True, False]),
    ("streaming_start", "dialogflow_config", [{}, {"analyze_sentiment": True, "partial_automated_agent_reply": False}]),
    ("streaming_stop", "stream_id", ["3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10", "3F0F5A52-6D1E-4C57-8F6E-0C8F5B7A2D10"]),
    ("streaming_start", "stream_url", ["ws://h/", "wss://h:8443/p?q=1", "WSS://h", "wss://h/" + "x" * 1992]),
    ("transcription_start", "transcription_tracks", ["inbound", "outbound", "both"]),
    ("answer", "transcription", [True, False]),
    ("answer", "transcription_config", [{}, {"transcription_engine": "Telnyx", "transcription_tracks": "both"}]),
    ("answer", "record", ["record-from-answer"]),
    ("answer", "record_channels", ["single", "dual"]),
    ("answer", "record_format", ["wav", "mp3"]),
    ("answer", "record_track", ["both", "inbound", "outbound"]),
    ("answer", "record_max_length", [0, 43200]),
    ("answer", "record_timeout_secs", [0, 10]),
    ("answer", "record_trim", ["trim-silence"]),
    ("answer", "record_custom_file_name", ["x" * 40]),
    ("answer", "webhook_url", ["https://dash.example.com/webhooks/telnyx"]),
    ("answer", "webhook_url_method", ["POST", "GET"]),
    ("answer", "webhook_urls", [{"call.hangup": ["https://a.example/"]}]),
    ("answer", "webhook_retries_policies", [{"call.hangup": {"retries_ms": [1000, 2000, 3000, 4000, 5000]}}]),
    ("answer", "sip_headers", [[{"name": "User-to-User", "value": "x"}]]),
    ("answer", "custom_headers", [[{"name": "X-A", "value": "x"}]]),
    ("answer", "preferred_codecs", ["G722,PCMU"]),
    ("answer", "send_silence_when_idle", [True]),
    ("answer", "sound_modifications", [{"pitch": 1.5, "octaves": [1, {"deep": True}]}]),
    ("answer", "assistant", [{"id": "a"}]),
    ("reject", "cause", ["CALL_REJECTED", "USER_BUSY", "NOT_FOUND", "TEMPORARILY_UNAVAILABLE"]),
    ("hangup", "reason", ["Answered elsewhere", "über 'uns'"]),
    ("hangup", "custom_headers", [[{"name": "X-A", "value": "x"}]]),
    ("dial", "to", ["+15550100002", "sip:bob@example.com;secure=srtp", ["+15550100002", "sips:b@c.d"],
                    "+15550100002,200"]),
    ("dial", "from_", ["+15550100001"]),
    ("dial", "from_display_name", ["Call Console", ""]),
    ("dial", "privacy", ["id", "none"]),
    ("dial", "timeout_secs", [5, 600]),
    ("dial", "time_limit_secs", [60, 14000]),
    ("dial", "retry_on_timeout", [False]),
    ("dial", "stream_establish_before_call_originate", [True]),
    ("dial", "stream_bidirectional_sampling_rate", [8000]),
    ("dial", "link_to", [CALL_ID]),
    ("dial", "bridge_intent", [True]),
    ("dial", "bridge_on_answer", [True]),
    ("dial", "prevent_double_bridge", [True]),
    ("dial", "park_after_unbridge", ["self"]),
    ("dial", "answering_machine_detection", ["premium", "premium_ios_call_screening_detection", "detect",
                                             "detect_beep", "detect_words", "greeting_end", "disabled"]),
    ("dial", "answering_machine_detection_config", [{"total_analysis_time_millis": 5000}]),
    ("dial", "media_encryption", ["disabled", "SRTP", "DTLS"]),
    ("dial", "sip_region", ["US", "Europe", "Canada", "Australia", "Middle East"]),
    ("dial", "sip_transport_protocol", ["UDP", "TCP", "TLS"]),
    ("dial", "audio_url", ["https://a.example/a.mp3"]),
    ("dial", "send_digits_on_answer", ["1wW#*D"]),
    ("dial", "supervisor_role", ["barge", "whisper", "monitor"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "options"), GOOD, ids=[f"{name}-{field}" for name, field, _ in GOOD])
def test_documented_values_are_sent_unchanged(name: str, field: str, options: list[Any]) -> None:
    for option in options:
        assert sent(name, **{field: option})[field.removesuffix("_")] == option


BAD: list[tuple[str, str, list[Any]]] = [
    ("streaming_start", "stream_url", ["", "https://a/", "wss://", "wss:///x", "a", " wss://a", "wss://a b", "wss://a\n",
                                       "wss://a:x/", "wss://a:0/", "wss://[::1/", "wss://h/" + "x" * 1993, 5, ["wss://a"]]),
    ("streaming_start", "stream_track", ["inbound", "both", "", 5, True]),
    ("streaming_start", "stream_codec", ["pcmu", "opus", "MP3"]),
    ("streaming_start", "stream_bidirectional_codec", ["default", "pcmu"]),
    ("streaming_start", "stream_bidirectional_mode", ["RTP", "wav"]),
    ("streaming_start", "stream_bidirectional_sampling_rate", [7999, "8000", 44100]),
    ("streaming_start", "stream_bidirectional_target_legs", ["all"]),
    ("streaming_start", "stream_auth_token", ["", "x" * 4001, 5]),
    ("streaming_start", "custom_parameters", [{"a": "b"}, "a", {}]),
    ("streaming_start", "enable_dialogflow", ["yes", "true", 1, 0]),
    ("streaming_start", "dialogflow_config", [True, []]),
    ("streaming_stop", "stream_id", ["", "not an id", 5]),
    ("transcription_start", "transcription_tracks", ["inbound_track", "", "Both"]),
    ("answer", "transcription", ["yes", 1]),
    ("answer", "transcription_config", [[], "Google"]),
    ("answer", "record_max_length", [-1, 43201, 1.5, "5", True]),
    ("answer", "record_custom_file_name", ["", "x" * 41]),
    ("answer", "webhook_url", ["wss://a", "ftp://a", "/webhooks"]),
    ("answer", "assistant", [[], "id", {"a": float("nan")}, {"a": object()}]),
    ("reject", "cause", ["call_rejected", "", 486]),
    ("hangup", "reason", ['say "no"', "a\\b", "a\nb", "bye 👋"]),
    ("dial", "connection_id", [1234567890123456789, "", "a/b"]),
    ("dial", "to", ["15550100002", "+0555", "+1 555 0100", "bob", "", [], 15550100002, "+15550100002,x",
                    "+1\u0665550100002"]),
    ("dial", "from_", ["", "Alice", "+", "5"]),
    ("dial", "from_display_name", ["x" * 129, "Ünïcode", "a@b"]),
    ("dial", "timeout_secs", [4, 601, 30.5, "30"]),
    ("dial", "time_limit_secs", [59, 14001]),
    ("dial", "send_digits_on_answer", ["", "12x", "1" * 65]),
    ("dial", "privacy", ["yes"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "options"), BAD, ids=[f"{name}-{field}" for name, field, _ in BAD])
def test_values_outside_the_documentation_are_refused_on_their_own_field(
    name: str, field: str, options: list[Any]
) -> None:
    for option in options:
        found = problems(name, **{field: option})

        assert {path.split(".")[0] for path in found} == {field.removesuffix("_")}
        assert all(
            "validation" not in problem.reason and "Input" not in problem.reason for problem in found.values()
        ), found


@pytest.mark.parametrize(
    ("codec", "rates"),
    [("PCMU", [8000]), ("PCMA", [8000]), ("G722", [8000]), ("OPUS", [8000, 16000]), ("AMR-WB", [8000, 16000]),
     ("L16", [16000]), (None, [8000])],
)  # fmt: skip
def test_only_documented_pairs_of_codec_and_rate_pass(codec: str | None, rates: list[int]) -> None:
    for rate in (8000, 16000, 22050, 24000, 48000):
        params = {"stream_bidirectional_codec": codec, "stream_bidirectional_sampling_rate": rate}
        if rate in rates:
            assert sent("streaming_start", **params)["stream_bidirectional_sampling_rate"] == rate
        else:
            reason = problems("streaming_start", **params)["stream_bidirectional_sampling_rate"].reason
            assert reason == f"must be {' or '.join(map(str, rates))} with {codec or 'PCMU'}"


def test_l16_without_a_rate_is_sent_with_a_note() -> None:
    assert "16000" in built("streaming_start", stream_bidirectional_codec="L16").notes[0]


def test_a_stream_needs_an_address_unless_dialogflow_takes_it() -> None:
    needed = "is required, unless enable_dialogflow is true"
    assert problems("streaming_start", stream_url=None)["stream_url"].reason == needed
    assert problems("streaming_start", stream_url=None, enable_dialogflow=False)["stream_url"].reason == needed
    assert problems("streaming_start", stream_url=None, stream_track="x").keys() == {"stream_url", "stream_track"}
    assert built("streaming_start", stream_url=None, enable_dialogflow=True).body == {
        "enable_dialogflow": True,
        "command_id": COMMAND_ID,
    }


def test_answer_has_none_of_the_parameters_only_streaming_start_has() -> None:
    refused = {"stream_auth_token": "x", "stream_bidirectional_sampling_rate": 8000, "custom_parameters": []}
    found = problems("answer", **refused, enable_dialogflow=True)

    assert found.keys() == refused.keys() | {"enable_dialogflow"}
    assert "stream_url" in (found["stream_auth_token"].allowed or ())


def test_secrets_are_named_and_never_shown() -> None:
    command = built(
        "dial", stream_url="wss://user:pw@a.example/m?token=t0p", stream_auth_token="t1p", sip_auth_password="t2p"
    )

    assert command.secrets == {"stream_auth_token", "sip_auth_password"}
    assert command.public_body()["stream_url"] == "wss://a.example/m"
    for shown in (repr(command), json.dumps(command.public_body())):
        assert not any(secret in shown for secret in ("pw@", "t0p", "t1p", "t2p"))
    assert command.body["stream_auth_token"] == "t1p"


# --- calls ----------------------------------------------------------------------------------------------------------


def test_a_webhook_address_given_as_text_is_sent_as_a_list() -> None:
    assert sent("dial", webhook_urls={"call.hangup": "https://a.example/"}) == {
        "webhook_urls": {"call.hangup": ["https://a.example/"]}
    }


def test_nested_problems_are_found_with_their_path_and_all_at_once() -> None:
    found = problems(
        "dial",
        to=["+15550100002", "bob"],
        from_="alice",
        connection_id=5,
        webhook_urls={"call.hangup": ["ftp://x"]},
        webhook_retries_policies={"call.hangup": {"retries_ms": [30_000, 30_001], "x": 1}},
        custom_headers=[{"name": "a"}],
        transcription_config={"transcription_engine": "Azure", "transcription_engine_config": {"region": "mars"}},
        nonsense=1,
    )

    assert found.keys() == {
        "to.1", "from", "connection_id", "webhook_urls.call.hangup.0",
        "webhook_retries_policies.call.hangup.retries_ms",
        "webhook_retries_policies.call.hangup.x", "custom_headers.0.value",
        "transcription_config.transcription_engine_config.region", "nonsense",
    }  # fmt: skip
    assert found["webhook_retries_policies.call.hangup.x"].allowed == ("retries_ms",)
    assert "eastus" in (found["transcription_config.transcription_engine_config.region"].allowed or ())
    assert "connection_id" in (found["nonsense"].allowed or ())


def test_no_problem_repeats_a_value() -> None:
    with pytest.raises(CommandError) as caught:
        built(
            "dial",
            to="+1555SECRET",
            stream_auth_token="SECRET" * 1000,
            stream_url="wss://SECRET SECRET",
            privacy="SECRET",
        )

    assert "SECRET" not in str(caught.value) + repr(caught.value.problems)


def test_transcription_inside_dial_is_encoded_like_the_command_itself() -> None:
    assert sent(
        "dial", transcription_config={"client_state": "c1", "transcription_engine_config": {"language": "de"}}
    ) == {
        "transcription_config": {
            "client_state": "YzE=",
            "transcription_engine": "Google",
            "transcription_engine_config": {"transcription_engine": "Google", "language": "de"},
        }
    }


def test_webhooks_by_get_are_sent_with_a_note() -> None:
    assert "cannot be verified" in built("dial", webhook_url_method="GET").notes[0]


# --- schemas --------------------------------------------------------------------------------------------------------


def test_schemas_are_json_and_describe_every_field_for_a_form() -> None:
    described = command_schemas()
    json.dumps(described)

    assert described.keys() == COMMANDS.keys()
    for schema in described.values():
        for name, field in schema["properties"].items():
            assert field.get("title") or "$ref" in field, name
            assert field.get("default", "") is not None
            assert {"type": "null"} not in field.get("anyOf", [])


def test_schemas_tell_the_provider_s_defaults_and_choices() -> None:
    start = command_schemas()["streaming_start"]["properties"]

    assert start["stream_track"]["default"] == "inbound_track"
    assert start["stream_track"]["enum"] == STREAM_TRACKS
    assert start["stream_auth_token"]["maxLength"] == 4000
    assert command_schemas()["fork_start"]["required"] == ["rx", "tx"]
    assert command_schemas()["dial"]["required"] == ["connection_id", "to", "from"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [(name, field) for name, schema in command_schemas().items() for field in schema["properties"]]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(FIELDS), ANYTHING, st.text(max_size=5))
def test_any_parameters_build_a_command_or_say_why_not(field: tuple[str, str], value: Any, unknown: str) -> None:
    name, parameter = field
    for extra in ({}, {unknown: value}):
        try:
            command = build_command(
                name,
                None if name == "dial" else CALL_ID,
                ENOUGH.get(name, {}) | {parameter: value} | extra,
                command_id="c",
            )
        except CommandError as error:
            assert all(problem.field and isinstance(problem.reason, Message) for problem in error.problems)
        else:
            json.dumps(command.body, allow_nan=False)
            assert all(isinstance(note, Message) for note in command.notes)


NAMES_OF_THEIR_OWN = {"User-to-User"}


@pytest.mark.parametrize("name", COMMANDS)
def test_forms_can_be_said_in_another_language(name: str) -> None:
    schema = command_schemas()[name]
    for group in (schema, *schema.get("$defs", {}).values()):
        for field, declared in group.get("properties", {}).items():
            # The engine is chosen beside its settings, and is no field among them.
            if group is schema or field != "transcription_engine":
                assert isinstance(declared["title"], Message), field
            described = declared.get("description")
            assert described is None or isinstance(described, Message) or described in NAMES_OF_THEIR_OWN, field


def test_every_command_has_a_name_for_people() -> None:
    assert TITLES.keys() == COMMANDS.keys()
