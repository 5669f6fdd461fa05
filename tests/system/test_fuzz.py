"""Whatever comes in through the webhook door, the server says so politely and stays up."""

from __future__ import annotations

import json
import random
import re
import socket
from collections import Counter
from typing import Any

from tests.conftest import Signer, build_event_body, transcription_payload
from tests.system.conftest import both_ways
from tests.system.server import WEBHOOK_PATH, Server

pytestmark = both_ways

ROUNDS = 2_000
ALLOWED = {200, 400, 401, 413}
SEED = 20260821
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0.1, 1e308, 10**400, "", "\x00", "é" * 300, "2026-13-45"),
    *([], {}, [[]], {"a": {"b": []}}),
)

Raw = tuple[bytes, bytes]
"""The lines after the request line, and the body as sent."""


class Fuzzer:
    """Makes requests that are wrong in one way or another. The same seed makes the same bodies."""

    def __init__(self, signer: Signer) -> None:
        self.random = random.Random(SEED)
        self._signer = signer

    def request(self) -> bytes:
        body = self._body()
        headers = self._headers(body)
        frame = self.random.choice((self._plain, self._plain, self._plain, self._chunked))
        lines, sent = frame(headers, body)
        return b"POST " + WEBHOOK_PATH.encode() + b" HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n" + sent

    def _body(self) -> bytes:
        good = build_event_body(*self.random.choice(_EVENTS), call_id=f"v3:fuzz-{self.random.randrange(5)}")
        spoil = self.random.choice(
            (
                *(self._as_it_is, self._cut, self._flipped, self._retyped, self._retyped),
                *(self._deep, self._recoded, self._large, self._noise),
            )
        )
        return spoil(good)

    def _as_it_is(self, body: bytes) -> bytes:
        return body

    def _cut(self, body: bytes) -> bytes:
        return body[: self.random.randrange(len(body))]

    def _flipped(self, body: bytes) -> bytes:
        changed = bytearray(body)
        for _ in range(self.random.randrange(1, 6)):
            changed[self.random.randrange(len(changed))] = self.random.randrange(256)
        return bytes(changed)

    def _retyped(self, body: bytes) -> bytes:
        document = json.loads(body)
        places = [(document, name) for name in document]
        places += [(document["data"], name) for name in document["data"]]
        places += [(document["data"]["payload"], name) for name in document["data"]["payload"]]
        for holder, name in self.random.sample(places, 2):
            holder[name] = self.random.choice(ODD_VALUES)
        return json.dumps(document).encode()

    def _deep(self, body: bytes) -> bytes:
        depth = self.random.choice((50, 150, 250, 5_000, 50_000))
        inside = self.random.choice((b'{"a":', b"["))
        end = b"}" if inside == b'{"a":' else b"]"
        nest = inside * depth + b"1" + end * depth
        return body.replace(b'"payload": {', b'"payload": {"x": ' + nest + b", ", 1)

    def _recoded(self, body: bytes) -> bytes:
        text = body.decode()
        return text.encode(self.random.choice(("utf-16", "utf-32", "utf-8-sig", "cp037")))

    def _large(self, body: bytes) -> bytes:
        return body + b" " * self.random.choice((200_000, 262_144, 300_000))

    def _noise(self, body: bytes) -> bytes:
        return self.random.randbytes(self.random.randrange(600))

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = self._signer.sign_headers(body)
        dice = self.random.random()
        if dice < 0.2:
            name = self.random.choice(list(headers))
            headers[name] = self.random.choice(("", " ", "1e9", "é", "x" * 3_000, "-1", "9" * 30, headers[name] * 2))
        elif dice < 0.3:
            del headers[self.random.choice(list(headers))]
        elif dice < 0.4:
            headers["Content-Type"] = self.random.choice(("text/plain", "multipart/form-data", "a/b; charset=x"))
        elif dice < 0.45:
            headers["Content-Encoding"] = "gzip"
        return headers

    def _plain(self, headers: dict[str, str], body: bytes) -> Raw:
        return _lines({**headers, "Content-Length": str(len(body))}), body

    def _chunked(self, headers: dict[str, str], body: bytes) -> Raw:
        sent = b""
        rest = body
        while rest:
            size = self.random.randrange(1, 4_000)
            piece, rest = rest[:size], rest[size:]
            sent += b"%x\r\n%s\r\n" % (len(piece), piece)
        return _lines({**headers, "Transfer-Encoding": "chunked"}), sent + b"0\r\n\r\n"


