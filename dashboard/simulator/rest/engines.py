"""Which transcription engines exist and what each demands, as far as it changes how a simulated call is transcribed.

Source: Telnyx API reference, "Transcription start". Language lists grow often and are not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .body_fields import Fields

TRACKS = ("inbound", "outbound", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Engine:
    models: tuple[str, ...] = ()
    model_required: bool = False
    regions: tuple[str, ...] = ()
    interims: bool = True
    confident: bool = True


_GOOGLE = _Engine()
_TELNYX = _Engine(models=("openai/whisper-tiny", "openai/whisper-large-v3-turbo"), interims=False)
_ENGINES: dict[str, _Engine] = {
    "Google": _GOOGLE,
    "A": _GOOGLE,
    "Telnyx": _TELNYX,
    "B": _TELNYX,
    "Deepgram": _Engine(models=("deepgram/nova-2", "deepgram/nova-3"), model_required=True),
    "Azure": _Engine(
        regions=("australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"), interims=False
    ),
    "xAI": _Engine(models=("xai/grok-stt",)),
    "AssemblyAI": _Engine(models=("assemblyai/universal-3-5-pro", "assemblyai/universal-streaming")),
    "Speechmatics": _Engine(models=("speechmatics/standard", "speechmatics/linden-1")),
    "Soniox": _Engine(models=("soniox/stt-rt-v4",)),
    "Parakeet": _Engine(models=("nvidia/parakeet-v3", "omi-health/omi-med-stt-v1")),
    "Humain": _Engine(models=("humain/realtime",), interims=False),
    "Reson8": _Engine(models=("reson8/turns",), interims=False),
    "Cohere": _Engine(models=("cohere/ar-stt",), interims=False, confident=False),
}
ENGINES = tuple(_ENGINES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A transcription that runs: `tracks` it listens to, and whether it tells interims and a confidence."""

    engine: str
    tracks: tuple[str, ...]
    interims: bool
    confident: bool


# What demo calls are transcribed with: both speakers, word by word.
DEFAULT_TRANSCRIPTION: dict[str, Any] = {
    "transcription_engine": "Deepgram",
    "transcription_engine_config": {
        "transcription_engine": "Deepgram",
        "transcription_model": "deepgram/nova-3",
        "interim_results": True,
    },
    "transcription_tracks": "both",
}


def recognition_of(fields: Fields) -> Recognition:
    """Read the body of `transcription_start`. Raises ApiError."""
    name = fields.choice("transcription_engine", ENGINES, default="Google")
    asked = fields.choice("transcription_tracks", TRACKS, default="inbound")
    engine = _ENGINES[name]
    interims = False
    if (config := fields.nested("transcription_engine_config")) is not None:
        interims = _read_config(config, name, engine)
    elif engine.model_required or engine.regions:
        fields.missing("transcription_engine_config")
    tracks = ("inbound", "outbound") if asked == "both" else (asked,)
    return Recognition(engine=name, tracks=tracks, interims=interims and engine.interims, confident=engine.confident)


def _read_config(config: Fields, name: str, engine: _Engine) -> bool:
    inner = config.choice("transcription_engine", ENGINES, default=name)
    if _ENGINES[inner] is not engine:
        config.invalid("transcription_engine", "must be the same engine as the one outside of the config")
    if engine.models:
        config.choice("transcription_model", engine.models, required=engine.model_required)
    if engine.regions:
        config.choice("region", engine.regions, required=True)
    config.whole("utterance_end_ms", 0, 5_000)
    if name == "Soniox":
        config.whole("max_endpoint_delay_ms", 500, 3_000)
    config.text("language")
    return config.flag("interim_results")
