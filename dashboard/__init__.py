"""A live transcription dashboard for Telnyx calls.

Functions import what they need, so that `python -m dashboard.simulator` and the release step start without Flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings, **options: Any) -> Flask:
    """Build the application; see `dashboard.app.create_app`."""
    from dashboard.app import create_app as build

    return build(settings, **options)
