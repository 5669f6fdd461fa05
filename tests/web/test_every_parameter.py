"""Every parameter of the six commands, from a script's POST to the provider's wire.

The tables are the provider's reference (Telnyx contract 1.2 to 1.4), written down a second time: what our models say is
compared with them, and what leaves us with what the official SDK sends for the same arguments.
"""

from __future__ import annotations

import base64
import itertools
import json
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from pydantic import BaseModel
from requests.adapters import BaseAdapter

from dashboard import create_app
from dashboard.settings import Settings
from dashboard.store.migrate import upgrade
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.commands import COMMANDS
from dashboard.telnyx.commands.transcription import ENGINE_CONFIGS
from tests.conftest import Signer, services_of
from tests.store.records import call_initiated
from tests.telnyx.test_sdk_parity import BASE, KEY, Recorder, asked_by_sdk

TOKEN = "a token for the scripts of the test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
UUID = "9a4c0c1b-0f5f-4a70-a3d4-7f0d9a0e6e33"
SIX = ("fork_start", "fork_stop", "streaming_start", "streaming_stop", "transcription_start", "transcription_stop")
RX, TX = "udp:198.51.100.20:40000", "udp:198.51.100.20:40002"

Given = dict[str, Any]

# --- what the reference says -----------------------------------------------------------------------------------------

COMMON: Given = {"client_state": ["plain text", "café ☎", "x" * 700], "command_id": [UUID]}

ENOUGH: dict[str, Given] = {
    "fork_start": {"rx": RX, "tx": TX},
    "streaming_start": {"stream_url": "wss://dash.example.com/media/telnyx"},
}
ALWAYS_SENT: dict[str, Given] = {
    # Start and stop have different defaults: left out, the stop would stop nothing (Telnyx contract, trap T7).
    "fork_start": {"stream_type": "decrypted"},
    "fork_stop": {"stream_type": "decrypted"},
}

CODECS = ["PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16"]
ENUMS: dict[str, dict[str, list[Any]]] = {
    "fork_start": {"stream_type": ["decrypted"]},
    "fork_stop": {"stream_type": ["decrypted", "raw"]},
    "streaming_start": {
        "stream_track": ["inbound_track", "outbound_track", "both_tracks"],
        "stream_codec": [*CODECS, "default"],
        "stream_bidirectional_mode": ["mp3", "rtp"],
        "stream_bidirectional_codec": CODECS,
        "stream_bidirectional_sampling_rate": [8000, 16000, 22050, 24000, 48000],
        "stream_bidirectional_target_legs": ["both", "self", "opposite"],
    },
    "streaming_stop": {},
    "transcription_start": {
        "transcription_engine": [
            *("Google", "Telnyx", "Deepgram", "Azure", "xAI", "AssemblyAI", "Speechmatics", "Soniox", "Parakeet"),
            *("Humain", "Reson8", "Cohere", "A", "B"),
        ],
        "transcription_tracks": ["inbound", "outbound", "both"],
    },
    "transcription_stop": {},
}
VALUES: dict[str, dict[str, list[Any]]] = {
    "fork_start": {"rx": [RX, "udp:[2001:db8::1]:65535"], "tx": [TX, "udp:203.0.113.1:1"]},
    "fork_stop": {},
    "streaming_start": {
        "stream_url": ["wss://dash.example.com/media?x=1&y=%20", "ws://203.0.113.1:8080/"],
        "stream_auth_token": ["t", "k" * 4000],
        "custom_parameters": [[], [{"name": "call", "value": "é"}, {"name": "empty", "value": ""}]],
        "enable_dialogflow": [True, False],
        "dialogflow_config": [{}, {"analyze_sentiment": True, "partial_automated_agent_reply": False}],
    },
    "streaming_stop": {"stream_id": ["3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10"]},
    "transcription_start": {"transcription_engine_config": []},  # by engine, below
    "transcription_stop": {},
}

