"""Tokens that allow Telnyx to stream the media of one call to this server."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

FIRST_USE_WITHIN_S = 120
_MAX_REMEMBERED_TOKENS = 10_000
_MAC_BYTES = 32
_EXPIRY_BYTES = 8
_NONCE_BYTES = 12
_PURPOSE = b"media stream of a call\0"
_MAX_TOKEN_LENGTH = 4_000


class StreamTokens:
    """Issues and verifies tokens; each opens the stream of one call.

    Any process with the same `secret_key` can verify a token. It must be used within two minutes. Afterwards it is good
    for the same call until `revoke`, in the process that first verified it, because a sender whose connection breaks
    comes back with the same token. In another process, or after a restart, an older token is refused: the stream has to
    be started again.
    """

    def __init__(self, secret_key: str, *, now: Callable[[], float] = time.time) -> None:
        self._key = secret_key.encode()
        self._now = now
        self._revoked: OrderedDict[bytes, bool] = OrderedDict()
        self._lock = Lock()

    def issue(self, call_id: str) -> str:
        """A new token: URL-safe text, at most 800 characters."""
        expires_s = int(self._now()) + FIRST_USE_WITHIN_S
        grant = expires_s.to_bytes(_EXPIRY_BYTES, "big") + secrets.token_bytes(_NONCE_BYTES) + call_id.encode()
        return base64.urlsafe_b64encode(self._compute_mac(grant) + grant).rstrip(b"=").decode("ascii")

    def verify(self, token: str) -> str | None:
        """The call that a token opens; None for a foreign, expired or revoked token."""
        read = self._parse_token(token)
        if read is None:
            return None
        mac, expires_s, call_id = read
        with self._lock:
            spent = self._revoked.get(mac)
            if spent or (spent is None and self._now() > expires_s):
                return None
            self._remember_token(mac, spent=False)
        return call_id

    def revoke(self, token: str) -> None:
        """Revoke the token of a stream that ended properly."""
        read = self._parse_token(token)
        if read is not None:
            with self._lock:
                self._remember_token(read[0], spent=True)

    def _parse_token(self, token: str) -> tuple[bytes, int, str] | None:
        if len(token) > _MAX_TOKEN_LENGTH:
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (ValueError, binascii.Error):
            return None
        mac, grant = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._compute_mac(grant)):
            return None
        call_id = grant[_EXPIRY_BYTES + _NONCE_BYTES :].decode()
        return mac, int.from_bytes(grant[:_EXPIRY_BYTES], "big"), call_id

    def _compute_mac(self, grant: bytes) -> bytes:
        return hmac.digest(self._key, _PURPOSE + grant, "sha256")

    def _remember_token(self, mac: bytes, *, spent: bool) -> None:
        self._revoked[mac] = spent
        self._revoked.move_to_end(mac)
        while len(self._revoked) > _MAX_REMEMBERED_TOKENS:
            self._revoked.popitem(last=False)
