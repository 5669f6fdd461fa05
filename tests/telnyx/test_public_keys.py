from __future__ import annotations

import base64

import pytest

from dashboard.telnyx.webhooks.public_keys import read_public_keys
from dashboard.telnyx.webhooks.signature import Verifier

RAW = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
BASE64 = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
SPKI = "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
OTHER = "Kay64UG8yvCyLhqU000LxzYeUm0L/hLIl5S8kyKWbdc="


@pytest.mark.parametrize(
    "text",
    [
        BASE64,
        f"  {BASE64}\n",
        SPKI,
        f"whpk_{BASE64}",
        f"-----BEGIN PUBLIC KEY-----\n{SPKI}\n-----END PUBLIC KEY-----\n",
        f"-----BEGIN PUBLIC KEY-----\r\n{SPKI}\r\n-----END PUBLIC KEY-----\r\n",
        f"-----BEGIN PUBLIC KEY-----\\n{SPKI}\\n-----END PUBLIC KEY-----\\n",
        f"-----BEGIN PUBLIC KEY-----\n{SPKI[:20]}\n{SPKI[20:]}\n-----END PUBLIC KEY-----",
    ],
)
def test_a_public_key_is_read_in_every_spelling(text: str) -> None:
    assert read_public_keys(text) == [RAW]


def test_a_list_keeps_its_order_and_mixes_spellings() -> None:
    assert read_public_keys(f"{OTHER}, whpk_{BASE64},{SPKI}") == [base64.b64decode(OTHER), RAW, RAW]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no public key was given"),
        ("  ", "no public key was given"),
        (f"{BASE64},", "public key 2 of 2 is empty"),
        (f"{BASE64},nonsense!", "public key 2 of 2 is not valid base64"),
        (BASE64[:-1], "public key 1 of 1 is not valid base64"),
        (BASE64.replace("/", "_"), "URL-safe"),
        (BASE64[:20], "instead of 32"),
        (base64.b64encode(bytes(33)).decode(), "33 bytes instead of 32"),
        (RAW.hex(), "hexadecimal"),
        ("whsec_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZX", "HMAC"),
        (f"whsk_{BASE64}", "secret key"),
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----", "private key"),
        ("KEY0123456789ABCDEF_abcdefghijkl", "API key"),
        (base64.b64encode(bytes(32)).decode(), "no Ed25519 public key"),
        (base64.b64encode(b"\x01" + bytes(31)).decode(), "no Ed25519 public key"),
        ("ключ", "not valid base64"),
    ],
)
def test_what_can_be_no_public_key_is_explained(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        Verifier.from_text(text)

    assert BASE64[:10] not in str(caught.value)


def test_without_any_key_there_is_no_verifier() -> None:
    with pytest.raises(ValueError, match="no public key"):
        Verifier([])