INTERIMS = {"interim_results": [True, False]}
ENGINES: dict[str, dict[str, list[Any]]] = {
    "Google": {
        "model": [
            *("latest_long", "latest_short", "command_and_search", "phone_call", "video", "default"),
            *("medical_conversation", "medical_dictation"),
        ],
        "language": ["en", "iw", "en-US"],
        **INTERIMS,
        "hints": [[], ["order", "café"]],
        "speech_context": [[{"phrases": ["a"], "boost": 0.0}, {"phrases": ["b", "c"], "boost": 20}]],
        "profanity_filter": [True, False],
        "use_enhanced": [True, False],
        "enable_speaker_diarization": [True, False],
        "min_speaker_count": [1, 2],
        "max_speaker_count": [2, 6],
    },
    "Telnyx": {
        "transcription_model": ["openai/whisper-tiny", "openai/whisper-large-v3-turbo"],
        "language": ["en", "he", "auto_detect"],
    },
    "Deepgram": {
        "transcription_model": ["deepgram/nova-2", "deepgram/nova-3"],
        "language": ["en", "en-US", "auto_detect"],
        **INTERIMS,
        "smart_format": [True, False],
        "utterance_end_ms": [0, 1000, 5000],
        "keywords_boosting": [{"telnyx": 2.5, "call": -1}],
        "hints": [["call"], ["h"] * 100],
        "keyterms": [["call"], ["k"] * 100],
    },
    "Azure": {
        "region": ["australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"],
        "language": ["en", "auto"],
        "api_key_ref": ["name_of_a_secret"],
    },
    "xAI": {"transcription_model": ["xai/grok-stt"], "language": ["en", "fil"], **INTERIMS},
    "AssemblyAI": {
        "transcription_model": ["assemblyai/universal-3-5-pro", "assemblyai/universal-streaming"],
        **INTERIMS,
    },
    "Speechmatics": {
        "transcription_model": ["speechmatics/standard", "speechmatics/linden-1"],
        "language": ["en", "cmn_en_ms_ta"],
        **INTERIMS,
    },
    "Soniox": {
        "transcription_model": ["soniox/stt-rt-v4"],
        "language": ["de", "auto"],
        **INTERIMS,
        "enable_endpoint_detection": [True, False],
        "max_endpoint_delay_ms": [500, 3000],
    },
    "Parakeet": {"transcription_model": ["nvidia/parakeet-v3", "omi-health/omi-med-stt-v1"], **INTERIMS},
    "Humain": {"transcription_model": ["humain/realtime"], "language": ["ar", "en", "codeswitch", "auto"]},
    "Reson8": {"transcription_model": ["reson8/turns"], "language": ["auto", "fy", "sv"]},
    "Cohere": {"transcription_model": ["cohere/ar-stt"], "language": ["ar", "en"]},
}
CONFIG_ENUMS: dict[str, str] = {"Google": "model", "Azure": "region"}
"""The field of an engine's settings that has a list of its own; `transcription_model` for all others."""

NEEDED: dict[str, Given] = {"Azure": {"region": "eastus"}, "Deepgram": {"transcription_model": "deepgram/nova-3"}}
RATE_CODEC = {8000: "PCMU", 16000: "L16"}
UNPAIRED_RATES = {22050, 24000, 48000}
"""In the schema, but in no pair of codec and rate that the documentation lists: refused here (contract 1.3.3)."""


def config(engine: str, **fields: Any) -> Given:
    needed = dict(NEEDED.get(engine, {}))
    if "hints" in fields and engine == "Deepgram":
        needed["transcription_model"] = "deepgram/nova-2"
    return {
        "transcription_engine": engine,
        "transcription_engine_config": {"transcription_engine": engine, **needed, **fields},
    }


def accepted() -> Iterator[tuple[str, Given]]:
    for name in SIX:
        yield name, {}
        for field, values in itertools.chain(ENUMS[name].items(), VALUES[name].items(), COMMON.items()):
            for value in values:
                if field == "stream_bidirectional_sampling_rate":
                    if value in RATE_CODEC:
                        yield name, {field: value, "stream_bidirectional_codec": RATE_CODEC[value]}
                else:
                    yield name, {field: value}
    for engine, fields in ENGINES.items():
        yield "transcription_start", config(engine)
        for field, values in fields.items():
            for value in values:
                yield "transcription_start", config(engine, **{field: value})
    for alias in ("A", "B"):
        yield "transcription_start", config(alias, language="en")


