"""What views reach through the current application. The only reader of `app.extensions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

if TYPE_CHECKING:
    from dashboard.bootstrap import Services
    from dashboard.web.assets import Assets
    from dashboard.web.auth import Authenticator

KEY = "dashboard"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebContext:
    """The services, and what only the web needs beside them."""

    services: Services
    authenticator: Authenticator
    assets: Assets


def set_context(app: Flask, context: WebContext) -> None:
    """Attach the context to an application; a second call replaces it."""
    app.extensions[KEY] = context


def context_of(app: Flask) -> WebContext:
    """The context of an application."""
    return cast(WebContext, app.extensions[KEY])


def services() -> Services:
    """The services of the current application."""
    return context_of(current_app).services


def authenticator() -> Authenticator:
    """The authenticator of the current application."""
    return context_of(current_app).authenticator


def assets() -> Assets:
    """The static files of the current application."""
    return context_of(current_app).assets
