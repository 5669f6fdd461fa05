"""What Prometheus reads: enough to run it by, and nothing about anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.errors import StoreBusyError
from tests.conftest import CALL_ID, Signer, build_event_body, services_of, transcription_payload
from tests.system.provider import RecordingProvider, error_body
from tests.web.conftest import BEARER

WORDS = "my secret order number is 7429"
NUMBERS = {"from": "+15550100142", "to": "+15550100199"}
LEG = "428c31b6-7af4-4bcb-b7f5-5013ef9657c1"
LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="[^"]*",?)+)\})? (\S+)')


def read(client: FlaskClient, **headers: Any) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            match = LINE.fullmatch(line)
            assert match is not None, line
            labels = f"{{{match[2]}}}" if match[2] else ""
            found[match[1].removeprefix("call_console_") + labels] = float(match[3])
    return found


def webhooks(metrics: dict[str, float]) -> dict[str, float]:
    """Counts by verdict and reason."""
    pattern = re.compile(r'webhooks_total\{reason="(\w*)",verdict="(\w+)"\}')
    named = ((pattern.fullmatch(name), count) for name, count in metrics.items())
    return {f"{found[2]} {found[1]}".strip(): count for found, count in named if found}


# What is counted


def test_webhooks_are_counted_by_verdict(client: FlaskClient, deliver: Callable[..., Any], signer: Signer) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.transcription", transcription_payload("hel", final=False))
    deliver("call.transcription", transcription_payload("hello"), event_id="once")
    deliver("call.transcription", transcription_payload("hello"), event_id="once")
    client.post("/webhooks/telnyx", data=b"{}")
    client.post("/webhooks/telnyx", data=b"{}", headers=signer.sign_headers(b"{}"))
    old = build_event_body("call.initiated")
    client.post("/webhooks/telnyx", data=old, headers=signer.sign_headers(old, at=1_000_000_000))
    assert webhooks(read(client)) == {
        "interim": 1,
        "accepted": 2,
        "duplicate": 1,
        "refused missing_signature": 1,
        "refused stale": 1,
        "unreadable": 1,
    }


def test_a_webhook_that_cannot_be_stored_is_counted(
    app: Flask, client: FlaskClient, deliver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(record: Any) -> None:
        raise StoreBusyError("The database is too slow.")

    monkeypatch.setattr(services_of(app).ingest, "store_event", refuse)
    assert deliver("call.initiated", {"direction": "incoming"}).status_code == 503
    assert webhooks(read(client)) == {"not_stored": 1}


def test_commits_are_measured(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    before = read(client)
    deliver("call.initiated", {"direction": "incoming"})
    after = read(client)
    for name in ("store_commit_seconds_count", "store_batch_works_count", "store_batch_works_sum"):
        assert after[name] == before[name] + 1
    assert after["store_commit_seconds_sum"] > before["store_commit_seconds_sum"]
    assert after["store_waiting"] == 0


def test_frames_and_watchers_are_counted(app: Flask, client: FlaskClient, deliver: Callable[..., Any]) -> None:
    watcher = app.extensions["socketio"].test_client(app)
    watcher.emit("watch", {}, callback=True)
    deliver("call.initiated", {"direction": "incoming"})
    # The feed's own task sends it, at its own time; the test's time-out ends a wait for nothing.
    while not (metrics := read(client))["frames_sent_total"]:
        continue
    assert metrics["watchers"] == 1 and metrics["frames_sent_total"] == 1 and metrics["feed_waiting"] == 0


def test_interims_nobody_sees_are_counted(app: Flask, client: FlaskClient, deliver: Callable[..., Any]) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.hangup")
    deliver("call.transcription", transcription_payload("too late", final=False))
    metrics = read(client)
    assert metrics['interims_dropped_total{reason="late"}'] == 1
    assert metrics['interims_dropped_total{reason="overtaken"}'] == 0


def test_commands_are_counted_by_name_and_status(
    client: FlaskClient, deliver: Callable[..., Any], press: Callable[..., Any], provider: RecordingProvider
) -> None:
    deliver("call.initiated", {"direction": "incoming"})
    press(CALL_ID, "answer")
    provider.next_responses.append((422, error_body("90018")))
    press(CALL_ID, "hangup")
    metrics = read(client)
    assert metrics['commands_total{name="answer",status="200"}'] == 1
    assert metrics['commands_total{name="hangup",status="422"}'] == 1


def test_delays_have_a_number_once_a_line_came(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    stored = 'line_delay_seconds{quantile="0.5",stage="received_to_stored"}'
    assert read(client)[stored] != read(client)[stored]  # not a number yet
    deliver("call.initiated", {"direction": "incoming"})
    deliver("call.transcription", transcription_payload("hello"))
    assert 0 < read(client)[stored] < 5


# What is not told


def test_no_speech_no_numbers_no_ids(
    client: FlaskClient, deliver: Callable[..., Any], press: Callable[..., Any], signer: Signer
) -> None:
    deliver("call.initiated", {**NUMBERS, "direction": "incoming", "call_leg_id": LEG})
    deliver("call.answered")
    press(CALL_ID, "transcription_start")
    deliver("call.transcription", transcription_payload(WORDS, final=False))
    deliver("call.transcription", transcription_payload(WORDS), event_id="an-event-id")
    deliver("call.dtmf.received", {"digit": "5"})
    text = client.get("/metrics").get_data(as_text=True)
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    told = [*WORDS.split(), *NUMBERS.values(), CALL_ID, "v3:", LEG, "an-event-id", signer.public_key, "KEY", "dtmf"]
    labels = "\n".join(sample.rpartition(" ")[0] for sample in samples)
    assert {word for word in told if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", labels)} == set()


def test_every_label_takes_few_values(client: FlaskClient, deliver: Callable[..., Any]) -> None:
    """A series for each call would grow without end."""
    counts = []
    for number in range(3):
        deliver("call.initiated", {**NUMBERS, "direction": "incoming"}, call_id=f"v3:call-{number}")
        deliver("call.transcription", transcription_payload(f"{WORDS} {number}"), call_id=f"v3:call-{number}")
        counts.append(len(read(client)))
    assert counts[0] == counts[2]


@pytest.mark.parametrize("path", ["/metrics", "/api/latency"])
def test_metrics_want_a_login(path: str, guarded: Flask) -> None:
    client = guarded.test_client()
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get(path, headers=BEARER).status_code == 200
