"""Verifies webhook signatures over the raw bytes.

Reads no clock and no settings. No error repeats a header, a body or a key.
"""

from __future__ import annotations

import binascii
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from dashboard.errors import SignatureError
from dashboard.messages import Message, _
from dashboard.telnyx.webhooks.public_keys import read_public_keys

# Seconds either way; exactly this much still passes. Telnyx SDK 4.189, webhook verification.
TOLERANCE_S = 300

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Scheme = Literal["telnyx", "standard"]

# Header names: Telnyx docs, "Webhook fundamentals"; Standard Webhooks 1.0.0, "Webhook headers".
_TELNYX_HEADERS = ("telnyx-signature-ed25519", "telnyx-timestamp")
_STANDARD_HEADERS = ("webhook-signature", "webhook-timestamp", "webhook-id")
_SIGNATURE_HEADERS = frozenset(_TELNYX_HEADERS + _STANDARD_HEADERS)

# int() would also take " 1", "+1", "1_0" and the digits of other scripts.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
# 64 bytes in the standard alphabet, padded. The last letter carries two bits, so only four letters are canonical there:
# with the others the same signature could be spelled in several ways.
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{85}[AQgw]==")
# The id is signed as id.timestamp.body, so a full stop inside it would make the boundaries movable.
_MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")
# Each candidate costs a curve operation per key; a rotation needs two.
_MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedSignature:
    """How a webhook proved itself. `skew_s` is our clock minus the sender's; `key_index` counts from 0."""

    scheme: Scheme
    timestamp: int
    skew_s: float
    key_index: int


class Verifier:
    """Verifies Ed25519 signatures in Telnyx's and in the Standard Webhooks form (`v1a`)."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Takes raw 32-byte public keys. ValueError without any."""
        if not keys:
            raise ValueError("no public key was given")
        self._keys = tuple(VerifyKey(key) for key in keys)

    @classmethod
    def from_text(cls, keys: str) -> Verifier:
        """Takes comma-separated keys as `read_public_keys` does. ValueError names the bad one."""
        return cls(read_public_keys(keys))

    def __len__(self) -> int:
        return len(self._keys)

    def verify(self, body: bytes, headers: Headers, *, now: float) -> VerifiedSignature:
        """Returns how `body` proved itself, or raises SignatureError. `now` is Unix seconds.

        Telnyx headers win; the Standard Webhooks headers count only when no Telnyx header is there.
        """
        found = _single_headers(headers)
        if not found:
            raise SignatureError("missing_signature", _("the request carries no signature headers"))
        if any(name in found for name in _TELNYX_HEADERS):
            return self._verify_telnyx(body, found, now)
        return self._verify_standard(body, found, now)

    def _verify_telnyx(self, body: bytes, headers: Mapping[str, str], now: float) -> VerifiedSignature:
        signature_name, timestamp_name = _TELNYX_HEADERS
        signature = _require_header(headers, signature_name, "missing_signature")
        stamp = _require_header(headers, timestamp_name, "missing_timestamp")
        _reject_joined(signature_name, signature)
        timestamp, skew_s = _check_time(timestamp_name, stamp, now)
        candidate = _decode_signature(signature)
        if candidate is None:
            raise SignatureError(
                "malformed_signature", _("%(name)s is not the strict base64 of 64 bytes", name=signature_name)
            )
        index = self._matching_key(b"%s|%s" % (stamp.encode("ascii"), body), [candidate])
        return VerifiedSignature(scheme="telnyx", timestamp=timestamp, skew_s=skew_s, key_index=index)

    def _verify_standard(self, body: bytes, headers: Mapping[str, str], now: float) -> VerifiedSignature:
        signature_name, timestamp_name, id_name = _STANDARD_HEADERS
        signatures = _require_header(headers, signature_name, "missing_signature")
        stamp = _require_header(headers, timestamp_name, "missing_timestamp")
        message_id = _require_header(headers, id_name, "missing_id")
        timestamp, skew_s = _check_time(timestamp_name, stamp, now)
        _reject_joined(id_name, message_id)
        if not _MESSAGE_ID.fullmatch(message_id):
            raise SignatureError(
                "malformed_id", _("%(name)s must be printable ASCII without spaces and full stops", name=id_name)
            )
        candidates = _ed25519_candidates(signature_name, signatures)
        signed = b"%s.%s.%s" % (message_id.encode("ascii"), stamp.encode("ascii"), body)
        index = self._matching_key(signed, candidates)
        return VerifiedSignature(scheme="standard", timestamp=timestamp, skew_s=skew_s, key_index=index)

    def _matching_key(self, signed: bytes, candidates: Sequence[bytes]) -> int:
        for index, key in enumerate(self._keys):
            for candidate in candidates:
                try:
                    key.verify(signed, candidate)
                except BadSignatureError:
                    continue
                return index
        raise SignatureError(
            "wrong_signature",
            _(
                "no configured public key made this signature over these bytes: "
                "check that the key is your account's and that nothing on the way rewrites the body"
            ),
        )


