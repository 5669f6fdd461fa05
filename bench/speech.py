"""Signed webhooks in quantity. It shares no code with the dashboard, so that it could not share a mistake."""

from __future__ import annotations

import base64
import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from nacl.signing import SigningKey

MARK = re.compile(rb"~(\d+)~")
"""How a text says which webhook it came from: `~17~` is the number 17."""

WORDS = "and then I called about the order that was due on Monday"
INTERIMS_PER_FINAL = 12
"""Three interims a second and a final every four seconds."""


class Speech:
    """Writes and signs what the provider would send: a whole HTTP request for each event, numbered from 0."""

    def __init__(self) -> None:
        self._key = SigningKey.generate()
        self.public_key = base64.b64encode(bytes(self._key.verify_key)).decode()
        self.written = 0
        self._clock_us = 0

    def words(self, call_id: str, *, is_final: bool, track: str = "inbound") -> bytes:
        """One piece of speech. Its text carries the number it has among all of this object."""
        text = f"~{self.written}~ {WORDS}"
        self.written += 1
        final = "true" if is_final else "false"
        heard = f'"confidence":0.977219,"is_final":{final},"transcript":"{text}","transcription_track":"{track}"'
        return self._event("call.transcription", call_id, f'"transcription_data":{{{heard}}}')

    def beginning(self, call_id: str) -> Iterator[bytes]:
        """A call that rings and is answered."""
        facts = '"direction":"incoming","from":"+15550100","to":"+15550199","state":"parked"'
        yield self._event("call.initiated", call_id, facts)
        yield self._event("call.answered", call_id, facts)

    def finals(self, call_id: str, count: int) -> list[bytes]:
        return [self.words(call_id, is_final=True) for _ in range(count)]

    def interims(self, call_id: str, count: int) -> list[bytes]:
        return [self.words(call_id, is_final=False) for _ in range(count)]

    def talk(self, call_id: str, count: int) -> list[bytes]:
        """Interims, and a final after every twelfth."""
        every = INTERIMS_PER_FINAL + 1
        return [self.words(call_id, is_final=number % every == every - 1) for number in range(count)]

    def _event(self, event_type: str, call_id: str, facts: str) -> bytes:
        body = (
            f'{{"data":{{"record_type":"event","event_type":"{event_type}","id":"{_uuid()}","occurred_at":"{self._now()}",'
            f'"payload":{{"call_control_id":"{call_id}","call_leg_id":"5b7a0c1e-7e55-11f1-9c3a-02420a1f0b69",'
            '"call_session_id":"5b79f9aa-7e55-11f1-8d1b-02420a1f0b69","client_state":null,'
            f'"connection_id":"1234567890123456789",{facts}}}}},'
            '"meta":{"attempt":1,"delivered_to":"https://dash.example.com/webhooks/telnyx"}}'
        ).encode()
        stamp = str(int(time.time())).encode()
        signature = base64.b64encode(self._key.sign(stamp + b"|" + body).signature)
        return (
            b"POST /webhooks/telnyx HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"User-Agent: telnyx-webhooks\r\ntelnyx-timestamp: %s\r\ntelnyx-signature-ed25519: %s\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (stamp, signature, len(body), body)
        )

    def _now(self) -> str:
        """The time, later each time it is asked: two events of one lane are never of one moment."""
        self._clock_us = max(self._clock_us + 1, time.time_ns() // 1_000)
        return datetime.fromtimestamp(self._clock_us / 1e6, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _uuid() -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
