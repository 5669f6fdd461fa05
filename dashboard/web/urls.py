"""Addresses of this dashboard as Telnyx has to know them."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import request

from dashboard.web.context import services


def webhook_url() -> str:
    """Where Telnyx is to send webhooks: at PUBLIC_URL, or else at the address that this browser uses."""
    return urljoin(services().config.public_url or request.url_root, "/webhooks/telnyx")


def stream_url() -> str | None:
    """Where Telnyx can stream the media of a call to this dashboard."""
    return services().stream_endpoint.url(request.url_root)
