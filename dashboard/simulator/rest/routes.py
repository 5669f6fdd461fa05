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
from ..context import World
from ..ids import iso
from . import commands, pagination
from .body_fields import Fields
from .errors import ApiError, error_body
from .faults import Fault, Faults

_ROUTES: tuple[tuple[str, re.Pattern[str], str], ...] = (
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
class Answer:
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

    def dial(self, fields: Fields) -> SimCall: ...


class Api:
    def __init__(self, provider: Provider, world: World, faults: Faults, *, rate_limit: int) -> None:
        self._provider = provider
        self._world = world
        self._faults = faults
        self._rate_limit = rate_limit
        self._window = (0, 0)
        self._dialled: dict[str, SimCall] = {}

    def answer(self, method: str, target: str, headers: Headers, content: bytes) -> Answer:
        """Answer one request; never raises for what a client sent."""
        limits = self._limits()
        try:
            return self._answer(method, target, headers, content, limits)
        except ApiError as error:
            body = error_body(error.code, error.detail, pointer=error.pointer, parameter=error.parameter)
            return _json(error.status, body, limits)

    def _answer(self, method: str, target: str, headers: Headers, content: bytes, limits: dict[str, str]) -> Answer:
        expected = f"Bearer {self._provider.api_key}"
        if not hmac.compare_digest((headers.get("Authorization") or "").encode(), expected.encode()):
            raise ApiError("10009", "The API key is missing or not valid.")
        address = urlsplit(target)
        action, ids = _route(method, address.path)
        fault = self._faults.take(ids[1] if action == "command" else action)
        if fault is not None and not fault.effect:
            return _faulty(fault, limits)
        if limits["x-ratelimit-remaining"] == "0":
            raise ApiError("10011", "Slow down.")
        body = _parse(method, headers, content)
        with self._world.changed:
            status, document = self._do(action, method, ids, address.query, body)
        return _faulty(fault, limits) if fault is not None else _json(status, document, limits)

    def _do(
        self, action: str, method: str, ids: list[str], query: str, body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        match action:
            case "dial":
                return 200, {"data": self._described(self._dial(Fields(body))) | {"is_alive": False}}
            case "status":
                return 200, {"data": self._described(self._call(ids[0]))}
            case "command":
                if ids[1] not in commands.COMMANDS:
                    raise ApiError("10005", "There is no such command.")
                commands.run(self._call(ids[0]), ids[1], body)
                return 200, {"data": {"result": "ok"}}
            case "active_calls":
                self._check_connection(ids[0])
                path = f"/v2/connections/{ids[0]}/active_calls"
                return 200, pagination.active_calls(path, query, list(self._provider.calls.values()))
            case "application":
                self._check_connection(ids[0])
                if method == "PATCH":
                    self._world.application.change(Fields(body))
                return 200, {"data": self._world.application.shown}
            case _:
                key = {"record_type": "public_key", "public": self._provider.public_key}
                return 200, {"data": key | {"organization_id": _ORGANIZATION_ID}}

    def _call(self, call_control_id: str) -> SimCall:
        call = self._provider.calls.get(call_control_id)
        if call is None:
            raise ApiError("10005", "The requested call could not be found.", pointer="/call_control_id")
        return call

    def _check_connection(self, connection_id: str) -> None:
        if connection_id != self._world.application.connection_id:
            raise ApiError("10005", "The requested connection could not be found.")

    def _dial(self, fields: Fields) -> SimCall:
        # Here the command_id stands alone: there is no call yet that could remember it.
        command_id = fields.text("command_id")
        if command_id is not None and command_id in self._dialled:
            return self._dialled[command_id]
        call = self._provider.dial(fields)
        if command_id is not None:
            self._dialled[command_id] = call
            self._world.timeline.after(60.0, lambda: self._forget_dialled(command_id))
        return call

    def _forget_dialled(self, command_id: str) -> None:
        self._dialled.pop(command_id, None)

    def _described(self, call: SimCall) -> dict[str, Any]:
        described = pagination.listed(call) | {"is_alive": call.alive, "start_time": iso(call.started_at)}
        if call.ended_at is not None:
            described["end_time"] = iso(call.ended_at)
        return described

    def _limits(self) -> dict[str, str]:
        now = int(time.monotonic())
        with self._world.changed:
            window, used = self._window
            if now - window >= _RATE_WINDOW_S:
                window, used = now, 0
            self._window = (window, used + 1)
        return {
            "x-ratelimit-limit": str(self._rate_limit),
            "x-ratelimit-remaining": str(max(0, self._rate_limit - used)),
            "x-ratelimit-reset": str(max(1, window + _RATE_WINDOW_S - now)),
        }


def _route(method: str, path: str) -> tuple[str, list[str]]:
    known_path = False
    for verb, pattern, action in _ROUTES:
        if (match := pattern.fullmatch(path)) is not None:
            if verb == method:
                return action, [unquote(part) for part in match.groups()]
            known_path = True
    if known_path:
        raise ApiError("10030", f"{method} is not allowed here.")
    raise ApiError("10005", "The requested resource could not be found.")


def _parse(method: str, headers: Headers, content: bytes) -> dict[str, Any]:
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


def _json(status: int, document: dict[str, Any], headers: Mapping[str, str]) -> Answer:
    content = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=status, content=content, headers={"Content-Type": "application/json"} | dict(headers))


def _faulty(fault: Fault, limits: dict[str, str]) -> Answer:
    # Ordered headers replace the usual ones, so a test can also have an answer without any limits.
    headers = dict(fault.headers) or (limits if fault.status != 429 else {})
    if fault.raw is not None:
        content, kind = fault.raw, "text/html"
    else:
        document = fault.body if fault.body is not None else error_body(fault.code, "Refused by order of a test.")
        content, kind = json.dumps(document).encode(), "application/json"
    return Answer(status=fault.status, content=content, headers={"Content-Type": kind} | headers, fault=fault)
