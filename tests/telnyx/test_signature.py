"""Vectors were computed with PyNaCl from published seeds; they hold for any correct implementation of either scheme."""

from __future__ import annotations

import base64
import time

import pytest
from nacl.signing import SigningKey
from werkzeug.datastructures import EnvironHeaders

from dashboard.errors import SignatureError
from dashboard.telnyx.webhooks.signature import TOLERANCE_S, Verifier

NOW = 1787307330
STAMP = str(NOW)
MESSAGE_ID = "msg_telnyx_dash_0001"

KEY_A = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
KEY_B = "Kay64UG8yvCyLhqU000LxzYeUm0L/hLIl5S8kyKWbdc="
SECRET_A = SigningKey(bytes(range(32)))

BODY_1 = b'{"data":{"event_type":"call.hangup"},"meta":{"attempt":1}}'
TELNYX_1A = "tLvAHgUZtWNgz8qbMgiFc0wWAKhWPxkQglx/fPVnNXAz+jlabqzATAqneaCXZWGUzvnsL/Mls+7tNdIE0geuDg=="
TELNYX_1B = "TMqcmYEGZtVGLbJ9X/M6C0jdxVcbBrXrdtD6qClAwrTwTJhofEJ26kGoT6HhzQN/Z241iUEaXZv4EJh/5WPbAA=="
STANDARD_1A = "v1a,1q9UwWzU7N3HKEEVmB+c+pkn1faODN91sPim+KmNx840kRp0TJfxCxKIOA5fgJ53hMHr1OvQDgFv4tlb+ZpjDw=="
STANDARD_1B = "v1a,c96TjydPnmt+IcqeHz0RGM6X81B+Z2GTaEGOppuEphyJlndyKjwwRRcGzzo/VpN4nvXfFif34OOE7YulicV9Bg=="
HMAC_1 = "v1,ucBZpUn+Y6O+dW9XFbLnI8rZYgUUe8B7VPqC5VaCF0o="

BODY_2 = (
    '{"data":{"event_type":"call.transcription","id":"0b1d9a7e-6f0c-4f57-9a55-2f1f0c8a7d11",'
    '"occurred_at":"2026-08-21T10:15:29.123456Z","payload":{"call_control_id":"v3:EXAMPLE-call-control-id_0001",'
    '"call_leg_id":"5b7a0c1e-7e55-11f1-9c3a-02420a1f0b69","call_session_id":"5b79f9aa-7e55-11f1-8d1b-02420a1f0b69",'
    '"client_state":null,"connection_id":"1234567890123456789","transcription_data":{"confidence":0.97,'
    '"is_final":true,"transcript":"café — hello"}},"record_type":"event"},"meta":{"attempt":1,'
    '"delivered_to":"https://dash.example.com/webhooks/telnyx"}}'
).encode()
TELNYX_2A = "kMANbnpqtowMF4KHYU9s/f+Xn0NDuQhwLuA7KmPw6ipYFUDH9fYa0luRYIcxbQQ8QrHQPLkJt0P+vJiDf2IhAg=="
STANDARD_2A = "v1a,D2kPf5jLOCucqDwshSGTW3kHXt9mt8IhEM6GflR6q0y+KI7y+Md23jgRLKcxtxnNEbNIxi8yE6K6kPA6m2bqCA=="

SIGNED_WITH_A_FULL_STOP = "OloYB6Y07Qdtlv/xtWToo7EpNTBzpzjqa8fpGnF/+Q9YR3caVjHTwguCGKuwXkSnoK9KeU32IMdKW2vEVgBMAw=="
SIGNED_BODY_ALONE = "b/SkIcbY9bWpN7NXoXczAIfygDoIK9HtJ1tJ8zo1mFqYypIO9nXiYODpqhDbGUg432uAEruupXBp+Rmg+4SEBQ=="