_EVENTS = [
    ("call.initiated", {"direction": "incoming", "from": "+15550100001"}),
    ("call.transcription", transcription_payload("some words")),
    ("call.transcription", transcription_payload("some wor", final=False)),
    ("streaming.failed", {"failure_reason": "connection_failed"}),
    ("call.hangup", {"hangup_cause": "normal_clearing"}),
    ("something.else", {"a": 1}),
]


def _lines(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("utf-8")


class Line:
    """A keep-alive connection that says what it gets back, and is opened again when the server hangs up."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self.opened = 0

    def exchange(self, request: bytes) -> int:
        """The status, 0 if the connection ended without one."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=10)
            self.opened += 1
        try:
            self._socket.sendall(request)
        except OSError:
            pass  # refused before all of it was sent: the answer may be there all the same
        return self._answer()

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _answer(self) -> int:
        assert self._socket is not None
        head, rest = b"", b""
        try:
            while b"\r\n\r\n" not in head and (piece := self._socket.recv(65_536)):
                head += piece
            head, _, rest = head.partition(b"\r\n\r\n")
            found = STATUS.match(head)
            size = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) if found else 0  # type: ignore[index]
            while len(rest) < size and (piece := self._socket.recv(65_536)):
                rest += piece
        except ConnectionError:
            found = STATUS.match(head)
        if found is None or b"connection: close" in head.lower():
            self.close()
        return int(found[1]) if found else 0


def test_every_wrong_body_is_answered(shared_server: Server, signer: Signer) -> None:
    fuzzer = Fuzzer(signer)
    line = Line(shared_server.port)
    seen: Counter[int] = Counter()
    for _ in range(ROUNDS):
        request = fuzzer.request()
        status = line.exchange(request)
        if status == 0:
            # A connection may have been closed between two requests; on a fresh one there must be an answer.
            status = line.exchange(request)
        seen[status] += 1
        assert status in ALLOWED, (status, request[:300])
    line.close()
    print(dict(seen), f"{line.opened} connections")
    assert seen.keys() == ALLOWED
    _is_well(shared_server, signer)


def test_broken_http_ends_only_its_own_connection(shared_server: Server, signer: Signer) -> None:
    body = build_event_body("call.initiated")
    signed = _lines(signer.sign_headers(body))
    start = b"POST " + WEBHOOK_PATH.encode() + b" HTTP/1.1\r\nHost: localhost\r\n"
    broken: list[bytes] = [
        start + signed + b"Content-Length: -5\r\n\r\n" + body,
        start + signed + b"Content-Length: many\r\n\r\n" + body,
        start + signed + b"Content-Length: 99999999999999999999\r\n\r\n" + body,
        start + signed + b"Content-Length: %d\r\n\r\n" % (len(body) + 10) + body,
        start + signed + b"Content-Length: %d\r\n\r\n" % (len(body) - 10) + body,
        start + signed + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n" + body,
        start + signed + b"\r\n",
        start + signed + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
        start + signed + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n" + body,
        start + signed + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n" + body,
        start + signed + b"Transfer-Encoding: chunked\r\n\r\n10\r\nshort",
        start + b"X: " + b"x" * 100_000 + b"\r\n\r\n",
        start + b"no colon here\r\n\r\n",
        start + b"Telnyx-Timestamp: \xff\xfe\r\n\r\n",
        b"POST " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /webhooks/%ff%00%2e%2e HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"",
    ]
    for request in broken:
        with socket.create_connection(("127.0.0.1", shared_server.port), timeout=5) as connection:
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(65_536)
            except ConnectionError:
                answer = b""
            found = STATUS.match(answer)
            assert found is None or int(found[1]) < 500, (request[:120], answer[:120])
    _is_well(shared_server, signer)


def test_signed_webhook_may_come_in_chunks(shared_server: Server, signer: Signer) -> None:
    """A proxy on the way may choose to send the same bytes in pieces."""
    body = build_event_body("call.initiated")
    fuzzer = Fuzzer(signer)
    lines, sent = fuzzer._chunked(signer.sign_headers(body), body)
    line = Line(shared_server.port)
    assert line.exchange(b"POST " + WEBHOOK_PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n" + sent) == 200
    line.close()


def _is_well(shared_server: Server, signer: Signer) -> None:
    assert (
        shared_server.deliver_webhook(
            signer, "call.transcription", transcription_payload("still here"), call_id="v3:after"
        )
        == 200
    )
    assert shared_server.get_json("/api/calls/v3:after")["segments"][0]["text"] == "still here"
    assert shared_server.get_json("/readyz")["status"] == "ok"
    assert "Traceback" not in shared_server.log, shared_server.log[-3_000:]
    assert "some words" not in shared_server.log
