"""The REST API as a function from a request to an answer: who may ask, which path is what, which error comes first.

Knows no sockets: `server.py` speaks HTTP.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from ..call import SimCall
from ..context import SimulationContext
from ..ids import to_iso
from . import commands, pagination
from .body_fields import BodyFields
from .errors import ApiError, error_body
from .faults import Fault, FaultQueue

_ROUTE_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("POST", re.compile(r"/v2/calls"), "dial"),
    ("GET", re.compile(r"/v2/calls/([^/]+)"), "status"),
    ("PUT", re.compile(r"/v2/calls/([^/]+)/actions/(client_state_update)"), "command"),
    ("POST", re.compile(r"/v2/calls/([^/]+)/actions/(?!client_state_update\b)([a-z_]+)"), "command"),
    ("GET", re.compile(r"/v2/connections/([^/]+)/active_calls"), "active_calls"),
    ("GET", re.compile(r"/v2/call_control_applications/([^/]+)"), "application"),
    ("PATCH", re.compile(r"/v2/call_control_applications/([^/]+)"), "application"),
    ("GET", re.compile(r"/v2/public_key"), "public_key"),
)
_RATE_WINDOW_S = 60
_ORGANIZATION_ID = "8d7a3e1e-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """What to send; with a `fault`, what to do to the connection instead may stand there."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


class Headers(Protocol):
    """Looked up without regard to case."""

    def get(self, name: str, /) -> str | None: ...


class Provider(Protocol):
    """What the API needs of the simulator around it."""

    api_key: str
    public_key: str
    calls: dict[str, SimCall]

    def dial_call(self, fields: BodyFields) -> SimCall: ...


