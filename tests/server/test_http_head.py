"""Heads are read strictly: what h11 reads differently is refused."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import h11
import pytest

from dashboard.server.http_head import MAX_HEAD_BYTES, MAX_HEADERS, BadRequestError, HeadParser, RequestHead
from tests.server.heads import AMBIGUOUS, START, random_head

ROUNDS = 20_000
SEED = 20261128


def parse(sent: bytes) -> RequestHead:
    parser = HeadParser()
    parser.feed(sent)
    assert parser.head is not None, "the head is not complete"
    return parser.head


def test_head_says_what_is_asked_and_where_the_body_ends() -> None:
    parser = HeadParser()
    rest = parser.feed(
        START + b"Content-Length: 2\r\nX-Name:  a b \r\nX-NAME: c\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n{}GET"
    )
    head = parser.head
    assert head is not None and rest == b"{}GET"
    assert (head.method, head.target, head.content_length) == (b"POST", b"/webhooks/telnyx", 2)
    assert (head.is_http_11, head.is_chunked, head.keeps_alive) == (True, False, True)
    assert head.fields == {b"host": b"x", b"content-length": b"2", b"x-name": b"a b,c", b"cookie": b"a=b; c=d"}


def test_chunked_body_has_no_length() -> None:
    head = parse(START + b"Transfer-Encoding: Chunked\r\n\r\n")
    assert (head.is_chunked, head.content_length) == (True, 0)


@pytest.mark.parametrize(
    ("lines", "keeps_alive"),
    [
        (b"", True),
        (b"Connection: keep-alive\r\n", True),
        (b"Connection: Close\r\n", False),
        (b"Connection: keep-alive, close\r\n", False),
        (b"Connection: keep-alive\r\nConnection: close\r\n", False),
        (b"Connection: closed\r\n", True),
    ],
)
def test_connection_is_kept_unless_the_client_closes_it(lines: bytes, keeps_alive: bool) -> None:
    assert parse(START + lines + b"\r\n").keeps_alive is keeps_alive


def test_http_10_is_never_kept_and_needs_no_host() -> None:
    head = parse(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert (head.is_http_11, head.keeps_alive) == (False, False)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_head_may_come_in_pieces(size: int) -> None:
    sent = START + b"Content-Length: 2\r\nX: y\r\n\r\n{}"
    parser, rest = HeadParser(), b""
    for start in range(0, len(sent), size):
        assert rest == b"" or parser.head is not None
        piece = sent[start : start + size]
        rest += parser.feed(piece) if parser.head is None else piece
    assert parser.head is not None and rest == b"{}"
    assert parser.head.fields == {b"host": b"x", b"content-length": b"2", b"x": b"y"}


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_head_is_refused(sent: bytes) -> None:
    with pytest.raises(BadRequestError) as refused:
        HeadParser().feed(sent)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"x" * 9_000, 414),
        (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (START + b"X: " + b"x" * MAX_HEAD_BYTES, 431),
        (START + b"X: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
        (START + b"".join(b"X-%d: y\r\n" % number for number in range(MAX_HEADERS)) + b"\r\n", 431),
    ],
    ids=["endless target", "long target", "endless header", "long header", "many headers"],
)
def test_large_head_is_refused(sent: bytes, status: int) -> None:
    for size in (len(sent), 1_000):
        parser = HeadParser()
        with pytest.raises(BadRequestError) as refused:
            for start in range(0, len(sent), size):
                parser.feed(sent[start : start + size])
        assert refused.value.status == status


def test_accepted_heads_mean_the_same_to_h11() -> None:
    dice = random.Random(SEED)
    results: Counter[str] = Counter()
    for _ in range(ROUNDS):
        sent = random_head(dice)
        try:
            head = parse(sent)
        except (BadRequestError, AssertionError):
            results["refused by us" if _h11_reading(sent) else "refused by both"] += 1
            continue
        results["accepted"] += 1
        assert _h11_reading(sent) == _reading(head), sent
    print(dict(results))
    assert results["accepted"] > 1_500 and results["refused by us"] > 500


Reading = tuple[bytes, bytes, dict[bytes, bytes], int | str, bool]


def _reading(head: RequestHead) -> Reading:
    body = "chunked" if head.is_chunked else head.content_length
    return head.method, head.target, _lower_encoding(head.fields.items()), body, head.keeps_alive


def _h11_reading(sent: bytes) -> Reading | None:
    """The same by h11; None where it refuses or waits for more."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(sent)
    try:
        request = connection.next_event()
    except h11.RemoteProtocolError:
        return None
    if not isinstance(request, h11.Request):
        return None
    connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    keeps_alive = connection.our_state is not h11.MUST_CLOSE
    fields = _lower_encoding(request.headers)
    body: int | str = "chunked" if b"transfer-encoding" in fields else int(fields.get(b"content-length", b"0"))
    return bytes(request.method), bytes(request.target), fields, body, keeps_alive


def _lower_encoding(pairs: Iterable[Any]) -> dict[bytes, bytes]:
    """Headers by name. h11 writes the transfer encoding in small letters."""
    fields: dict[bytes, bytes] = {}
    for name, value in pairs:
        value = value.lower() if name == b"transfer-encoding" else bytes(value)
        joint = b"; " if name == b"cookie" else b","
        fields[name] = fields[name] + joint + value if name in fields else value
    return fields
