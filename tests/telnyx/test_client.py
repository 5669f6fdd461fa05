from __future__ import annotations

import io
import itertools
import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter

from dashboard.errors import CommandError, ProviderError
from dashboard.messages import Message
from dashboard.telnyx.api import error_hints
from dashboard.telnyx.api.client import ActiveCall, TelnyxClient
from dashboard.telnyx.commands import build_command

KEY = "KEY0123456789ABCDEF_s3cr3tPart"
BASE = "https://api.telnyx.com/v2"
CALL_ID = "v3:EXAMPLE-call-control-id_0001"
OK = {"data": {"result": "ok"}}

Reply = Callable[[requests.PreparedRequest], requests.Response]


class Wire(BaseAdapter):
    """The provider's side: a list of replies, the last of which repeats; remembers what it was asked."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.replies = list(replies)
        self.requests: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        self.options.append(options)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(request)

    def close(self) -> None:
        pass


def says(status: int, document: object = None, **headers: str) -> Reply:
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()

    def reply(request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        response.raw = urllib3.HTTPResponse(io.BytesIO(body), status=status, preload_content=False)
        response.request = request
        response.url = str(request.url)
        return response

    return reply


def fails(error: type[requests.RequestException]) -> Reply:
    def reply(request: requests.PreparedRequest) -> requests.Response:
        raise error(f"no answer to {request.headers['Authorization']}", request=request)

    return reply


def refuses(status: int, code: str, **error: object) -> Reply:
    return says(status, {"errors": [{"code": code, "title": f"Title of {code}", **error}]})


class Console:
    """A client whose wire and sleep are ours."""

    def __init__(self, *replies: Reply, base_url: str = BASE) -> None:
        self.wire = Wire(*replies)
        session = requests.Session()
        session.mount("https://", self.wire)
        session.mount("http://", self.wire)
        self.pauses: list[float] = []
        self.now_s = 0.0
        self.client = TelnyxClient(
            api_key=KEY, base_url=base_url, session=session, sleep=self._sleep, monotonic=lambda: self.now_s
        )

    def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds

    def refused(self) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            self.client.execute_command(HANGUP)
        return caught.value


HANGUP = build_command("hangup", CALL_ID, {}, command_id="c1")


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_a_command_is_one_compact_json_post_with_the_key_as_bearer() -> None:
    console = Console(says(200, OK))
    command = build_command("transcription_start", CALL_ID, {"transcription_engine": "Telnyx"}, command_id="c1")

    accepted = console.client.execute_command(command)

    (request,) = console.wire.requests
    assert (request.method, request.url) == ("POST", f"{BASE}/calls/{CALL_ID}/actions/transcription_start")
    assert request.body == b'{"command_id":"c1","transcription_engine":"Telnyx"}'
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Content-Type"] == request.headers["Accept"] == "application/json"
    assert request.headers["User-Agent"].startswith("call-console/")
    assert (accepted.status, accepted.attempts, dict(accepted.data)) == (200, 1, {"result": "ok"})


def test_a_connect_and_a_read_time_out_are_always_set() -> None:
    console = Console(says(200, OK))
    console.client.execute_command(HANGUP)

    connect_s, read_s = console.wire.options[0]["timeout"]
    assert 0 < connect_s <= 5 and 0 < read_s <= 15


def test_the_environment_can_neither_reroute_nor_replace_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.telnyx.com login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    console = Console(says(200, OK))

    console.client.execute_command(HANGUP)

    assert not console.wire.options[0]["proxies"]
    assert console.wire.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_a_base_address_may_end_in_a_slash() -> None:
    console = Console(says(200, OK), base_url="http://127.0.0.1:1/v2/")
    console.client.execute_command(HANGUP)

    assert console.wire.requests[0].url == f"http://127.0.0.1:1/v2/calls/{CALL_ID}/actions/hangup"


@pytest.mark.parametrize("key", ["", " ", "KEY\nX: y", "KEY é", "a b"])
def test_a_key_no_header_can_carry_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        TelnyxClient(api_key=key)

    assert not key.strip() or key not in str(caught.value)


# --- repeats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trouble",
    [fails(requests.ConnectionError), fails(requests.ReadTimeout), fails(requests.ConnectTimeout),
     fails(requests.exceptions.ChunkedEncodingError), says(500), says(502, b"<html>"), refuses(503, "10007"),
     refuses(429, "10011")],
)  # fmt: skip
def test_trouble_that_may_pass_is_repeated_with_the_same_command(trouble: Reply) -> None:
    console = Console(trouble, trouble, says(200, OK))

    accepted = console.client.execute_command(HANGUP)

    assert accepted.attempts == len(console.wire.requests) == 3
    assert {request.body for request in console.wire.requests} == {b'{"command_id":"c1"}'}
    assert accepted.elapsed_ms == round(sum(console.pauses) * 1000)
    first, second = console.pauses
    assert 0.2 < first < 0.7 and 0.5 < second < 1.2


@pytest.mark.parametrize("trouble", [fails(requests.ConnectionError), says(500), refuses(429, "10011")])
def test_after_three_attempts_the_failure_is_told(trouble: Reply) -> None:
    console = Console(trouble)

    error = console.refused()

    assert error.attempts == len(console.wire.requests) == 3
    assert not error.permanent and error.elapsed_ms > 0


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 415, 418, 422])
def test_other_answers_are_never_repeated(status: int) -> None:
    console = Console(refuses(status, "10015"))

    error = console.refused()

    assert error.attempts == len(console.wire.requests) == 1
    assert error.status == status and error.permanent == (status not in (408, 409))


def test_pauses_differ_between_clients() -> None:
    assert len({Console(says(500)).refused().elapsed_ms for _ in range(8)}) > 1


def in_seconds(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "shortest", "longest"),
    [
        ({"Retry_After": "3"}, 3, 3),
        ({"Retry_After": "0"}, 0, 0),
        ({"Retry_After": 5}, 3, 5),
        ({"Retry_After": -60}, 0, 0),
        ({"Retry_After": "4", "x_ratelimit_reset": "2"}, 4, 4),
        ({"Retry_After": "-3"}, 0.2, 0.7),
        ({"Retry_After": "１"}, 0.2, 0.7),
        ({}, 0.2, 0.7),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_the_provider_asks_for_is_kept(
    status: int, headers: dict[str, Any], shortest: float, longest: float
) -> None:
    headers = {name: in_seconds(value) if isinstance(value, int) else value for name, value in headers.items()}
    console = Console(says(status, None, **headers), says(200, OK))
    console.client.execute_command(HANGUP)

    (pause,) = console.pauses
    assert shortest <= pause <= longest


@pytest.mark.parametrize(
    ("status", "headers", "shortest", "longest"),
    [
        (429, {"x_ratelimit_reset": "2"}, 2, 2),
        (429, {"Retry_After": "soon", "x_ratelimit_reset": "2"}, 2, 2),
        (500, {"x_ratelimit_reset": "45"}, 0.2, 0.7),
        (503, {"Retry_After": "soon", "x_ratelimit_reset": "45"}, 0.2, 0.7),
    ],
)
def test_reset_of_the_limit_asks_for_a_pause_only_where_the_limit_was_reached(
    status: int, headers: dict[str, str], shortest: float, longest: float
) -> None:
    """It stands on most answers, whatever their status (Telnyx docs, "Rate limiting")."""
    console = Console(says(status, None, **headers), says(200, OK))
    console.client.execute_command(HANGUP)

    (pause,) = console.pauses
    assert shortest <= pause <= longest


@pytest.mark.parametrize(
    ("status", "code", "header"),
    [
        (429, "10011", {"Retry_After": "12"}),
        (429, "90103", {"x_ratelimit_reset": "12"}),
        (503, "10007", {"Retry_After": "12"}),
        (503, None, {"Retry_After": "12"}),
    ],
)
def test_a_long_pause_is_told_instead_of_kept(status: int, code: str | None, header: dict[str, str]) -> None:
    document = {"errors": [{"code": code, "title": "t"}]} if code else None
    console = Console(says(status, document, **header))

    error = console.refused()

    assert (error.attempts, console.pauses) == (1, [])
    assert error.hint.endswith("Come again in 12 s.") and error.facts["retry_after_s"] == "12"


def test_repeats_stop_in_time_for_the_browser_to_get_its_answer() -> None:
    console = Console(says(503, None, Retry_After="9"))

    error = console.refused()

    assert (error.attempts, console.pauses) == (2, [9.0])


# --- what went wrong, in words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(error_hints.HINTS_BY_CODE))
def test_every_known_code_has_its_own_hint(code: str) -> None:
    error = Console(refuses(422, code)).refused()

    assert (error.code, error.title, error.hint) == (code, f"Title of {code}", error_hints.HINTS_BY_CODE[code])
    assert isinstance(error.hint, Message)


@pytest.mark.parametrize(
    "code",
    ["10009", "10010", "10005", "90015", "90018", "90031", "90034", "90045", "90046", "90048", "90053", "90054",
     "90055", "90102", "90017", "10004", "10015", "10016", "10032", "10033", "90103", "10007", "10038", "10039"],
)  # fmt: skip
def test_the_codes_of_call_commands_are_all_known(code: str) -> None:
    assert code in error_hints.HINTS_BY_CODE


def test_a_code_with_two_meanings_is_read_by_its_status() -> None:
    assert "encrypted" in Console(refuses(422, "10011")).refused().hint
    assert Console(refuses(429, "10011")).refused().hint == error_hints.HINTS_BY_STATUS[429]


@pytest.mark.parametrize("code", ["99999", 99999, None, "", [], {"a": 1}])
def test_an_unknown_code_still_gets_a_hint(code: Any) -> None:
    error = Console(refuses(422, code)).refused()

    assert error.hint == error_hints.HINTS_BY_STATUS[422]
    assert error.code == ("99999" if code in ("99999", 99999) else None)


def test_their_explanation_is_carried_and_cut() -> None:
    source = {"pointer": "/stream_url"}
    error = Console(refuses(422, "10003", detail="x" * 9000, source=source)).refused()

    assert error.detail == "x" * 500
    assert error.facts == {"pointer": "/stream_url"}


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"pointer": "/stream_url"}, "stream_url"),
        ({"pointer": "/transcription_engine_config/language"}, "transcription_engine_config.language"),
        ({"parameter": "page[size]"}, "page[size]"),
    ],
)
def test_the_hint_names_what_they_complain_about(source: dict[str, str], field: str) -> None:
    error = Console(refuses(422, "10015", source=source)).refused()

    assert str(error.hint).endswith(f"It is about {field}.")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>not found</html>", b"[]", b"null", b'{"errors": []}', b'{"errors": [5]}', b'{"errors": {}}',
     b'{"errors": [{"code": [], "title": 5, "detail": {}, "source": "x"}]}', b"\xff", b"[" * 100_000,
     b'{"error": "x"}'],
)  # fmt: skip
@pytest.mark.parametrize("status", [401, 404, 422, 500])
def test_an_error_in_no_known_shape_is_told_by_its_status(status: int, body: bytes) -> None:
    error = Console(says(status, body)).refused()

    assert (error.status, error.code, error.detail) == (status, None, None)
    assert error.hint and str(error)


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b"[]", b'"ok"', b"{", b" " * 5_000_000 + b"{}"])
def test_a_success_that_is_not_the_api_s_is_none(body: bytes) -> None:
    error = Console(says(200, body)).refused()

    assert error.permanent and error.hint == error_hints.INVALID_RESPONSE and error.attempts == 1


@pytest.mark.parametrize("body", [None, {}, {"data": None}, {"data": {"result": "ok", "recording_id": "r"}}])
def test_a_success_may_say_little(body: object) -> None:
    assert Console(says(200, body)).client.execute_command(HANGUP).status == 200


def test_a_redirect_is_not_followed() -> None:
    console = Console(says(307, None, Location="https://elsewhere.example/"))

    error = console.refused()

    assert len(console.wire.requests) == 1 and error.hint == error_hints.REDIRECTED


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        (requests.ReadTimeout, error_hints.TIMED_OUT),
        (requests.ConnectTimeout, error_hints.UNREACHABLE),
        (requests.ConnectionError, error_hints.INTERRUPTED),
        (requests.exceptions.ChunkedEncodingError, error_hints.INTERRUPTED),
        (requests.exceptions.ContentDecodingError, error_hints.INTERRUPTED),
        (requests.exceptions.SSLError, error_hints.UNREACHABLE),
        (requests.exceptions.InvalidURL, error_hints.BAD_URL),
    ],
)
def test_no_answer_at_all_is_told_apart(failure: type[requests.RequestException], hint: str) -> None:
    error = Console(fails(failure)).refused()

    assert (error.status, error.code, error.hint) == (None, None, hint)
    assert error.permanent == (hint == error_hints.BAD_URL)


@pytest.mark.parametrize("base_url", ["", "api.telnyx.com/v2", "http://", "http://[::1", "nonsense://x"])
def test_an_unusable_base_address_is_said_to_be_one(base_url: str) -> None:
    client = TelnyxClient(api_key=KEY, base_url=base_url, sleep=lambda _: None)

    with pytest.raises(ProviderError) as caught:
        client.get_public_key()
    assert caught.value.hint == error_hints.BAD_URL


# --- the key stays in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [fails(requests.ConnectionError), fails(requests.ReadTimeout), fails(requests.exceptions.InvalidHeader),
     refuses(401, "10009", title=f"no: Bearer {KEY}", detail=f"you sent Authorization: Bearer {KEY}",
             source={"pointer": KEY}),
     says(500, KEY.encode())],
)  # fmt: skip
def test_the_key_is_in_no_error_log_or_repr(reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    console = Console(reply)

    error = console.refused()

    chain = "".join(traceback.format_exception(error))
    shown = [
        repr(error),
        str(error),
        chain,
        repr(error.facts),
        repr(console.client),
        repr(vars(console.client)),
        caplog.text,
    ]
    assert not any(KEY in text for text in shown)
    assert error.__cause__ is None and error.__context__ is None


# --- questions ------------------------------------------------------------------------------------------------------


def test_the_webhook_key_is_asked_for() -> None:
    console = Console(says(200, {"data": {"record_type": "public_key", "public": "A6EH="}}))

    assert console.client.get_public_key() == "A6EH="
    assert (console.wire.requests[0].method, console.wire.requests[0].url) == ("GET", f"{BASE}/public_key")
    assert console.wire.requests[0].body is None and "Content-Type" not in console.wire.requests[0].headers


@pytest.mark.parametrize(
    "document", [{}, {"data": []}, {"data": {}}, {"data": {"public": 5}}, {"data": {"public": ""}}]
)
def test_an_answer_without_the_webhook_key_is_an_error(document: object) -> None:
    with pytest.raises(ProviderError) as caught:
        Console(says(200, document)).client.get_public_key()
    assert caught.value.hint == error_hints.INVALID_RESPONSE


def test_the_status_of_a_call_is_read() -> None:
    data = {
        "record_type": "call", "call_control_id": CALL_ID, "call_leg_id": "leg", "call_session_id": "session",
        "is_alive": False, "start_time": "2026-08-21T10:15:02.1Z", "end_time": None, "call_duration": "28",
    }  # fmt: skip
    console = Console(says(200, {"data": data}))

    status = console.client.get_call_status(CALL_ID)

    assert console.wire.requests[0].url == f"{BASE}/calls/{CALL_ID}"
    assert (status.call_id, status.leg_id, status.session_id) == (CALL_ID, "leg", "session")
    assert (status.is_alive, status.ended_at, status.duration_s) == (False, None, 28)
    assert status.started_at == datetime(2026, 8, 21, 10, 15, 2, 100000, tzinfo=UTC)


@pytest.mark.parametrize("call_id", ["..", "", "a b"])
def test_an_impossible_id_is_not_asked_for(call_id: str) -> None:
    console = Console(says(200, OK))

    for ask in (console.client.get_call_status, console.client.get_application):
        with pytest.raises(CommandError):
            ask(call_id)
    assert console.wire.requests == []


def test_the_application_is_read_as_it_is() -> None:
    settings = {"id": "123", "webhook_event_url": "https://a.example/", "webhook_api_version": "2"}
    console = Console(says(200, {"data": settings}))

    assert console.client.get_application("123") == settings
    assert console.wire.requests[0].url == f"{BASE}/call_control_applications/123"


def page(*names: str, following: object = None) -> Reply:
    items = [{"record_type": "call", "call_control_id": name, "call_duration": 5} for name in names]
    return says(200, {"data": items, "meta": {"next": following, "cursors": {}}})


def next_page(cursor: str) -> str:
    return f"/v2/connections/1/active_calls?page[after]={cursor}&page[limit]=2"


def test_active_calls_follow_the_cursor_to_the_end() -> None:
    console = Console(page("a", "b", following=next_page("x%2Fy")), page("b", "c"))

    calls = console.client.list_active_calls("1", limit=10)

    assert [call.call_id for call in calls] == ["a", "b", "c"]
    assert isinstance(calls[0], ActiveCall) and calls[0].duration_s == 5
    first, second = (request.url for request in console.wire.requests)
    assert first == f"{BASE}/connections/1/active_calls?page%5Blimit%5D=10"
    assert second == f"{BASE}/connections/1/active_calls?page%5Blimit%5D=10&page%5Bafter%5D=x%2Fy"


def test_active_calls_stop_at_the_limit() -> None:
    console = Console(page("a", "b", "c", following=next_page("x")))

    assert [call.call_id for call in console.client.list_active_calls("1", limit=2)] == ["a", "b"]
    assert len(console.wire.requests) == 1


def test_active_calls_survive_a_cursor_that_never_moves() -> None:
    console = Console(page("a", following=next_page("same")))

    assert [call.call_id for call in console.client.list_active_calls("1", limit=1000)] == ["a"]
    assert len(console.wire.requests) == 2
    assert "page%5Blimit%5D=250" in str(console.wire.requests[0].url)


def test_active_calls_survive_cursors_that_never_end() -> None:
    counter = itertools.count()
    console = Console(lambda request: page("a", following=next_page(str(next(counter))))(request))

    console.client.list_active_calls("1", limit=1000)

    assert len(console.wire.requests) <= 40


@pytest.mark.parametrize("following", ["", 5, [], "https://elsewhere.example/", "/v2/x?page[after]=", "http://[::1"])
def test_active_calls_end_where_the_next_page_makes_no_sense(following: object) -> None:
    console = Console(page("a", following=following))

    assert len(console.client.list_active_calls("1", limit=10)) == 1
    assert len(console.wire.requests) == 1


@pytest.mark.parametrize(
    "document", [{}, {"data": {}}, {"data": [5]}, {"data": [{}]}, {"data": [{"call_control_id": ".."}]}]
)
def test_active_calls_of_another_shape_are_an_error(document: object) -> None:
    with pytest.raises(ProviderError):
        Console(says(200, document)).client.list_active_calls("1", limit=10)