def refused() -> Iterator[tuple[str, Given, str, list[Any] | None]]:
    """(command, parameters, the field that is named, the values that are listed)."""
    for name in SIX:
        yield name, {"made_up": 1}, "made_up", None
        yield name, {"client_state": 7}, "client_state", None
        yield name, {"client_state": "x" * 800}, "client_state", None
        yield name, {"command_id": "not a uuid"}, "command_id", None
        for field, values in ENUMS[name].items():
            for wrong in ("nonsense", str(values[0]).swapcase() + "?", 7, [values[0]]):
                yield name, {field: wrong}, field, values
    for bad in ("198.51.100.20:40000", "udp:198.51.100.20", "udp:host.example:4000", "udp:198.51.100.20:0", 7, ""):
        yield "fork_start", {"rx": bad}, "rx", None
        yield "fork_start", {"tx": bad}, "tx", None
    yield "fork_start", {"rx": None}, "rx", None
    yield "fork_start", {"target": RX}, "target", None
    for bad in ("https://dash.example.com/", "wss://", "dash.example.com", "wss://x/" + "a" * 2000, 7):
        yield "streaming_start", {"stream_url": bad}, "stream_url", None
    for rate in sorted(UNPAIRED_RATES):
        yield (
            "streaming_start",
            {"stream_bidirectional_sampling_rate": rate},
            "stream_bidirectional_sampling_rate",
            None,
        )
    for bad in ("", "k" * 4001, 7):
        yield "streaming_start", {"stream_auth_token": bad}, "stream_auth_token", None
    for field in ("enable_dialogflow",):
        for bad in ("yes", 1, []):
            yield "streaming_start", {field: bad}, field, None
    for part in ("analyze_sentiment", "partial_automated_agent_reply"):
        yield "streaming_start", {"dialogflow_config": {part: "yes"}}, f"dialogflow_config.{part}", None
    yield "streaming_start", {"dialogflow_config": "yes"}, "dialogflow_config", None
    yield "streaming_start", {"custom_parameters": {"name": "a"}}, "custom_parameters", None
    yield "streaming_start", {"custom_parameters": [{"name": "a"}]}, "custom_parameters.0.value", None
    for bad in ("../x", "a b", 7):
        yield "streaming_stop", {"stream_id": bad}, "stream_id", None
    yield "transcription_start", {"language": "en"}, "language", None
    yield "transcription_start", {"transcription_engine_config": "Google"}, "transcription_engine_config", None
    yield from refused_configs()


def refused_configs() -> Iterator[tuple[str, Given, str, list[Any] | None]]:
    inside = "transcription_engine_config."
    for engine, fields in ENGINES.items():
        listed = CONFIG_ENUMS.get(engine, "transcription_model")
        for field, values in fields.items():
            wrong: list[Any] = [7, {"a": 1}]
            if field == listed:
                wrong = ["nonsense", str(values[0]).upper()]
            elif isinstance(values[0], bool):
                wrong = ["yes", 1]
            elif isinstance(values[0], int):
                wrong = [values[0] - 1, "5", 1.5, True] if field != "max_speaker_count" else [0, 101, "5"]
            elif isinstance(values[0], dict):
                wrong = [7, ["a"]]
            elif isinstance(values[0], list):
                wrong = [7, "text"]
            for value in wrong:
                given = config(engine, **{field: value})
                yield "transcription_start", given, inside + field, values if field == listed else None
        yield "transcription_start", config(engine, made_up=1), inside + "made_up", None
        if "interim_results" not in fields:
            yield "transcription_start", config(engine, interim_results=True), inside + "interim_results", None
    yield "transcription_start", config("Deepgram", utterance_end_ms=5001), inside + "utterance_end_ms", None
    yield "transcription_start", config("Deepgram", keyterms=["k"] * 101), inside + "keyterms", None
    yield "transcription_start", config("Deepgram", hints=["k"] * 101), inside + "hints", None
    yield "transcription_start", config("Soniox", max_endpoint_delay_ms=3001), inside + "max_endpoint_delay_ms", None
    for boost in (-0.1, 20.1, "5"):
        given = config("Google", speech_context=[{"phrases": ["a"], "boost": boost}])
        yield "transcription_start", given, inside + "speech_context.0.boost", None
    given = config("Google", min_speaker_count=3, max_speaker_count=2)
    yield "transcription_start", given, inside + "max_speaker_count", None
    for language in ("", "auto", "auto_beta", "multi"):
        given = config("Speechmatics", transcription_model="speechmatics/linden-1", language=language)
        yield "transcription_start", given, inside + "language", None
    given = {"transcription_engine": "Deepgram", "transcription_engine_config": {"language": "en"}}
    yield "transcription_start", given, inside + "transcription_model", None
    yield "transcription_start", {**config("Azure"), "transcription_engine_config": {}}, inside + "region", None
    given = {**config("Soniox"), "transcription_engine": "Telnyx"}
    yield "transcription_start", given, inside + "transcription_engine", None


