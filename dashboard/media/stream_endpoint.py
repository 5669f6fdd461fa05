"""The dashboard's own address for media streams, with a token for each call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from dashboard.errors import CommandError, FieldProblem
from dashboard.media.receiver import PATH
from dashboard.media.tokens import StreamTokens
from dashboard.messages import _


class StreamEndpoint:
    """Builds stream addresses.

    `address` is where Telnyx reaches this server; without one, the request's address is used.
    """

    def __init__(self, address: str | None, tokens: StreamTokens) -> None:
        self._address = address
        self._tokens = tokens

    def url(self, request_url: str | None = None) -> str | None:
        """None without any address: an automatic command has no request."""
        address = self._address or request_url
        return None if address is None else "ws" + urljoin(address, PATH).removeprefix("http")

    def with_default_url(
        self, name: str, call_id: str, parameters: Mapping[str, Any], *, request_url: str | None = None
    ) -> Mapping[str, Any]:
        """Add our address and a fresh token to a `streaming_start` that names no other."""
        if name != "streaming_start" or parameters.get("enable_dialogflow"):
            return parameters
        url, wanted = self.url(request_url), parameters.get("stream_url")
        if wanted and (wanted != url or parameters.get("stream_auth_token")):
            return parameters
        if url is None:
            raise CommandError([FieldProblem(field="stream_url", reason=_("is needed where PUBLIC_URL is not set"))])
        return {**parameters, "stream_url": url, "stream_auth_token": self._tokens.issue(call_id)}
