"""The official SDK and this client, given the same command, put the same request on the wire."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from typing import Any

import httpx
import pytest
import requests
import telnyx
import urllib3
from requests.adapters import BaseAdapter

from dashboard.errors import ProviderError
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.commands import build_command

KEY = "KEY0123456789ABCDEF_parity"
BASE = "https://api.telnyx.com/v2"
CALL_ID = "v3:abc_-x~1=&/"
STATE = '{"call":"c1"}'

METHODS = {
    "fork_start": "start_forking",
    "fork_stop": "stop_forking",
    "streaming_start": "start_streaming",
    "streaming_stop": "stop_streaming",
    "transcription_start": "start_transcription",
    "transcription_stop": "stop_transcription",
    "answer": "answer",
    "reject": "reject",
    "hangup": "hangup",
}


def engine(name: str, **config: Any) -> dict[str, Any]:
    return {
        "transcription_engine": name,
        "transcription_engine_config": {"transcription_engine": name, **config},
        "transcription_tracks": "both",
    }


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("fork_start", {"rx": "udp:9.9.9.9:40000", "tx": "udp:9.9.9.9:40002", "stream_type": "decrypted"}),
    ("fork_stop", {"stream_type": "decrypted"}),
    ("fork_stop", {"stream_type": "raw"}),
    (
        "streaming_start",
        {
            "stream_url": "wss://dash.example.com/media?x=1",
            "stream_track": "both_tracks",
            "stream_codec": "PCMU",
            "stream_bidirectional_mode": "rtp",
            "stream_bidirectional_codec": "L16",
            "stream_bidirectional_sampling_rate": 16000,
            "stream_bidirectional_target_legs": "both",
            "stream_auth_token": "token",
            "custom_parameters": [{"name": "call", "value": "é"}],
            "enable_dialogflow": False,
            "dialogflow_config": {"analyze_sentiment": True, "partial_automated_agent_reply": False},
        },
    ),
    ("streaming_stop", {}),
    ("streaming_stop", {"stream_id": "3f0f5a52-6d1e-4c57-8f6e-0c8f5b7a2d10"}),
    ("transcription_start", {}),
    (
        "transcription_start",
        engine(
            "Google",
            model="phone_call",
            language="en",
            interim_results=True,
            hints=["order"],
            speech_context=[{"phrases": ["a"], "boost": 2.5}],
            profanity_filter=True,
            use_enhanced=True,
            enable_speaker_diarization=True,
            min_speaker_count=2,
            max_speaker_count=3,
        ),
    ),
    ("transcription_start", engine("A", language="en")),
    ("transcription_start", engine("Telnyx", transcription_model="openai/whisper-tiny", language="auto_detect")),
    ("transcription_start", engine("B", language="de")),
    (
        "transcription_start",
        engine(
            "Deepgram",
            transcription_model="deepgram/nova-3",
            language="en-US",
            interim_results=True,
            smart_format=False,
            utterance_end_ms=500,
            keywords_boosting={"telnyx": 2.0},
            keyterms=["call"],
        ),
    ),
    ("transcription_start", engine("Deepgram", transcription_model="deepgram/nova-2", hints=["call"])),
    ("transcription_start", engine("Azure", region="eastus", language="auto", api_key_ref="secret_name")),
    ("transcription_start", engine("xAI", transcription_model="xai/grok-stt", language="en", interim_results=True)),
    ("transcription_start", engine("AssemblyAI", transcription_model="assemblyai/universal-streaming")),
    ("transcription_start", engine("Speechmatics", transcription_model="speechmatics/linden-1", language="de")),
    ("transcription_start", engine("Soniox", enable_endpoint_detection=True, max_endpoint_delay_ms=700)),
    ("transcription_start", engine("Parakeet", transcription_model="nvidia/parakeet-v3", interim_results=False)),
    ("transcription_start", engine("Humain", transcription_model="humain/realtime", language="codeswitch")),
    ("transcription_start", engine("Reson8", transcription_model="reson8/turns", language="fy")),
    ("transcription_start", engine("Cohere", transcription_model="cohere/ar-stt", language="ar")),
    ("transcription_stop", {}),
    (
        "answer",
        {
            "stream_url": "wss://a.example/",
            "stream_track": "both_tracks",
            "transcription": True,
            "transcription_config": engine("Telnyx", language="en"),
            "webhook_url": "https://a.example/hook",
            "webhook_urls": {"call.hangup": ["https://a.example/hangup"]},
            "webhook_retries_policies": {"call.hangup": {"retries_ms": [1000, 2000]}},
            "record": "record-from-answer",
            "sip_headers": [{"name": "User-to-User", "value": "x"}],
        },
    ),
    ("reject", {"cause": "USER_BUSY"}),
    ("hangup", {}),
    ("hangup", {"reason": "Answered elsewhere", "custom_headers": [{"name": "X-A", "value": "b"}]}),
    ("dial", {"connection_id": "1234567890123456789", "to": "+15550100002", "from": "+15550100001"}),
    (
        "dial",
        {
            "connection_id": "1",
            "to": ["+15550100002", "sip:bob@example.com"],
            "from": "+15550100001",
            "timeout_secs": 20,
            "time_limit_secs": 600,
            "stream_auth_token": "t",
            "stream_bidirectional_sampling_rate": 8000,
            "answering_machine_detection": "premium",
            "sound_modifications": {"pitch": 1.5},
            "transcription_config": {"transcription_engine": "Telnyx"},
        },
    ),
]


class Recorder(BaseAdapter):
    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.request = request
        response = requests.Response()
        response.status_code = 200
        response.raw = urllib3.HTTPResponse(io.BytesIO(b'{"data":{"result":"ok"}}'), preload_content=False)
        return response

    def close(self) -> None:
        pass


def asked_by_sdk(name: str, params: dict[str, Any]) -> httpx.Request:
    seen: list[httpx.Request] = []

    def wire(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"result": "ok"}})

    with httpx.Client(transport=httpx.MockTransport(wire)) as http_client:
        sdk = telnyx.Telnyx(api_key=KEY, base_url=BASE, http_client=http_client)
        if name == "dial":
            sdk.calls.dial(**{"from_" if key == "from" else key: value for key, value in params.items()})
        else:
            getattr(sdk.calls.actions, METHODS[name])(CALL_ID, **params)
    return seen[0]


def asked_by_us(name: str, params: dict[str, Any]) -> requests.PreparedRequest:
    session = requests.Session()
    recorder = Recorder()
    session.mount("https://", recorder)
    command = build_command(name, None if name == "dial" else CALL_ID, params, command_id="unused")
    TelnyxClient(api_key=KEY, base_url=BASE, session=session).execute_command(command)
    return recorder.request


@pytest.mark.parametrize(("name", "params"), COMMANDS)
def test_the_same_command_makes_the_same_request(name: str, params: dict[str, Any]) -> None:
    encoded = base64.b64encode(STATE.encode()).decode()

    theirs = asked_by_sdk(name, params | {"command_id": "c1", "client_state": encoded})
    ours = asked_by_us(name, params | {"command_id": "c1", "client_state": STATE})

    assert ours.method == theirs.method == "POST"
    assert ours.url == str(theirs.url)
    assert json.loads(ours.body or b"") == json.loads(theirs.content)
    for header in ("Authorization", "Content-Type", "Accept"):
        assert ours.headers[header] == theirs.headers[header]


def test_every_command_is_compared() -> None:
    assert {name for name, _ in COMMANDS} == METHODS.keys() | {"dial"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (lambda sdk: sdk.calls.retrieve_status(CALL_ID), lambda client: client.get_call_status(CALL_ID)),
        (lambda sdk: sdk.call_control_applications.retrieve("123"), lambda client: client.get_application("123")),
        (
            lambda sdk: sdk.connections.list_active_calls("123"),
            lambda client: client.list_active_calls("123", limit=20),
        ),
    ],
)
def test_the_same_question_asks_the_same_address(theirs: Any, ours: Any) -> None:
    urls: list[httpx.URL] = []

    def wire(request: httpx.Request) -> httpx.Response:
        urls.append(request.url)
        return httpx.Response(200, json={"data": [], "meta": {}})

    with httpx.Client(transport=httpx.MockTransport(wire)) as http_client:
        theirs(telnyx.Telnyx(api_key=KEY, base_url=BASE, http_client=http_client))
    session = requests.Session()
    recorder = Recorder()
    session.mount("https://", recorder)
    with contextlib.suppress(ProviderError):  # the recorder's answer fits commands only
        ours(TelnyxClient(api_key=KEY, base_url=BASE, session=session))

    assert str(recorder.request.url).partition("?")[0] == str(urls[0]).partition("?")[0]
