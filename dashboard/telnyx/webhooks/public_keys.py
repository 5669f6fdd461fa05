"""Reads Ed25519 public keys in every common form, and explains bad ones.

Errors give a key's position and the reason, never its text.
"""

from __future__ import annotations

import binascii
import re

from nacl.bindings import crypto_core_ed25519_is_valid_point

_KEY_BYTES = 32
# The fixed SubjectPublicKeyInfo header of an Ed25519 key, RFC 8410 section 10.1.
_SPKI_HEADER = bytes.fromhex("302a300506032b6570032100")
_STANDARD_WEBHOOKS_PREFIX = "whpk_"
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----(.*)-----END PUBLIC KEY-----", re.DOTALL)

_COMMON_KEY_MISTAKES = (
    (r"whsk_", "is a secret key (whsk_…): give the public one (whpk_…) and treat the secret as leaked"),
    (r"whsec_", "is an HMAC secret (whsec_…): webhooks here are signed with Ed25519, give a public key"),
    (r"(?s).*PRIVATE KEY-----", "is a private key: give the public one and treat the private one as leaked"),
    (r"KEY[0-9A-Za-z]{8}", "looks like an API key: the public key is on the portal page Keys & Credentials"),
    (r"[0-9a-fA-F]{64}$", "is hexadecimal: give the same 32 bytes as base64 (44 characters)"),
    (r"(?s).*[-_]", "uses the URL-safe alphabet or has stray dashes: give standard base64, with + and /"),
)


def read_public_keys(text: str) -> list[bytes]:
    """The raw 32-byte keys of a comma-separated list, in order.

    Each may be raw base64 (44 characters), base64 SPKI/DER, PEM (its line breaks real or written as `\\n`) or `whpk_…`.
    ValueError gives the position of the bad key, from 1, and the reason.
    """
    if not text.strip():
        raise ValueError("no public key was given")
    parts = [part.strip() for part in text.split(",")]
    return [
        _read_public_key(part, f"public key {position} of {len(parts)}") for position, part in enumerate(parts, start=1)
    ]


def _read_public_key(text: str, label: str) -> bytes:
    if not text:
        raise ValueError(f"{label} is empty: remove the extra comma")
    encoded = _strip_wrapping(text)
    try:
        decoded = binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:  # binascii.Error, or UnicodeError from non-ASCII text
        raise ValueError(f"{label} {_explain_bad_key(encoded)}") from None
    key = decoded.removeprefix(_SPKI_HEADER)
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{label} {_explain_bad_key(encoded, len(decoded))}")
    if not crypto_core_ed25519_is_valid_point(key):
        raise ValueError(f"{label} has the right length but is no Ed25519 public key: compare it letter by letter")
    return key


def _strip_wrapping(text: str) -> str:
    if pem := _PEM.fullmatch(text.replace("\\n", "\n").strip()):
        return "".join(pem[1].split())
    return text.removeprefix(_STANDARD_WEBHOOKS_PREFIX)


def _explain_bad_key(encoded: str, decoded_bytes: int | None = None) -> str:
    for pattern, explanation in _COMMON_KEY_MISTAKES:
        if re.match(pattern, encoded):
            return explanation
    if decoded_bytes is None:
        return "is not valid base64: copy it whole, with the = at its end"
    return f"decodes to {decoded_bytes} bytes instead of {_KEY_BYTES}: copy it whole"