ACCEPTED, REFUSED = list(accepted()), list(refused())


def named(case: tuple[Any, ...]) -> str:
    return f"{case[0]}-{json.dumps(case[1])[:60]}"


# --- the way from the POST to the wire -------------------------------------------------------------------------------


class Wire(BaseAdapter):
    """The provider's end of the wire: keeps what came, and accepts it."""

    def __init__(self) -> None:
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        return Recorder().send(request, **options)

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """An application, and what left it."""

    app: Flask
    wire: Wire
    database: Path
    numbers: Iterator[int]

    def press(self, name: str, parameters: Given) -> tuple[str, Any]:
        """A press on a call of its own: no press is the repetition of another."""
        call_id = f"v3:call-{next(self.numbers)}"
        services_of(self.app).store.record_event(call_initiated(call_id))
        body = {key: value for key, value in (ENOUGH.get(name, {}) | parameters).items() if value is not None}
        self.wire.requests.clear()
        address = f"/api/calls/{call_id}/actions/{name}"
        return call_id, self.app.test_client().post(address, json=body, headers=BEARER)

    def log_of(self, call_id: str) -> Any:
        return self.app.test_client().get(f"/api/calls/{call_id}/commands", headers=BEARER)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    database = tmp_path_factory.mktemp("parameters") / "dashboard.sqlite3"
    upgrade(f"sqlite:///{database}")
    settings = Settings(
        telnyx_public_key=Signer().public_key,
        secret_key="a secret key of the test",
        database_url=f"sqlite:///{database}",
        dashboard_api_token=TOKEN,
    )
    wire, session = Wire(), requests.Session()
    session.mount("https://", wire)
    client = TelnyxClient(api_key=KEY, base_url=BASE, session=session)
    app = create_app(settings, client=client)
    yield Desk(app, wire, database, itertools.count())
    services_of(app).close()


@pytest.mark.parametrize("case", ACCEPTED, ids=named)
def test_parameter_reaches_the_wire_as_the_official_sdk_sends_it(desk: Desk, case: tuple[str, Given]) -> None:
    name, parameters = case
    parameters = {**parameters, "command_id": str(uuid.uuid4())}
    _, answer = desk.press(name, parameters)
    assert answer.status_code == 202, answer.text
    arguments = ENOUGH.get(name, {}) | ALWAYS_SENT.get(name, {}) | parameters
    if "client_state" in arguments:
        arguments["client_state"] = base64.b64encode(arguments["client_state"].encode()).decode()
    [ours] = desk.wire.requests
    assert json.loads(ours.body or b"") == json.loads(asked_by_sdk(name, arguments).content)
    assert str(ours.url).endswith(f"/actions/{name}")


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_wrong_parameter_is_named_with_what_would_do_and_nothing_is_sent(
    desk: Desk, case: tuple[str, Given, str, list[Any] | None]
) -> None:
    name, parameters, field, allowed = case
    call_id, answer = desk.press(name, parameters)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (422, "bad_parameters"), answer.text
    [problem] = error["details"]["fields"]
    assert problem["field"] == field
    assert problem["reason"] and error["hint"] and field in error["message"]
    if allowed is not None:
        assert problem["allowed"] == [str(value) for value in allowed]
    assert desk.wire.requests == []
    assert desk.log_of(call_id).get_json()["commands"] == []


