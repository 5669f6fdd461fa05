"""Addresses of this dashboard as Telnyx has to know them."""

from __future__ import annotations

from urllib.parse import urljoin

from flask import request

from dashboard.web.context import services


def webhook_url() -> str:
    """The webhook address for Telnyx: at PUBLIC_URL, or else at the request's address."""
    return urljoin(services().config.public_url or request.url_root, "/webhooks/telnyx")


def stream_url() -> str | None:
    """The address of this dashboard for media streams."""
    return services().stream_endpoint.url(request.url_root)
