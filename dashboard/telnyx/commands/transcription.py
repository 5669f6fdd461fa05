"""Parameters of the transcription commands.

Telnyx wants the engine's name beside the engine's settings and inside them. The settings are in `engines`.
Source: Telnyx API reference, Transcription start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from dashboard.messages import _
from dashboard.telnyx.commands.engines import (
    AssemblyAiConfig,
    AzureConfig,
    CohereConfig,
    DeepgramNova2Config,
    DeepgramNova3Config,
    GoogleConfig,
    HumainConfig,
    ParakeetConfig,
    Reson8Config,
    SonioxConfig,
    SpeechmaticsConfig,
    TelnyxConfig,
    XaiConfig,
)
from dashboard.telnyx.commands.parameter_types import CommandParameters, Parameters, param

Engine = Literal[
    "Google", "Telnyx", "Deepgram", "Azure", "xAI", "AssemblyAI", "Speechmatics", "Soniox", "Parakeet", "Humain",
    "Reson8", "Cohere", "A", "B",
]  # fmt: skip
DEFAULT_ENGINE = "Google"
# The older names of two engines.
ENGINE_ALIASES: Mapping[str, str] = {"A": "Google", "B": "Telnyx"}

ConfigBranches = Mapping[str, "type[Parameters] | ConfigBranches"]

# By the engine's name; Deepgram's two models differ, so there the model's name decides as well.
ENGINE_CONFIGS: ConfigBranches = {
    "Google": GoogleConfig,
    "A": GoogleConfig,
    "Telnyx": TelnyxConfig,
    "B": TelnyxConfig,
    "Deepgram": {"deepgram/nova-2": DeepgramNova2Config, "deepgram/nova-3": DeepgramNova3Config},
    "Azure": AzureConfig,
    "xAI": XaiConfig,
    "AssemblyAI": AssemblyAiConfig,
    "Speechmatics": SpeechmaticsConfig,
    "Soniox": SonioxConfig,
    "Parakeet": ParakeetConfig,
    "Humain": HumainConfig,
    "Reson8": Reson8Config,
    "Cohere": CohereConfig,
}
DeepgramConfig = Annotated[DeepgramNova2Config | DeepgramNova3Config, Field(discriminator="transcription_model")]
AnyEngineConfig = Annotated[
    GoogleConfig
    | TelnyxConfig
    | DeepgramConfig
    | AzureConfig
    | XaiConfig
    | AssemblyAiConfig
    | SpeechmaticsConfig
    | SonioxConfig
    | ParakeetConfig
    | HumainConfig
    | Reson8Config
    | CohereConfig,
    Field(discriminator="transcription_engine"),
]


class EngineChoice(Parameters):
    """An engine and its optional settings, which repeat the engine's name."""

    transcription_engine: Engine | None = param(
        _("Engine"), _("A and B are older names of Google and Telnyx."), default=DEFAULT_ENGINE
    )
    transcription_engine_config: AnyEngineConfig | None = param(_("Engine settings"))

    @model_validator(mode="before")
    @classmethod
    def _mirror_engine_name(cls, values: object) -> object:
        """Copy the engine's name to where it is missing: beside the settings or inside them."""
        if not isinstance(values, Mapping):
            return values
        config = values.get("transcription_engine_config")
        if not isinstance(config, Mapping):
            return values
        inside = config.get("transcription_engine")
        outside = values.get("transcription_engine")
        engine = next(name for name in (outside, inside, DEFAULT_ENGINE) if name is not None)
        if inside is None or _is_same_engine(inside, engine):
            inside = engine
        return {
            **values,
            "transcription_engine": engine,
            "transcription_engine_config": {**config, "transcription_engine": inside},
        }

    @model_validator(mode="after")
    def _check_engine_names(self) -> Self:
        config = self.transcription_engine_config
        if config is not None and not _is_same_engine(config.transcription_engine, self.transcription_engine):
            reason = _("must be %(engine)s, the same as transcription_engine", engine=self.transcription_engine)
            at = "transcription_engine_config.transcription_engine"
            raise PydanticCustomError("field_problem", "{reason}", {"reason": reason, "field": at})
        return self


def _is_same_engine(first: object, second: object) -> bool:
    if not isinstance(first, str) or not isinstance(second, str):
        return False
    return ENGINE_ALIASES.get(first, first) == ENGINE_ALIASES.get(second, second)


class TranscriptionStart(EngineChoice, CommandParameters):
    transcription_tracks: Literal["inbound", "outbound", "both"] | None = param(
        _("Tracks"), _("inbound is the party of this leg, outbound what this party hears."), default="inbound"
    )


class TranscriptionStop(CommandParameters):
    pass
