"""Fixtures of all tests: an application, its database, signed webhooks."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from nacl.signing import SigningKey

from dashboard import create_app
from dashboard.bootstrap import Services
from dashboard.settings import ENV_NAMES, Settings
from dashboard.store.migrate import upgrade
from dashboard.web.context import context_of
from tests.running import (
    compiled_templates,
    pytest_addoption,
    pytest_collection_finish,
    pytest_collection_modifyitems,
)

__all__ = ["compiled_templates", "pytest_addoption", "pytest_collection_finish", "pytest_collection_modifyitems"]

CALL_ID = "v3:EXAMPLE-call-control-id_0001"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove every setting of this machine."""
    for name in ENV_NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@dataclass
class Signer:
    """Signs webhooks like the provider. See "Webhook signing" in the Telnyx documentation."""

    key: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def public_key(self) -> str:
        return base64.b64encode(bytes(self.key.verify_key)).decode()

    def sign_headers(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        timestamp = str(int(time.time() if at is None else at))
        signature = self.key.sign(timestamp.encode() + b"|" + body).signature
        return {
            "Content-Type": "application/json",
            "User-Agent": "telnyx-webhooks",
            "Telnyx-Signature-Ed25519": base64.b64encode(signature).decode(),
            "Telnyx-Timestamp": timestamp,
        }


def build_event_body(
    event_type: str,
    payload: dict[str, Any] | None = None,
    *,
    call_id: str = CALL_ID,
    event_id: str | None = None,
    at: datetime | None = None,
    attempt: int = 1,
) -> bytes:
    """A webhook body in the provider's shape."""
    occurred_at = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    data = {
        "record_type": "event",
        "event_type": event_type,
        "id": event_id or str(uuid.uuid4()),
        "occurred_at": occurred_at,
        "payload": {"call_control_id": call_id, **(payload or {})},
    }
    return json.dumps({"data": data, "meta": {"attempt": attempt, "delivered_to": "http://localhost/"}}).encode()


def transcription_payload(
    text: str, *, final: bool = True, track: str | None = "inbound", confidence: float | None = 0.9
) -> dict[str, Any]:
    """The payload of a `call.transcription`."""
    data: dict[str, Any] = {"transcript": text, "is_final": final, "confidence": confidence}
    if track is not None:
        data["transcription_track"] = track
    return {"transcription_data": data}


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "dashboard.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(tmp_path: Path, empty_database: Path) -> str:
    path = tmp_path / "dashboard.sqlite3"
    shutil.copyfile(empty_database, path)
    return f"sqlite:///{path}"


@pytest.fixture
def settings(signer: Signer, database_url: str) -> Settings:
    return Settings(
        telnyx_api_key="KEY_of_the_test",
        telnyx_public_key=signer.public_key,
        secret_key="a secret key of the test",
        database_url=database_url,
    )


def services_of(app: Flask) -> Services:
    """The services of an application."""
    return context_of(app).services


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    services_of(app).close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def deliver(client: FlaskClient, signer: Signer) -> Callable[..., Any]:
    """Sends a signed webhook to the application; returns the response."""

    def deliver(event_type: str, payload: dict[str, Any] | None = None, **facts: Any) -> Any:
        body = build_event_body(event_type, payload, **facts)
        return client.post("/webhooks/telnyx", data=body, headers=signer.sign_headers(body))

    return deliver


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report skipped tests as failures with `NO_SKIPS=1`."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("NO_SKIPS") and skipped:
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, and none may be here", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NO_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