def test_stream_without_an_address_comes_here_with_a_token_of_its_own(desk: Desk) -> None:
    tokens = []
    for nowhere in (None, ""):
        _, answer = desk.press("streaming_start", {"stream_url": nowhere, "stream_track": "both_tracks"})
        assert answer.status_code == 202, answer.text
        [ours] = desk.wire.requests
        sent = json.loads(ours.body or b"")
        tokens.append(sent["stream_auth_token"])
        assert sent["stream_url"] == "ws://localhost/media/telnyx" and sent["stream_track"] == "both_tracks"
    assert tokens[0] != tokens[1] and all(tokens)


def test_several_wrong_parameters_are_named_at_once(desk: Desk) -> None:
    _, answer = desk.press("streaming_start", {"stream_track": "x", "stream_codec": "x", "stream_url": "x", "y": 1})
    error = answer.get_json()["error"]
    fields = [problem["field"] for problem in error["details"]["fields"]]
    assert sorted(fields) == ["stream_codec", "stream_track", "stream_url", "y"]
    assert "4 fields" in error["message"]


# --- the tables are complete -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIX)
def test_table_walks_every_parameter_of_the_command(name: str) -> None:
    assert COMMANDS[name].model_fields.keys() == ENUMS[name].keys() | VALUES[name].keys() | COMMON.keys()


@pytest.mark.parametrize("engine", ENGINES)
def test_table_walks_every_setting_of_the_engine(engine: str) -> None:
    assert config_fields(ENGINE_CONFIGS[engine]) == ENGINES[engine].keys() | {"transcription_engine"}


def test_table_walks_every_engine() -> None:
    assert ENGINE_CONFIGS.keys() == ENGINES.keys() | {"A", "B"} and len(ENGINES) == 12


def config_fields(known: Any) -> set[str]:
    if isinstance(known, type) and issubclass(known, BaseModel):
        return set(known.model_fields)
    return set().union(*(config_fields(branch) for branch in known.values()))


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_token_of_a_stream_is_sent_and_kept_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token, query = "one-time-secret-of-the-stream", "secret-in-the-address"
    url = f"wss://dash.example.com/media?token={query}"
    call_id, answer = desk.press("streaming_start", {"stream_auth_token": token, "stream_url": url})
    assert answer.status_code == 202
    [sent] = desk.wire.requests
    assert json.loads(sent.body or b"")["stream_auth_token"] == token
    log = desk.log_of(call_id)
    [command] = log.get_json()["commands"]
    assert command["parameters"]["stream_url"] == "wss://dash.example.com/media"
    assert "stream_auth_token" not in command["parameters"]
    on_disk = b"".join(path.read_bytes() for path in desk.database.parent.iterdir())
    for secret in (token, query, KEY):
        assert secret not in log.text and secret not in answer.text and secret not in caplog.text
        assert secret.encode() not in on_disk
    assert call_id.encode() in on_disk


# --- what forms are made of ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schemas(desk: Desk) -> dict[str, Any]:
    answer = desk.app.test_client().get("/api/commands", headers=BEARER)
    assert answer.status_code == 200
    listed: dict[str, Any] = answer.get_json()["commands"]
    return listed


TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
KEYWORDS: dict[str, type | tuple[type, ...]] = {
    "title": str, "description": str, "enum": list, "required": list, "properties": dict, "$defs": dict, "$ref": str,
    "anyOf": list, "oneOf": list, "examples": list, "pattern": str, "minLength": int, "maxLength": int,
    "minItems": int, "maxItems": int, "minimum": (int, float), "maximum": (int, float), "discriminator": dict,
    "additionalProperties": (bool, dict), "items": dict,
}  # fmt: skip


