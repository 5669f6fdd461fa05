"""What forms are filled with: the parameters used last, and never a secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from dashboard.store import FinishCommand, StartDial
from dashboard.web.pages.console import last_used_parameters
from dashboard.web.urls import stream_url
from tests.conftest import services_of


def accept(app: Flask, name: str, parameters: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    store = services_of(app).store
    store.start_dial(StartDial(command_id="c1", name=name, requested_by="operator", at=now, parameters=parameters))
    store.finish_command(FinishCommand(command_id="c1", call_id="", at=now, status="accepted"))


def test_nothing_was_used_before_the_first_command(app: Flask) -> None:
    with app.test_request_context():
        assert last_used_parameters("fork_start") is None


def test_the_last_used_parameters_hold_nothing_of_one_call(app: Flask) -> None:
    accept(app, "fork_start", {"rx": "udp:198.51.100.20:40000", "client_state": "ZGVzaw==", "command_id": "c1"})
    with app.test_request_context():
        assert last_used_parameters("fork_start") == {"rx": "udp:198.51.100.20:40000"}


@pytest.mark.parametrize("is_ours", [True, False])
def test_our_own_stream_address_is_left_empty_because_each_call_needs_its_token(app: Flask, is_ours: bool) -> None:
    with app.test_request_context():
        address = stream_url() if is_ours else "wss://media.example.com/call"
        accept(app, "streaming_start", {"stream_url": address, "stream_codec": "PCMU"})
        assert last_used_parameters("streaming_start") == {
            **({} if is_ours else {"stream_url": address}),
            "stream_codec": "PCMU",
        }


def test_our_own_stream_address_gets_its_token_also_where_it_is_named(app: Flask) -> None:
    """A script or a default may name it, and without a token the stream would be refused at our door."""
    own = services_of(app).stream_endpoint
    url = own.url("http://localhost/")
    with app.test_request_context():
        filled = own.with_default_url(
            "streaming_start", "v3:a", {"stream_url": url, "stream_codec": "PCMU"}, request_url="http://localhost/"
        )
        assert filled["stream_url"] == url and filled["stream_auth_token"]
        theirs = {"stream_url": "wss://media.example.com/call"}
        assert own.with_default_url("streaming_start", "v3:a", theirs) == theirs
        chosen = {"stream_url": url, "stream_auth_token": "of my own"}
        assert own.with_default_url("streaming_start", "v3:a", chosen) == chosen


def test_forms_are_told_which_fields_are_secret(app: Flask) -> None:
    commands = app.test_client().get("/api/commands").get_json()["commands"]
    assert commands["streaming_start"]["properties"]["stream_auth_token"]["writeOnly"] is True
    assert "writeOnly" not in commands["streaming_start"]["properties"]["stream_url"]
