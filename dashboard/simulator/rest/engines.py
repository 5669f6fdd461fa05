"""Which transcription engines exist and what each demands, as far as it changes how a simulated call is transcribed.

Source: Telnyx API reference, "Transcription start". Language lists grow often and are not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .body_fields import BodyFields

TRACKS = ("inbound", "outbound", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Engine:
    models: tuple[str, ...] = ()
    model_required: bool = False
    regions: tuple[str, ...] = ()
    has_interims: bool = True
    has_confidence: bool = True


_GOOGLE = _Engine()
_TELNYX = _Engine(models=("openai/whisper-tiny", "openai/whisper-large-v3-turbo"), has_interims=False)
_ENGINES: dict[str, _Engine] = {
    "Google": _GOOGLE,
    "A": _GOOGLE,
    "Telnyx": _TELNYX,
    "B": _TELNYX,
    "Deepgram": _Engine(models=("deepgram/nova-2", "deepgram/nova-3"), model_required=True),
    "Azure": _Engine(
        regions=("australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"),
        has_interims=False,
    ),
    "xAI": _Engine(models=("xai/grok-stt",)),
    "AssemblyAI": _Engine(models=("assemblyai/universal-3-5-pro", "assemblyai/universal-streaming")),
    "Speechmatics": _Engine(models=("speechmatics/standard", "speechmatics/linden-1")),
    "Soniox": _Engine(models=("soniox/stt-rt-v4",)),
    "Parakeet": _Engine(models=("nvidia/parakeet-v3", "omi-health/omi-med-stt-v1")),
    "Humain": _Engine(models=("humain/realtime",), has_interims=False),
    "Reson8": _Engine(models=("reson8/turns",), has_interims=False),
    "Cohere": _Engine(models=("cohere/ar-stt",), has_interims=False, has_confidence=False),
}
ENGINE_NAMES = tuple(_ENGINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionOptions:
    """A transcription that runs: `tracks` it listens to, and whether it tells interims and a confidence."""

    engine: str
    tracks: tuple[str, ...]
    has_interims: bool
    has_confidence: bool


# What demo calls are transcribed with: both speakers, word by word.
DEFAULT_TRANSCRIPTION_BODY: dict[str, Any] = {
    "transcription_engine": "Deepgram",
    "transcription_engine_config": {
        "transcription_engine": "Deepgram",
        "transcription_model": "deepgram/nova-3",
        "interim_results": True,
    },
    "transcription_tracks": "both",
}


def parse_transcription_options(fields: BodyFields) -> TranscriptionOptions:
    """Read the body of `transcription_start`. Raises ApiError."""
    name = fields.read_choice("transcription_engine", ENGINE_NAMES, default="Google")
    asked = fields.read_choice("transcription_tracks", TRACKS, default="inbound")
    engine = _ENGINES[name]
    interims = False
    if (config := fields.read_object("transcription_engine_config")) is not None:
        interims = _parse_config(config, name, engine)
    elif engine.model_required or engine.regions:
        fields.raise_missing("transcription_engine_config")
    tracks = ("inbound", "outbound") if asked == "both" else (asked,)
    return TranscriptionOptions(
        engine=name, tracks=tracks, has_interims=interims and engine.has_interims, has_confidence=engine.has_confidence
    )


def _parse_config(config: BodyFields, name: str, engine: _Engine) -> bool:
    inner = config.read_choice("transcription_engine", ENGINE_NAMES, default=name)
    if _ENGINES[inner] is not engine:
        config.raise_invalid("transcription_engine", "must be the same engine as the one outside of the config")
    if engine.models:
        config.read_choice("transcription_model", engine.models, required=engine.model_required)
    if engine.regions:
        config.read_choice("region", engine.regions, required=True)
    config.read_int("utterance_end_ms", 0, 5_000)
    if name == "Soniox":
        config.read_int("max_endpoint_delay_ms", 500, 3_000)
    config.read_text("language")
    return config.read_flag("interim_results")
