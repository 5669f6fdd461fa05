"""The Telnyx REST client: commands, calls, applications and the webhook key. `transport` sends the requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs

import requests
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dashboard.errors import ProviderError
from dashboard.telnyx.api.errors import invalid_response
from dashboard.telnyx.api.transport import DEFAULT_BASE_URL, DEFAULT_TIMEOUT_S, ApiResponse, Transport
from dashboard.telnyx.commands import Command, path_segment
from dashboard.telnyx.json_values import OptionalId, OptionalTimestamp, RequiredId, count_or_none

# Telnyx API reference, List active calls: page[limit] is 1 to 250.
_MAX_PAGE_SIZE = 250
# The list's cursor is the provider's word; a cursor that never ends must not keep us for ever.
_MAX_PAGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAccepted:
    """An accepted command. `data` is the response's `data` object; a webhook reports the effect."""

    status: int
    attempts: int
    elapsed_ms: int
    data: Mapping[str, Any] = field(repr=False)


class _CallFacts(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    call_id: Annotated[RequiredId, Field(alias="call_control_id")]
    leg_id: Annotated[OptionalId, Field(alias="call_leg_id")] = None
    session_id: Annotated[OptionalId, Field(alias="call_session_id")] = None
    duration_s: Annotated[int | None, BeforeValidator(count_or_none), Field(alias="call_duration")] = None


class ActiveCall(_CallFacts):
    """One running call. The provider's list has no telephone numbers and no direction."""


class CallStatus(_CallFacts):
    """The status of one call, available until ten minutes after its end."""

    is_alive: bool
    started_at: Annotated[OptionalTimestamp, Field(alias="start_time")] = None
    ended_at: Annotated[OptionalTimestamp, Field(alias="end_time")] = None


_AnyCallFacts = TypeVar("_AnyCallFacts", bound=_CallFacts)


class TelnyxClient:
    """Sends commands and queries. Every method raises ProviderError when Telnyx refuses or fails."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = DEFAULT_BASE_URL,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        timeout: tuple[float, float] = DEFAULT_TIMEOUT_S,
        observe_command: Callable[[str, int | None], None] = lambda name, status: None,
    ) -> None:
        """`timeout` is (connect, read) in seconds for each attempt; a `session` replaces the HTTP session.

        `observe_command` receives the name of each command and its HTTP status, None without a response.
        """
        self._observe_command = observe_command
        self._transport = Transport(
            api_key=api_key, base_url=base_url, session=session, sleep=sleep, monotonic=monotonic, timeout=timeout
        )

    def execute_command(self, command: Command) -> CommandAccepted:
        """Send a command, at most three times with the same `command_id`."""
        try:
            answer = self._transport.request("POST", command.path, body=command.body)
        except ProviderError as error:
            self._observe_command(command.name, error.status)
            raise
        self._observe_command(command.name, answer.status)
        return CommandAccepted(
            status=answer.status,
            attempts=answer.attempts,
            elapsed_ms=answer.elapsed_ms,
            data=_response_data(answer, required=False),
        )

    def get_public_key(self) -> str:
        """The account's webhook key, base64. Telnyx's examples use this address; its reference does not list it."""
        answer = self._transport.request("GET", "/public_key")
        key = _response_data(answer).get("public")
        if not isinstance(key, str) or not key:
            raise _invalid_response(answer)
        return key

    def get_call_status(self, call_id: str) -> CallStatus:
        """One call by its control id (Telnyx API reference, Retrieve a call status)."""
        answer = self._transport.request("GET", f"/calls/{path_segment('call_id', call_id)}")
        return _parse_model(CallStatus, _response_data(answer), answer)

    def list_active_calls(self, connection_id: str, *, limit: int) -> list[ActiveCall]:
        """At most `limit` running calls of an application, each once."""
        calls: dict[str, ActiveCall] = {}
        for item, answer in self._active_call_items(connection_id, limit):
            call = _parse_model(ActiveCall, item, answer)
            calls.setdefault(call.call_id, call)
        return list(calls.values())[:limit]

    def get_application(self, connection_id: str) -> Mapping[str, Any]:
        """The settings of a Voice API application, unchanged."""
        path = f"/call_control_applications/{path_segment('connection_id', connection_id)}"
        return _response_data(self._transport.request("GET", path))

    def _active_call_items(self, connection_id: str, limit: int) -> Iterator[tuple[object, ApiResponse]]:
        path = f"/connections/{path_segment('connection_id', connection_id)}/active_calls"
        query = {"page[limit]": str(max(1, min(limit, _MAX_PAGE_SIZE)))}
        seen: set[str] = set()
        count = 0
        for _ in range(_MAX_PAGES):
            answer = self._transport.request("GET", path, query=query)
            items = answer.document.get("data")
            if not isinstance(items, list):
                raise _invalid_response(answer)
            for item in items:
                yield item, answer
            count += len(items)
            cursor = _next_cursor(answer.document)
            if count >= limit or cursor is None or cursor in seen:
                return
            seen.add(cursor)
            query["page[after]"] = cursor


def _next_cursor(document: Mapping[str, Any]) -> str | None:
    """The cursor inside `meta.next`. Only the cursor is taken: the rest of that address is not ours to follow."""
    meta = document.get("meta")
    following = meta.get("next") if isinstance(meta, dict) else None
    if not isinstance(following, str):
        return None
    _, _, query = following.partition("?")
    cursors = parse_qs(query).get("page[after]")
    return cursors[0] if cursors else None


def _response_data(response: ApiResponse, *, required: bool = True) -> Mapping[str, Any]:
    data = response.document.get("data")
    if isinstance(data, dict):
        return data
    if required:
        raise _invalid_response(response)
    return {}


def _parse_model(model: type[_AnyCallFacts], data: object, response: ApiResponse) -> _AnyCallFacts:
    try:
        return model.model_validate(data)
    except ValidationError:
        pass
    raise _invalid_response(response)


def _invalid_response(response: ApiResponse) -> ProviderError:
    return invalid_response(response.status, attempts=response.attempts, elapsed_ms=response.elapsed_ms)
