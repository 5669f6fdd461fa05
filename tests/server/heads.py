"""Heads of requests for tests: what is refused and why, and random ones."""

from __future__ import annotations

import random

START = b"POST /webhooks/telnyx HTTP/1.1\r\nHost: x\r\n"

# Each kind on which two readers have disagreed: where the body ends, which header counts, what the connection is.
AMBIGUOUS: dict[str, bytes] = {
    "bare LF in a value": START + b"X: a\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
    "bare LF only": b"GET / HTTP/1.1\nHost: x\n\n",
    "bare CR in a value": START + b"X: a\rContent-Length: 2\r\n\r\n",
    "no colon": START + b"no colon\r\nContent-Length: 2\r\n\r\n",
    "space before the colon": START + b"Content-Length : 2\r\n\r\n",
    "space in a name": START + b"Content Length: 2\r\n\r\n",
    "empty name": START + b": 2\r\n\r\n",
    "continued line": START + b"X: a\r\n Content-Length: 2\r\n\r\n",
    "line that begins with a tab": START + b"\tContent-Length: 2\r\n\r\n",
    "two lengths": START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n",
    "equal lengths": START + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n",
    "list of lengths": START + b"Content-Length: 2, 2\r\n\r\n",
    "signed length": START + b"Content-Length: +2\r\n\r\n",
    "negative length": START + b"Content-Length: -2\r\n\r\n",
    "underscored length": START + b"Content-Length: 0_2\r\n\r\n",
    "hexadecimal length": START + b"Content-Length: 0x2\r\n\r\n",
    "length with a vertical tab": START + b"Content-Length: 2\x0b\r\n\r\n",
    "length with a foreign space": START + b"Content-Length: \xa02\r\n\r\n",
    "empty length": START + b"Content-Length:\r\n\r\n",
    "huge length": START + b"Content-Length: 99999999999999999999\r\n\r\n",
    "length and chunks": START + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunks and length": START + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
    "unknown encoding": START + b"Transfer-Encoding: xchunked\r\n\r\n",
    "two encodings": START + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "encoding twice": START + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "empty encoding": START + b"Transfer-Encoding:\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": START + b"Host: y\r\n\r\n",
    "list of Hosts": b"GET / HTTP/1.1\r\nHost: x, y\r\n\r\n",
    "Host with a space": b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
    "NUL in a value": START + b"X: a\x00\r\n\r\n",
    "NUL in a name": START + b"X\x00: a\r\n\r\n",
    "control character": START + b"X: a\x01\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/0.9 by name": b"GET / HTTP/0.9\r\nHost: x\r\n\r\n",
    "HTTP/2.0": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "other protocol": b"DESCRIBE / RTSP/1.0\r\nHost: x\r\n\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "space at the end": b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
    "tab instead of a space": b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "control character in the target": b"GET /a\x0bb HTTP/1.1\r\nHost: x\r\n\r\n",
    "fragment in the target": b"GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
    "target is an address": b"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "target is no path": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "empty line in front": b"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "lower-case method": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "unknown method": b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}

_FIRST_LINES = (
    *(b"POST /webhooks/telnyx HTTP/1.1", b"GET / HTTP/1.1", b"GET / HTTP/1.0", b"POST /a?b=c HTTP/1.0"),
    *(b"GET /", b"GET  / HTTP/1.1", b"GET / HTTP/0.9", b"GET / HTTP/2.0", b"GET / HTTP/1.2", b"CONNECT a:80 HTTP/1.1"),
    *(b"CONNECT /a HTTP/1.1", b"OPTIONS * HTTP/1.1", b"GET http://h/p HTTP/1.1", b"get / HTTP/1.1", b"FOO / HTTP/1.1"),
    *(b"HEAD /x HTTP/1.1", b"GET /x\ty HTTP/1.1", b"GET /x y HTTP/1.1", b"GET\t/ HTTP/1.1", b"SOURCE / ICE/1.0"),
    *(b"\r\nGET / HTTP/1.1", b"PRI * HTTP/2.0", b"GET /\xc3\xa9 HTTP/1.1", b"GET / HTTP/1.1 ", b"GET / http/1.1"),
)
_LINES = (
    *(b"Host: x", b"Host: y:80", b"host:z", b"Content-Length: 2", b"Content-Length: 5", b"Content-Length:02"),
    *(b"content-length: +2", b"Content-Length : 2", b"Content-Length: 2, 2", b"Content-Length: 0x2"),
    *(
        b"Content-Length:",
        b"Content-Length: 2\x0b",
        b"Content-Length: \xa02",
        b"Content-Length: 9999999999999999999999",
    ),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: xchunked", b"transfer-encoding: Chunked "),
    *(b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding : chunked"),
    *(b" folded", b"\tfolded: x", b"no colon", b": x", b"A:", b"X_Y: a", b"X Y: a", b"(X): a"),
    *(b"Connection: close", b"Connection: keep-alive, close", b"Connection: Upgrade", b"connection: CLOSE ,"),
    *(b'Connection: foo;close, "close"', b"Keep-Alive: timeout=5", b"Proxy-Connection: close", b"Upgrade: websocket"),
    *(b"Expect: 100-continue", b"Cookie: a=b", b"Cookie: c=d", b"Trailer: x", b"TE: trailers"),
    *(b"X: a\nTransfer-Encoding: chunked", b"X: a\rB: c", b"X: \x00", b"X\x00: a", b"X: \x0b\x0c", b"X: \xff\xfe"),
)
_GOOD = (
    b"POST /webhooks/telnyx HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nContent-Type: application/json\r\n"
    b"Connection: keep-alive\r\nTelnyx-Timestamp: 1\r\nContent-Length: 2\r\n\r\n"
)
_ODD_BYTES = (0, 9, 10, 11, 12, 13, 32, 34, 35, 44, 58, 59, 95, 127, 128, 160, 255)


def random_head(dice: random.Random) -> bytes:
    """A head that is right, wrong, or right for some readers."""
    if dice.random() < 0.35:
        return _with_odd_bytes(dice, _GOOD)
    lines = [dice.choice(_LINES) for _ in range(dice.randrange(7))]
    if dice.random() < 0.8:
        lines.append(b"Host: x")
    dice.shuffle(lines)
    first = dice.choice(_FIRST_LINES if dice.random() < 0.4 else _FIRST_LINES[:4])
    end_of_line = dice.choice([b"\r\n"] * 12 + [b"\n", b"\r"])
    head = end_of_line.join([first, *lines]) + (b"\r\n\r\n" if dice.random() < 0.9 else b"\n\n")
    return head if dice.random() < 0.5 else _with_odd_bytes(dice, head)


def _with_odd_bytes(dice: random.Random, head: bytes) -> bytes:
    changed = bytearray(head)
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(changed))
        byte = dice.choice(_ODD_BYTES) if dice.random() < 0.7 else dice.randrange(256)
        match dice.randrange(3):
            case 0:
                changed[place] = byte
            case 1:
                changed.insert(place, byte)
            case 2:
                del changed[place]
    return bytes(changed)
