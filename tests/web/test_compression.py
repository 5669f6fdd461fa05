"""Pages and answers of the API travel packed, for whoever can unpack them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import transcription_payload

ASKING = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/", "/setup", "/api/commands", "/api/calls/call-1/transcript.srt"])
def test_long_answer_is_packed_for_those_who_can_unpack(
    client: FlaskClient, deliver: Callable[..., Any], path: str
) -> None:
    deliver("call.transcription", transcription_payload("A table for six, please. " * 60), call_id="call-1")
    plain = client.get(path)
    packed = client.get(path, headers=ASKING)
    assert packed.status_code == plain.status_code == 200
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(gzip.decompress(packed.data)) == pytest.approx(len(plain.data), rel=0.01)


@pytest.mark.parametrize("asking", ["identity", "gzip;q=0", "br"])
def test_nothing_is_packed_for_others(client: FlaskClient, asking: str) -> None:
    assert "Content-Encoding" not in client.get("/api/commands", headers={"Accept-Encoding": asking}).headers


def test_short_answer_is_not_worth_it(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=ASKING).headers
    assert "Content-Encoding" not in client.get("/api/calls", headers=ASKING).headers