def telnyx(signature: str = TELNYX_1A, timestamp: str = STAMP) -> dict[str, str]:
    return {"telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp}


def standard(signature: str = STANDARD_1A, timestamp: str = STAMP, message_id: str = MESSAGE_ID) -> dict[str, str]:
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


@pytest.fixture
def verifier() -> Verifier:
    return Verifier.from_text(KEY_A)


def refusal(verifier: Verifier, body: bytes, headers: object, *, now: float = NOW) -> SignatureError:
    with pytest.raises(SignatureError) as caught:
        verifier.verify(body, headers, now=now)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("body", "headers", "key", "scheme"),
    [
        (BODY_1, telnyx(), KEY_A, "telnyx"),
        (BODY_1, telnyx(TELNYX_1B), KEY_B, "telnyx"),
        (BODY_2, telnyx(TELNYX_2A), KEY_A, "telnyx"),
        (BODY_1, standard(), KEY_A, "standard"),
        (BODY_1, standard(STANDARD_1B), KEY_B, "standard"),
        (BODY_2, standard(STANDARD_2A), KEY_A, "standard"),
    ],
)
def test_published_vectors_hold(body: bytes, headers: dict[str, str], key: str, scheme: str) -> None:
    verified = Verifier.from_text(key).verify(body, headers, now=NOW + 2.5)

    assert (verified.scheme, verified.timestamp, verified.skew_s, verified.key_index) == (scheme, NOW, 2.5, 0)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(BODY_1, telnyx(SIGNED_WITH_A_FULL_STOP), id="a full stop instead of the pipe"),
        pytest.param(BODY_1, telnyx(SIGNED_BODY_ALONE), id="the body alone"),
        pytest.param(BODY_1, telnyx(TELNYX_1B), id="another key"),
        pytest.param(BODY_1, telnyx(timestamp=str(NOW + 1)), id="another time"),
        pytest.param(BODY_1.replace(b":", b": ").replace(b",", b", "), telnyx(), id="the body written anew"),
        pytest.param(BODY_2.replace("é".encode(), b"\\u00e9"), telnyx(TELNYX_2A), id="an escaped letter"),
        pytest.param(BODY_1 + b"\n", telnyx(), id="a line break more"),
        pytest.param(b"", telnyx(), id="no body"),
        pytest.param(BODY_1, telnyx(STANDARD_1A.removeprefix("v1a,")), id="the other scheme's signature"),
        pytest.param(BODY_1, standard(STANDARD_1B), id="standard, another key"),
        pytest.param(BODY_1, standard("v1a," + TELNYX_1A), id="standard, the other scheme's signature"),
        pytest.param(BODY_1, standard(message_id="msg_other"), id="standard, another message id"),
        pytest.param(BODY_2, standard(), id="standard, another body"),
    ],
)
def test_anything_else_than_what_was_signed_is_refused(
    verifier: Verifier, body: bytes, headers: dict[str, str]
) -> None:
    assert refusal(verifier, body, headers).reason == "wrong_signature"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing_signature"),
        ({"content-type": "application/json"}, "missing_signature"),
        ({"telnyx-timestamp": STAMP}, "missing_signature"),
        ({"telnyx-signature-ed25519": TELNYX_1A}, "missing_timestamp"),
        (telnyx(signature=""), "missing_signature"),
        (telnyx(timestamp=""), "missing_timestamp"),
        (telnyx(signature=f"{TELNYX_1A},{TELNYX_1A}"), "repeated_header"),
        (telnyx(signature=f"{TELNYX_1A}, {TELNYX_1B}"), "repeated_header"),
        (telnyx(timestamp=f"{STAMP},{STAMP}"), "repeated_header"),
        (telnyx() | {"Telnyx-Timestamp": STAMP}, "repeated_header"),
        ([*telnyx().items(), ("Telnyx-Signature-Ed25519", TELNYX_1A)], "repeated_header"),
        (telnyx(timestamp=f" {STAMP}"), "malformed_timestamp"),
        (telnyx(timestamp=f"{STAMP}\n"), "malformed_timestamp"),
        (telnyx(timestamp=f"+{STAMP}"), "malformed_timestamp"),
        (telnyx(timestamp=f"-{STAMP}"), "malformed_timestamp"),
        (telnyx(timestamp="1787_307_330"), "malformed_timestamp"),
        (telnyx(timestamp="١٧٨٧٣٠٧٣٣٠"), "malformed_timestamp"),
        (telnyx(timestamp="1787307330.0"), "malformed_timestamp"),
        (telnyx(timestamp="0x6a88"), "malformed_timestamp"),
        (telnyx(timestamp="1" * 13), "malformed_timestamp"),
        (telnyx(timestamp="0"), "stale"),
        (telnyx(timestamp="9" * 12), "future"),
        (telnyx(signature=TELNYX_1A + "\n"), "malformed_signature"),
        (telnyx(signature=" " + TELNYX_1A), "malformed_signature"),
        (telnyx(signature=TELNYX_1A.rstrip("=")), "malformed_signature"),
        (telnyx(signature=TELNYX_1A.replace("/", "_").replace("+", "-")), "malformed_signature"),
        (telnyx(signature=TELNYX_1A.replace("Dg==", "Dh==")), "malformed_signature"),
        (telnyx(signature=base64.b64encode(b"x" * 63).decode()), "malformed_signature"),
        (telnyx(signature=base64.b64encode(b"x" * 65).decode()), "malformed_signature"),
        (telnyx(signature=STANDARD_1A), "repeated_header"),
        (telnyx(signature="é" * 88), "malformed_signature"),
        (standard(signature=HMAC_1), "unsupported_version"),
        (standard(signature="v2," + TELNYX_1A), "unsupported_version"),
        (standard(signature=" "), "unsupported_version"),
        (standard(signature="v1a,AAAA"), "malformed_signature"),
        (standard(signature="v1a"), "malformed_signature"),
        (standard(signature=" ".join([STANDARD_1B] * 9)), "malformed_signature"),
        (standard(signature=f"{STANDARD_1A},{STANDARD_1B}"), "repeated_header"),
        (standard(signature=f"{STANDARD_1A}, {STANDARD_1B}"), "repeated_header"),
        (standard(message_id=""), "missing_id"),
        (standard(message_id=f"{MESSAGE_ID},{MESSAGE_ID}"), "repeated_header"),
        (standard(message_id="msg.1"), "malformed_id"),
        (standard(message_id="msg 1"), "malformed_id"),
        (standard(message_id="mśg"), "malformed_id"),
        (standard(message_id="m" * 257), "malformed_id"),
        (standard(timestamp="today"), "malformed_timestamp"),
        ({"webhook-signature": STANDARD_1A, "webhook-id": MESSAGE_ID}, "missing_timestamp"),
    ],
)
def test_malformed_headers_are_refused_with_their_own_word(verifier: Verifier, headers: object, reason: str) -> None:
    error = refusal(verifier, BODY_1, headers)

    assert error.reason == reason
    assert TELNYX_1A not in error.detail and KEY_A not in error.detail