def _single_headers(headers: Headers) -> dict[str, str]:
    """The signature headers under lower-case names. Walking them all suits plain dicts and WSGI headers alike."""
    found: dict[str, str] = {}
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        lowered = name.lower()
        if lowered in _SIGNATURE_HEADERS:
            if lowered in found:
                raise SignatureError("repeated_header", _repeated_message(lowered))
            found[lowered] = value
    return found


def _require_header(headers: Mapping[str, str], name: str, reason: str) -> str:
    value = headers.get(name)
    if not value:
        raise SignatureError(reason, _("the request has no %(name)s header", name=name))
    return value


def _reject_joined(name: str, value: str) -> None:
    # WSGI servers join a repeated header with a comma; none of these values may hold one.
    if "," in value:
        raise SignatureError("repeated_header", _repeated_message(name))


def _repeated_message(name: str) -> Message:
    return _("%(name)s was sent more than once", name=name)


def _check_time(name: str, text: str, now: float) -> tuple[int, float]:
    _reject_joined(name, text)
    if not _TIMESTAMP.fullmatch(text):
        raise SignatureError(
            "malformed_timestamp", _("%(name)s must be Unix seconds in 1 to 12 decimal digits", name=name)
        )
    timestamp = int(text)
    skew_s = now - timestamp
    if abs(skew_s) > TOLERANCE_S:
        shown = math.copysign(math.ceil(abs(skew_s)), skew_s)
        raise SignatureError(
            "stale" if skew_s > 0 else "future",
            _("clock skew of %(skew)s s, at most %(most)s s is accepted", skew=f"{shown:+.0f}", most=TOLERANCE_S),
        )
    return timestamp, skew_s


def _decode_signature(signature: str) -> bytes | None:
    return binascii.a2b_base64(signature) if _SIGNATURE.fullmatch(signature) else None


def _ed25519_candidates(name: str, value: str) -> list[bytes]:
    """The well-formed `v1a` signatures of a space-separated list. Other versions are ignored."""
    entries = [entry.partition(",") for entry in value.split(" ") if entry]
    for _version, _comma, signature in entries:
        _reject_joined(name, signature)
    ours = [signature for version, _, signature in entries if version == "v1a"]
    if not ours:
        raise SignatureError(
            "unsupported_version", _("%(name)s has no v1a entry; only Ed25519 signatures are accepted", name=name)
        )
    if len(ours) > _MAX_CANDIDATES:
        raise SignatureError(
            "malformed_signature",
            _("%(name)s lists more than %(most)s v1a signatures", name=name, most=_MAX_CANDIDATES),
        )
    candidates = [decoded for signature in ours if (decoded := _decode_signature(signature))]
    if not candidates:
        raise SignatureError(
            "malformed_signature", _("no v1a entry of %(name)s is the strict base64 of 64 bytes", name=name)
        )
    return candidates
