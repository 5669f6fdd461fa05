"""The short way in: an ordinary webhook as bytes on a connection, and the answer to it.

Nearly every request is one, and reading it like a request of a browser costs more than verifying and telling it. What
is unusual about one in any way is left alone here: it goes the long way, through Flask, to the same reception.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import NamedTuple

from werkzeug.http import HTTP_STATUS_CODES

from dashboard.services.webhook_receiver import MAX_BODY_BYTES, PATH, READ_HEADERS, WebhookReceiver

REQUEST_LINE = f"POST {PATH} HTTP/1.1".encode()
_END = b"\r\n\r\n"
_NAMES = {name.lower().encode(): name for name in READ_HEADERS}
# Any of these changes what a body or a connection is. A continued line begins with a space, and so has no name at all.
_UNUSUAL = frozenset({b"transfer-encoding", b"content-encoding", b"expect", b"upgrade", b"trailer", b""})
_KEPT = {b"close": False, b"keep-alive": True}


class Announced(NamedTuple):
    """What the head of a webhook says: what it is judged by, how long its head and body are, and if more follows."""

    headers: dict[str, str]
    head_bytes: int
    body_bytes: int
    is_kept: bool


class Door:
    """`announced` reads ahead, `answer` takes the body. Knows no socket: whoever has one carries the bytes."""

    def __init__(self, reception: WebhookReceiver) -> None:
        self._receive = reception.handle
        self._second = 0
        self._dated: dict[tuple[int, str, bool], bytes] = {}

    def answer(self, body: bytes, told: Announced) -> bytes:
        """Take a webhook in and say what became of it."""
        status, word = self._receive(body, told.headers)
        return self._head(status, word, told.is_kept) + word.encode() + b"\n"

    def _head(self, status: int, word: str, is_kept: bool) -> bytes:
        """Made once a second for each kind of answer: only the date ever changes."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._dated.clear()
        key = (status, word, is_kept)
        if key not in self._dated:
            self._dated[key] = _head(status, len(word) + 1, is_kept, formatdate(second, usegmt=True))
        return self._dated[key]


def announced(buffered: bytes) -> Announced | None:
    """What an ordinary webhook at the beginning of these bytes says of itself; None for anything else.

    The whole head must be there. A webhook whose head comes in pieces goes the long way, like all that is unusual.
    """
    if not buffered.startswith(REQUEST_LINE):
        return None
    end = buffered.find(_END)
    if end < 0:
        return None
    first, *lines = buffered[:end].split(b"\r\n")
    if first != REQUEST_LINE:
        return None
    found: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.lower()
        # Twice the same means one for some readers and the other for others; a space in a name hides what it is.
        if not colon or name in found or name in _UNUSUAL or name != name.strip():
            return None
        found[name] = value.strip(b" \t")
    length = found.get(b"content-length", b"")
    is_kept = _KEPT.get(found.get(b"connection", b"keep-alive").lower())
    if is_kept is None or not length.isdigit() or len(length) > 9 or not 0 < int(length) <= MAX_BODY_BYTES:
        return None
    headers = {_NAMES[name]: value.decode("latin-1") for name, value in found.items() if name in _NAMES}
    return Announced(headers, end + len(_END), int(length), is_kept)


def _head(status: int, length: int, is_kept: bool, date: str) -> bytes:
    told = (
        f"HTTP/1.1 {status} {HTTP_STATUS_CODES[status]}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {length}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"Date: {date}",
        *(() if is_kept else ("Connection: close",)),
    )
    return "\r\n".join(told).encode() + _END