def offences(schema: Any, root: Given, path: str) -> Iterator[str]:
    """What is not JSON Schema (draft 2020-12) about a schema, as far as structure goes."""
    if not isinstance(schema, dict):
        yield f"{path} is no schema"
        return
    for keyword, value in schema.items():
        if keyword in KEYWORDS and not isinstance(value, KEYWORDS[keyword]):
            yield f"{path}.{keyword} is a {type(value).__name__}"
    kind = schema.get("type")
    if kind is not None and kind not in TYPES:
        yield f"{path}.type is {kind}"
    reference = schema.get("$ref")
    if reference is not None and reference.removeprefix("#/$defs/") not in root.get("$defs", {}):
        yield f"{path} refers to {reference}, which is not there"
    if not set(schema.get("required", ())) <= schema.get("properties", {}).keys():
        yield f"{path} requires what it does not describe"
    for word in ("properties", "$defs"):
        for name, part in schema.get(word, {}).items():
            yield from offences(part, root, f"{path}.{name}")
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from offences(schema[word], root, f"{path}.{word}")
    for word in ("anyOf", "oneOf"):
        for number, part in enumerate(schema.get(word, ())):
            yield from offences(part, root, f"{path}.{word}{number}")


def test_schemas_are_json_schema(schemas: dict[str, Any]) -> None:
    assert schemas.keys() == COMMANDS.keys()
    for name, schema in schemas.items():
        assert schema["type"] == "object" and schema["additionalProperties"] is False
        assert list(offences(schema, schema, name)) == []


def test_check_of_schemas_can_fail() -> None:
    bad: Given = {"type": "text", "required": ["a"], "properties": {"b": {"$ref": "#/$defs/C"}, "c": {"enum": "x"}}}
    assert len(list(offences(bad, bad, "bad"))) == 4


def test_every_parameter_has_a_title_and_its_choices(schemas: dict[str, Any]) -> None:
    for name in SIX:
        properties = schemas[name]["properties"]
        assert properties.keys() == COMMANDS[name].model_fields.keys()
        assert all(shown.get("title") for shown in properties.values())
        for field, values in ENUMS[name].items():
            shown = properties[field]
            assert shown.get("enum", [shown.get("const")]) == values, field


def test_every_setting_of_every_engine_has_a_title_and_its_choices(schemas: dict[str, Any]) -> None:
    parts = schemas["transcription_start"]["$defs"]
    for engine, fields in ENGINES.items():
        configs = [part for part in parts.values() if engine in engines_of(part)]
        assert configs, engine
        shown: Given = {}
        choices: list[Any] = []
        listed = CONFIG_ENUMS.get(engine, "transcription_model")
        for part in configs:
            shown |= part["properties"]
            field = part["properties"].get(listed, {})
            choices += field.get("enum", [field["const"]] if "const" in field else [])
        assert shown.keys() == fields.keys() | {"transcription_engine"}
        assert all(field.get("title") for field in shown.values())
        assert choices == fields[listed]


def engines_of(part: Given) -> list[str]:
    engine = part.get("properties", {}).get("transcription_engine", {})
    found: list[str] = engine.get("enum", [engine.get("const")])
    return found


def test_defaults_in_forms_are_the_providers(schemas: dict[str, Any]) -> None:
    streaming = schemas["streaming_start"]["properties"]
    assert {name: shown["default"] for name, shown in streaming.items() if "default" in shown} == {
        "stream_track": "inbound_track",
        "stream_codec": "default",
        "stream_bidirectional_mode": "mp3",
        "stream_bidirectional_codec": "PCMU",
        "stream_bidirectional_sampling_rate": 8000,
        "stream_bidirectional_target_legs": "opposite",
        "enable_dialogflow": False,
    }
    assert schemas["transcription_start"]["properties"]["transcription_engine"]["default"] == "Google"
    assert schemas["transcription_start"]["properties"]["transcription_tracks"]["default"] == "inbound"
