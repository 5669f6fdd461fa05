"""The short way in takes ordinary webhooks and nothing else."""

from __future__ import annotations

import email.utils
import time

import pytest
from flask import Flask

from dashboard.server.webhook_fast_path import Announced, Door, announced
from dashboard.web.webhooks import MAX_BODY_BYTES
from tests.conftest import Signer, build_event_body, services_of, transcription_payload

LINE = "POST /webhooks/telnyx HTTP/1.1"
HEADERS = {
    "Host": "calls.example.com",
    "content-type": "application/json",
    "User-Agent": "telnyx-webhooks",
    "TELNYX-TIMESTAMP": "1787307330",
    "Telnyx-Signature-Ed25519": "c2lnbmF0dXJl",
    "X-Forwarded-For": "192.76.120.129",
    "Content-Length": "2",
}


def request(line: str = LINE, body: bytes = b"{}", more: str = "", **changed: str | None) -> bytes:
    told = {**HEADERS, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [line, *(f"{name}: {value}" for name, value in told.items() if value is not None)]
    return ("\r\n".join(lines) + f"\r\n{more}\r\n").encode("latin-1") + body


def test_an_ordinary_webhook_says_what_it_is_judged_by_and_where_it_ends() -> None:
    sent = request()
    told = announced(sent)
    assert told is not None
    assert told.headers == {
        "Content-Type": "application/json",
        "User-Agent": "telnyx-webhooks",
        "Telnyx-Timestamp": "1787307330",
        "Telnyx-Signature-Ed25519": "c2lnbmF0dXJl",
    }
    assert (sent[told.head_bytes :], told.body_bytes, told.is_kept) == (b"{}", 2, True)


@pytest.mark.parametrize(("connection", "kept"), [("keep-alive", True), ("Keep-Alive", True), ("close", False)])
def test_a_connection_is_kept_unless_the_sender_closes_it(connection: str, kept: bool) -> None:
    told = announced(request(Connection=connection))
    assert told is not None and told.is_kept is kept


def test_what_follows_is_left_for_later() -> None:
    first, second = request(), request(body=b"[]")
    told = announced(first + second)
    assert told is not None and (first + second)[told.head_bytes + told.body_bytes :] == second


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        request()[:40],
        request()[:-6],
        request("GET /webhooks/telnyx HTTP/1.1"),
        request("POST /webhooks/telnyx HTTP/1.0"),
        request("POST /webhooks/telnyx/ HTTP/1.1"),
        request("POST /webhooks/telnyx?x=1 HTTP/1.1"),
        request("POST /webhooks/telnyx HTTP/1.1 "),
        request("POST  /webhooks/telnyx HTTP/1.1"),
        request(Content_Length=None),
        request(Content_Length="0"),
        request(Content_Length="-1"),
        request(Content_Length="+2"),
        request(Content_Length="2,2"),
        request(Content_Length="2 2"),
        request(Content_Length="\xb2"),
        request(Content_Length="0" * 9 + "2"),
        request(Content_Length=str(MAX_BODY_BYTES + 1)),
        request(Transfer_Encoding="chunked"),
        request(Content_Encoding="gzip"),
        request(Expect="100-continue"),
        request(Upgrade="websocket", Connection="upgrade"),
        request(Connection="keep-alive, close"),
        request(more="Telnyx-Timestamp: 1\r\n"),
        request(more="content-length: 3\r\n"),
        request(more=" folded: value\r\n"),
        request(more="\tfolded\r\n"),
        request(more="Telnyx-Timestamp : 1\r\n"),
        request(more="no colon\r\n"),
        request(more=": no name\r\n"),
    ],
    ids=range(30),
)
def test_whatever_is_unusual_goes_the_long_way(sent: bytes) -> None:
    assert announced(sent) is None


def test_a_name_with_an_underline_is_another_name() -> None:
    told = announced(request(more="Telnyx_Timestamp: 1\r\nTelnyx_Signature_Ed25519: x\r\n"))
    assert told is not None and told.headers["Telnyx-Timestamp"] == "1787307330"


def door_of(app: Flask) -> Door:
    return Door(services_of(app).webhook_receiver)


def answered(
    door: Door, body: bytes, headers: dict[str, str], *, is_kept: bool = True
) -> tuple[str, dict[str, str], str]:
    """Status line, headers and body of an answer."""
    answer = door.answer(body, Announced(headers, 0, len(body), is_kept)).decode()
    head, _, words = answer.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), words


def test_it_answers_as_the_long_way_does(app: Flask, signer: Signer) -> None:
    door = door_of(app)
    final = build_event_body("call.transcription", transcription_payload("hello there"))
    interim = build_event_body("call.transcription", transcription_payload("hel", final=False))
    signed = signer.sign_headers(b"no json")
    assert answered(door, final, signer.sign_headers(final))[::2] == ("HTTP/1.1 200 OK", "accepted\n")
    assert answered(door, final, signer.sign_headers(final))[::2] == ("HTTP/1.1 200 OK", "duplicate\n")
    assert answered(door, interim, signer.sign_headers(interim))[::2] == ("HTTP/1.1 200 OK", "interim\n")
    assert answered(door, b"no json", signed)[::2] == ("HTTP/1.1 400 Bad Request", "unreadable\n")
    assert answered(door, final + b" ", signer.sign_headers(final))[::2] == (
        "HTTP/1.1 401 Unauthorized",
        "not verified\n",
    )


def test_its_answer_is_complete(app: Flask, signer: Signer) -> None:
    door, body = door_of(app), build_event_body("call.initiated")
    for is_kept in (True, False):
        _, headers, words = answered(door, body, signer.sign_headers(body), is_kept=is_kept)
        date = email.utils.parsedate_to_datetime(headers.pop("Date"))
        assert abs(date.timestamp() - time.time()) < 5
        assert headers == {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(words)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **({} if is_kept else {"Connection": "close"}),
        }
