"""How one call goes by itself, written down before it rings."""

from __future__ import annotations

from dataclasses import dataclass

from .media.stream_session import StreamRequest
from .rest.engines import TranscriptionOptions
from .speech.script import SpokenScript


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """Times in seconds; `answer_after_s` None means that an operator has to answer it.

    `transcription` and `stream` begin when it is answered; `start_at_s` skips the beginning of the conversation.
    `extras` adds what real calls have now and then: keys pressed, a bridge, a cost. `paced` false: the call says
    nothing until it is told to.
    """

    spoken_script: SpokenScript
    direction: str
    from_number: str
    to_number: str
    answer_after_s: float | None
    ring_timeout_s: float = 60.0
    start_at_s: float = 0.0
    transcription: TranscriptionOptions | None = None
    stream_request: StreamRequest | None = None
    client_state: str | None = None
    webhook_url: str | None = None
    has_extras: bool = False
    is_paced: bool = True