class RestApi:
    def __init__(self, provider: Provider, context: SimulationContext, faults: FaultQueue, *, rate_limit: int) -> None:
        self._provider = provider
        self._context = context
        self._faults = faults
        self._rate_limit = rate_limit
        self._rate_window = (0, 0)
        self._calls_by_command_id: dict[str, SimCall] = {}

    def handle_request(self, method: str, target: str, headers: Headers, content: bytes) -> ApiResponse:
        """Answer one request; never raises for what a client sent."""
        limits = self._rate_limit_headers()
        try:
            return self._dispatch_request(method, target, headers, content, limits)
        except ApiError as error:
            body = error_body(error.code, error.detail, pointer=error.pointer, parameter=error.parameter)
            return _json_response(error.status, body, limits)

    def _dispatch_request(
        self, method: str, target: str, headers: Headers, content: bytes, rate_limit_headers: dict[str, str]
    ) -> ApiResponse:
        expected = f"Bearer {self._provider.api_key}"
        if not hmac.compare_digest((headers.get("Authorization") or "").encode(), expected.encode()):
            raise ApiError("10009", "The API key is missing or not valid.")
        address = urlsplit(target)
        action, ids = _match_route(method, address.path)
        fault = self._faults.take_fault(ids[1] if action == "command" else action)
        if fault is not None and not fault.effect:
            return _fault_response(fault, rate_limit_headers)
        if rate_limit_headers["x-ratelimit-remaining"] == "0":
            raise ApiError("10011", "Slow down.")
        body = _parse_body(method, headers, content)
        with self._context.state_changed:
            status, document = self._run_action(action, method, ids, address.query, body)
        return (
            _fault_response(fault, rate_limit_headers)
            if fault is not None
            else _json_response(status, document, rate_limit_headers)
        )

    def _run_action(
        self, action: str, method: str, ids: list[str], query: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        match action:
            case "dial":
                return 200, {"data": self._call_details(self._dial_call(BodyFields(body))) | {"is_alive": False}}
            case "status":
                return 200, {"data": self._call_details(self._find_call(ids[0]))}
            case "command":
                if ids[1] not in commands.COMMANDS:
                    raise ApiError("10005", "There is no such command.")
                commands.execute_command(self._find_call(ids[0]), ids[1], body)
                return 200, {"data": {"result": "ok"}}
            case "active_calls":
                self._check_connection(ids[0])
                path = f"/v2/connections/{ids[0]}/active_calls"
                return 200, pagination.active_calls_page(path, query, list(self._provider.calls.values()))
            case "application":
                self._check_connection(ids[0])
                if method == "PATCH":
                    self._context.application.apply_patch(BodyFields(body))
                return 200, {"data": self._context.application.document}
            case _:
                key = {"record_type": "public_key", "public": self._provider.public_key}
                return 200, {"data": key | {"organization_id": _ORGANIZATION_ID}}

    def _find_call(self, call_control_id: str) -> SimCall:
        call = self._provider.calls.get(call_control_id)
        if call is None:
            raise ApiError("10005", "The requested call could not be found.", pointer="/call_control_id")
        return call

    def _check_connection(self, connection_id: str) -> None:
        if connection_id != self._context.application.connection_id:
            raise ApiError("10005", "The requested connection could not be found.")

    def _dial_call(self, fields: BodyFields) -> SimCall:
        # Here the command_id stands alone: there is no call yet that could remember it.
        command_id = fields.read_text("command_id")
        if command_id is not None and command_id in self._calls_by_command_id:
            return self._calls_by_command_id[command_id]
        call = self._provider.dial_call(fields)
        if command_id is not None:
            self._calls_by_command_id[command_id] = call
            self._context.scheduler.run_after(60.0, lambda: self._forget_dial(command_id))
        return call

    def _forget_dial(self, command_id: str) -> None:
        self._calls_by_command_id.pop(command_id, None)

    def _call_details(self, call: SimCall) -> dict[str, Any]:
        described = pagination.call_list_item(call) | {"is_alive": call.is_alive, "start_time": to_iso(call.started_at)}
        if call.ended_at is not None:
            described["end_time"] = to_iso(call.ended_at)
        return described

    def _rate_limit_headers(self) -> dict[str, str]:
        now = int(time.monotonic())
        with self._context.state_changed:
            window, used = self._rate_window
            if now - window >= _RATE_WINDOW_S:
                window, used = now, 0
            self._rate_window = (window, used + 1)
        return {
            "x-ratelimit-limit": str(self._rate_limit),
            "x-ratelimit-remaining": str(max(0, self._rate_limit - used)),
            "x-ratelimit-reset": str(max(1, window + _RATE_WINDOW_S - now)),
        }


def _match_route(method: str, path: str) -> tuple[str, list[str]]:
    known_path = False
    for verb, pattern, action in _ROUTE_PATTERNS:
        if (match := pattern.fullmatch(path)) is not None:
            if verb == method:
                return action, [unquote(part) for part in match.groups()]
            known_path = True
    if known_path:
        raise ApiError("10030", f"{method} is not allowed here.")
    raise ApiError("10005", "The requested resource could not be found.")


def _parse_body(method: str, headers: Headers, content: bytes) -> dict[str, Any]:
    if method == "GET" or not content:
        return {}
    if (headers.get("Content-Type") or "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError("10014", "Send JSON, and say so in the Content-Type.")
    try:
        body = json.loads(content)
    except ValueError:
        raise ApiError("10023", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise ApiError("10015", "The body must be a JSON object.", status=400)
    return body


def _json_response(status: int, document: dict[str, Any], headers: Mapping[str, str]) -> ApiResponse:
    content = json.dumps(document, ensure_ascii=False).encode()
    return ApiResponse(status=status, content=content, headers={"Content-Type": "application/json"} | dict(headers))


def _fault_response(fault: Fault, rate_limit_headers: dict[str, str]) -> ApiResponse:
    # Ordered headers replace the usual ones, so a test can also have an answer without any limits.
    headers = dict(fault.headers) or (rate_limit_headers if fault.status != 429 else {})
    if fault.raw is not None:
        content, kind = fault.raw, "text/html"
    else:
        document = fault.body if fault.body is not None else error_body(fault.code, "Refused by order of a test.")
        content, kind = json.dumps(document).encode(), "application/json"
    return ApiResponse(status=fault.status, content=content, headers={"Content-Type": kind} | headers, fault=fault)