@pytest.mark.parametrize("skew_s", [-TOLERANCE_S, -1, 0, 1, TOLERANCE_S])
@pytest.mark.parametrize("headers", [telnyx(), standard()], ids=["telnyx", "standard"])
def test_a_clock_within_the_tolerance_passes(verifier: Verifier, headers: dict[str, str], skew_s: int) -> None:
    assert verifier.verify(BODY_1, headers, now=NOW + skew_s).skew_s == skew_s


@pytest.mark.parametrize(
    ("skew_s", "reason", "detail"),
    [
        (301, "stale", "clock skew of +301 s, at most 300 s is accepted"),
        (412, "stale", "clock skew of +412 s, at most 300 s is accepted"),
        (300.2, "stale", "clock skew of +301 s, at most 300 s is accepted"),
        (-301, "future", "clock skew of -301 s, at most 300 s is accepted"),
    ],
)
@pytest.mark.parametrize("headers", [telnyx(), standard()], ids=["telnyx", "standard"])
def test_a_clock_outside_the_tolerance_is_named(
    verifier: Verifier, headers: dict[str, str], skew_s: float, reason: str, detail: str
) -> None:
    error = refusal(verifier, BODY_1, headers, now=NOW + skew_s)

    assert (error.reason, error.detail) == (reason, detail)


