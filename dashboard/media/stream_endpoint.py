"""A stream without an address comes here: the dashboard's own media socket, with a token good for that one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from flask import has_request_context, request

from dashboard.errors import CommandError, FieldProblem
from dashboard.media.receiver import PATH
from dashboard.media.tokens import Tokens
from dashboard.messages import said


class OwnStream:
    """`address` is where the provider reaches this server; without one, it is the address this request came to."""

    def __init__(self, address: str | None, tokens: Tokens) -> None:
        self._address = address
        self._tokens = tokens

    def url(self) -> str | None:
        """None where nobody has said how this server is reached: a rule presses without a request."""
        address = self._address or (request.url_root if has_request_context() else None)
        return None if address is None else "ws" + urljoin(address, PATH).removeprefix("http")

    def filled(self, name: str, call_id: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters of a command, with our address and a fresh token where `streaming_start` names no other."""
        if name != "streaming_start" or parameters.get("enable_dialogflow"):
            return parameters
        url, wanted = self.url(), parameters.get("stream_url")
        if wanted and (wanted != url or parameters.get("stream_auth_token")):
            return parameters
        if url is None:
            raise CommandError([FieldProblem(field="stream_url", reason=said("is needed where PUBLIC_URL is not set"))])
        return {**parameters, "stream_url": url, "stream_auth_token": self._tokens.issue(call_id)}
