"""The fast path takes ordinary webhooks, and answers them as the application does."""

from __future__ import annotations

import email.utils
import time

import pytest
from flask import Flask

from dashboard.server.http_head import BadRequestError, HeadParser, RequestHead
from dashboard.server.webhook_fast_path import WebhookFastPath
from dashboard.services.webhook_receiver import MAX_BODY_BYTES
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


class Receiver:
    """Remembers the headers it is given."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def handle(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        self.headers = headers
        return 200, "accepted"


def parse_head(line: str = LINE, more: str = "", **changed: str | None) -> RequestHead:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [line, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    parser = HeadParser()
    parser.feed(("\r\n".join(lines) + f"\r\n{more}\r\n").encode("latin-1"))
    assert parser.head is not None
    return parser.head


def accepts(head: RequestHead) -> bool:
    return WebhookFastPath(Receiver()).accepts(head)  # type: ignore[arg-type]


def test_ordinary_webhook_is_accepted() -> None:
    assert accepts(parse_head())
    assert accepts(parse_head(Connection="close"))
    assert accepts(parse_head(Content_Length=str(MAX_BODY_BYTES)))


def test_receiver_gets_the_headers_it_reads_and_no_others() -> None:
    receiver = Receiver()
    head = parse_head(more="Telnyx_Timestamp: 1\r\nTelnyx_Signature_Ed25519: x\r\n")
    WebhookFastPath(receiver).answer(head, b"{}")  # type: ignore[arg-type]
    assert receiver.headers == {
        "Content-Type": "application/json",
        "User-Agent": "telnyx-webhooks",
        "Telnyx-Timestamp": "1787307330",
        "Telnyx-Signature-Ed25519": "c2lnbmF0dXJl",
    }


@pytest.mark.parametrize(
    "head",
    [
        parse_head("GET /webhooks/telnyx HTTP/1.1"),
        parse_head("POST /webhooks/telnyx HTTP/1.0"),
        parse_head("POST /webhooks/telnyx/ HTTP/1.1"),
        parse_head("POST /webhooks/telnyx?x=1 HTTP/1.1"),
        parse_head(Content_Length=None),
        parse_head(Content_Length="0"),
        parse_head(Content_Length=str(MAX_BODY_BYTES + 1)),
        parse_head(Content_Length=None, Transfer_Encoding="chunked"),
        parse_head(Content_Encoding="gzip"),
        parse_head(Expect="100-continue"),
        parse_head(Upgrade="websocket", Connection="upgrade"),
    ],
    ids=lambda head: f"{head.method.decode()} {head.target.decode()} {len(head.fields)} {head.content_length}",
)
def test_unusual_request_goes_to_the_application(head: RequestHead) -> None:
    assert not accepts(head)


@pytest.mark.parametrize(
    "more",
    ["content-length: 3\r\n", " folded: value\r\n", "\tfolded\r\n", "A : 1\r\n", "no colon\r\n", ": no name\r\n"],
)
def test_ambiguous_request_gets_nowhere(more: str) -> None:
    with pytest.raises(BadRequestError):
        parse_head(more=more)


def answered(
    fast_path: WebhookFastPath, body: bytes, headers: dict[str, str], *, connection: str = "keep-alive"
) -> tuple[str, dict[str, str], str]:
    """Status line, headers and body of an answer."""
    signed = {name.replace("-", "_"): value for name, value in headers.items()}
    head = parse_head(**{"TELNYX_TIMESTAMP": None, "content_type": None, "Connection": connection, **signed})
    answer = fast_path.answer(head, body).decode()
    lines, _, words = answer.partition("\r\n\r\n")
    status, *lines_of_headers = lines.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines_of_headers), words


def test_it_answers_as_the_application_does(app: Flask, signer: Signer) -> None:
    fast_path = WebhookFastPath(services_of(app).webhook_receiver)
    final = build_event_body("call.transcription", transcription_payload("hello there"))
    interim = build_event_body("call.transcription", transcription_payload("hel", final=False))
    for body, signed, status, word in (
        (final, final, "200 OK", "accepted"),
        (final, final, "200 OK", "duplicate"),
        (interim, interim, "200 OK", "interim"),
        (b"no json", b"no json", "400 Bad Request", "unreadable"),
        (final + b" ", final, "401 Unauthorized", "not verified"),
    ):
        found = answered(fast_path, body, signer.sign_headers(signed))
        assert found[::2] == (f"HTTP/1.1 {status}", f"{word}\n")


def test_its_answer_is_complete(app: Flask, signer: Signer) -> None:
    fast_path, body = WebhookFastPath(services_of(app).webhook_receiver), build_event_body("call.initiated")
    for connection in ("keep-alive", "close"):
        _, headers, words = answered(fast_path, body, signer.sign_headers(body), connection=connection)
        date = email.utils.parsedate_to_datetime(headers.pop("Date"))
        assert abs(date.timestamp() - time.time()) < 5
        assert headers == {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(words)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **({"Connection": "close"} if connection == "close" else {}),
        }