def test_header_names_are_read_in_any_case_and_from_any_container(verifier: Verifier) -> None:
    environ = {"HTTP_TELNYX_SIGNATURE_ED25519": TELNYX_1A, "HTTP_TELNYX_TIMESTAMP": STAMP, "CONTENT_TYPE": "text/json"}
    upper = {name.upper(): value for name, value in telnyx().items()}

    for headers in (upper, list(upper.items()), EnvironHeaders(environ)):
        assert verifier.verify(BODY_1, headers, now=NOW).scheme == "telnyx"


def test_header_joined_by_the_web_server_is_refused(verifier: Verifier) -> None:
    environ = {"HTTP_TELNYX_SIGNATURE_ED25519": f"{TELNYX_1A},{TELNYX_1A}", "HTTP_TELNYX_TIMESTAMP": STAMP}

    assert refusal(verifier, BODY_1, EnvironHeaders(environ)).reason == "repeated_header"


def test_telnyx_headers_win_over_valid_standard_ones(verifier: Verifier) -> None:
    assert verifier.verify(BODY_1, standard("v1a,AAAA") | telnyx(), now=NOW).scheme == "telnyx"
    assert refusal(verifier, BODY_1, standard() | telnyx(TELNYX_1B)).reason == "wrong_signature"
    assert refusal(verifier, BODY_1, standard() | {"telnyx-timestamp": STAMP}).reason == "missing_signature"


def test_any_signature_of_a_rotation_may_match(verifier: Verifier) -> None:
    rotation = f"v1,AAAA {STANDARD_1B} {STANDARD_1A}"

    assert verifier.verify(BODY_1, standard(rotation), now=NOW).scheme == "standard"
    assert verifier.verify(BODY_1, standard(f"v1a,AAAA {STANDARD_1A}"), now=NOW).scheme == "standard"


def test_any_configured_key_may_match_and_is_told() -> None:
    both = Verifier.from_text(f"{KEY_A} , {KEY_B}")

    assert both.verify(BODY_1, telnyx(TELNYX_1A), now=NOW).key_index == 0
    assert both.verify(BODY_1, telnyx(TELNYX_1B), now=NOW).key_index == 1
    assert both.verify(BODY_1, standard(STANDARD_1B), now=NOW).key_index == 1


def test_every_flipped_bit_of_a_body_is_noticed(verifier: Verifier) -> None:
    body = bytearray(BODY_1)
    for index in range(len(body)):
        body[index] ^= 1
        assert refusal(verifier, bytes(body), telnyx()).reason == "wrong_signature"
        body[index] ^= 1


def test_a_body_of_any_bytes_can_be_verified(verifier: Verifier) -> None:
    body = bytes(range(256))
    signature = base64.b64encode(SECRET_A.sign(STAMP.encode() + b"|" + body).signature).decode()

    assert verifier.verify(body, telnyx(signature), now=NOW).scheme == "telnyx"


def test_the_official_sdk_agrees_on_the_telnyx_vectors() -> None:
    from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature

    fresh = str(int(time.time()))
    signature = base64.b64encode(SECRET_A.sign(fresh.encode() + b"|" + BODY_2).signature).decode()
    headers = telnyx(signature, fresh)

    verify_webhook_signature(BODY_2, headers, KEY_A)
    Verifier.from_text(KEY_A).verify(BODY_2, headers, now=float(fresh))
    with pytest.raises(WebhookVerificationError):
        verify_webhook_signature(BODY_1, headers, KEY_A)
    assert refusal(Verifier.from_text(KEY_A), BODY_1, headers, now=float(fresh)).reason == "wrong_signature"
