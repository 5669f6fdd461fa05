"""An application whose commands go to a recording provider, and ways to sign in to one that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard import create_app
from dashboard.settings import Settings
from tests.conftest import services_of
from tests.system.provider import RecordingProvider

PASSWORD = "the operators' password"
VIEWER_PASSWORD = "the viewers' password"
TOKEN = "a token for the scripts of the test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def provider() -> Iterator[RecordingProvider]:
    with RecordingProvider() as provider:
        yield provider


@pytest.fixture
def settings(settings: Settings, provider: RecordingProvider) -> Settings:
    return replace(settings, telnyx_base_url=provider.base_url)


@pytest.fixture
def make_app(settings: Settings) -> Iterator[Callable[..., Flask]]:
    """An application with some settings changed; several may share the database."""
    made: list[Flask] = []

    def make(**changed: object) -> Flask:
        made.append(create_app(replace(settings, **changed)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        services_of(app).close()


@pytest.fixture
def guarded(make_app: Callable[..., Flask]) -> Flask:
    """An application that wants to know who asks."""
    return make_app(dashboard_password=PASSWORD, dashboard_viewer_password=VIEWER_PASSWORD, dashboard_api_token=TOKEN)


def csrf_token(client: FlaskClient, path: str = "/") -> str:
    """The token that a page hands to its own forms and buttons."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
    assert found is not None, f"{path} carries no token"
    return found[1]


def sign_in(client: FlaskClient, password: str = PASSWORD, back: str = "") -> int:
    token = csrf_token(client, "/login")
    return client.post("/login", data={"password": password, "next": back, "csrf_token": token}).status_code


@pytest.fixture
def press(client: FlaskClient) -> Callable[..., object]:
    """Press a button as the page does: with its token."""
    token = csrf_token(client)

    def press(call_id: str, name: str, parameters: dict[str, object] | None = None) -> object:
        address = f"/api/calls/{call_id}/actions/{name}"
        return client.post(address, json=parameters or {}, headers={"X-CSRFToken": token})

    return press
