"""The transcription engines and their settings.

Source of every field, range and default: Telnyx API reference, Transcription start; SDK 4.189.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dashboard.messages import _
from dashboard.telnyx.commands import languages
from dashboard.telnyx.commands.parameter_types import Flag, Number, Parameters, Text, Whole, param


class EngineConfig(Parameters):
    """What all engines share. Languages are checked loosely, because Telnyx's lists grow."""

    known_languages: ClassVar[tuple[str, ...]] = ()

    def notes(self) -> Iterator[str]:
        language = getattr(self, "language", None)
        if language and self.known_languages and language not in self.known_languages:
            other = languages.OTHER_SPELLINGS.get(language)
            if other in self.known_languages:
                yield _(
                    "language %(language)s is not in the published list of this engine (here it is %(other)s); "
                    "it is passed on",
                    language=language,
                    other=other,
                )
            else:
                yield _(
                    "language %(language)s is not in the published list of this engine; it is passed on",
                    language=language,
                )


def _language_param(suggestions: tuple[str, ...] = (), *, default: str = "en") -> Any:
    """A language parameter: `known` become suggestions in forms."""
    return param(
        _("Language"),
        _("The language spoken. Others than the ones suggested are passed on."),
        default=default,
        examples=list(suggestions) or None,
        max_length=40,
        pattern=r"^[A-Za-z0-9_-]*$",
    )


def _interim_results_param() -> Any:
    return param(_("Interim results"), _("Also send text that may still change."), default=False)


class SpeechContext(Parameters):
    phrases: list[Text] = Field(title=_("Phrases"), min_length=1)
    boost: Number | None = param(_("Boost"), _("How much more likely the phrases are."), default=1.0, ge=0, le=20)


class GoogleConfig(EngineConfig):
    known_languages = languages.GOOGLE

    transcription_engine: Literal["Google", "A"]
    model: (
        Literal[
            "latest_long", "latest_short", "command_and_search", "phone_call", "video", "default",
            "medical_conversation", "medical_dictation",
        ]
        | None
    ) = param(_("Model"))  # fmt: skip
    language: Text | None = _language_param(languages.GOOGLE)
    interim_results: Flag | None = _interim_results_param()
    hints: list[Text] | None = param(_("Hints"), _("Words and phrases that are likely to be said."), default=[])
    speech_context: list[SpeechContext] | None = param(_("Speech context"), _("Phrases with a weight each."))
    profanity_filter: Flag | None = param(_("Profanity filter"), default=False)
    use_enhanced: Flag | None = param(
        _("Enhanced model"), _("Exists for the models phone_call and video only."), default=False
    )
    enable_speaker_diarization: Flag | None = param(_("Tell speakers apart"), default=False)
    min_speaker_count: Whole | None = param(_("Fewest speakers"), default=2, ge=1, le=100)
    max_speaker_count: Whole | None = param(_("Most speakers"), default=6, ge=1, le=100)

    @field_validator("max_speaker_count")
    @classmethod
    def _check_speaker_range(cls, max_count: int | None, info: ValidationInfo) -> int | None:
        fewest = info.data.get("min_speaker_count") or 0
        if max_count is not None and max_count < fewest:
            raise ValueError(_("must not be below min_speaker_count"))
        return max_count

    def notes(self) -> Iterator[str]:
        yield from super().notes()
        if self.use_enhanced and self.model not in ("phone_call", "video"):
            yield _("use_enhanced has an effect with the models phone_call and video only")


class TelnyxConfig(EngineConfig):
    known_languages = languages.TELNYX

    transcription_engine: Literal["Telnyx", "B"]
    transcription_model: Literal["openai/whisper-tiny", "openai/whisper-large-v3-turbo"] | None = param(
        _("Model"), default="openai/whisper-tiny"
    )
    language: Text | None = _language_param(languages.TELNYX)


class _DeepgramConfig(EngineConfig):
    # The types of SDK 4.189 ask for the model here; the API's own schema wants the engine.
    transcription_engine: Literal["Deepgram"]
    interim_results: Flag | None = _interim_results_param()
    smart_format: Flag | None = param(
        _("Smart format"), _("Punctuation, numbers and dates as one writes them."), default=True
    )
    utterance_end_ms: Whole | None = param(_("Silence that ends an utterance (ms)"), default=1000, ge=0, le=5000)
    keywords_boosting: dict[str, Number] | None = param(_("Keyword boosting"), _("How much more likely each term is."))


class DeepgramNova2Config(_DeepgramConfig):
    known_languages = languages.DEEPGRAM_NOVA_2

    transcription_model: Literal["deepgram/nova-2"] = Field(title=_("Model"))
    language: Text | None = _language_param(languages.DEEPGRAM_NOVA_2)
    hints: list[Text] | None = param(_("Hints"), _("Words that are likely to be said."), max_length=100)


class DeepgramNova3Config(_DeepgramConfig):
    known_languages = languages.DEEPGRAM_NOVA_3

    transcription_model: Literal["deepgram/nova-3"] = Field(title=_("Model"))
    language: Text | None = _language_param(languages.DEEPGRAM_NOVA_3)
    keyterms: list[Text] | None = param(_("Key terms"), _("Terms that are likely to be said."), max_length=100)


class AzureConfig(EngineConfig):
    known_languages = languages.AZURE

    transcription_engine: Literal["Azure"]
    region: Literal["australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"] = Field(
        title=_("Region")
    )
    language: Text | None = _language_param(languages.AZURE)
    api_key_ref: Text | None = param(
        _("Name of the integration secret"),
        _("Not the key itself. Some regions need none."),
        min_length=1,
        max_length=255,
    )


class XaiConfig(EngineConfig):
    known_languages = languages.XAI

    transcription_engine: Literal["xAI"]
    transcription_model: Literal["xai/grok-stt"] | None = param(_("Model"), default="xai/grok-stt")
    language: Text | None = _language_param(languages.XAI)
    interim_results: Flag | None = _interim_results_param()


class AssemblyAiConfig(EngineConfig):
    transcription_engine: Literal["AssemblyAI"]
    transcription_model: Literal["assemblyai/universal-3-5-pro", "assemblyai/universal-streaming"] | None = param(
        _("Model"), _("Both names mean the same model."), default="assemblyai/universal-3-5-pro"
    )
    interim_results: Flag | None = _interim_results_param()


class SpeechmaticsConfig(EngineConfig):
    transcription_engine: Literal["Speechmatics"]
    transcription_model: Literal["speechmatics/standard", "speechmatics/linden-1"] | None = param(
        _("Model"), _("linden-1 is a preview."), default="speechmatics/standard"
    )
    language: Text | None = _language_param(languages.SPEECHMATICS_LINDEN_1)
    interim_results: Flag | None = _interim_results_param()

    @field_validator("language")
    @classmethod
    def _check_linden_language(cls, language: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("transcription_model") == "speechmatics/linden-1":
            if language in languages.SPEECHMATICS_NO_CHOICE:
                raise ValueError(_("must name one language: linden-1 refuses blank, auto, auto_beta and multi"))
        return language

    def notes(self) -> Iterator[str]:
        linden = self.transcription_model == "speechmatics/linden-1"
        known = languages.SPEECHMATICS_LINDEN_1 if linden else languages.SPEECHMATICS_STANDARD
        if self.language is not None and not linden and self.language in languages.SPEECHMATICS_NO_CHOICE:
            yield _("speechmatics/standard does not detect the language: it falls back to en")
        elif self.language is not None and self.language not in known:
            yield _(
                "language %(language)s is not in the published list of this model; it is passed on",
                language=self.language,
            )


class SonioxConfig(EngineConfig):
    transcription_engine: Literal["Soniox"]
    transcription_model: Literal["soniox/stt-rt-v4"] | None = param(_("Model"), default="soniox/stt-rt-v4")
    language: Text | None = _language_param(default="auto")
    interim_results: Flag | None = _interim_results_param()
    enable_endpoint_detection: Flag | None = param(_("Endpoint detection"), default=False)
    max_endpoint_delay_ms: Whole | None = param(
        _("Longest endpoint delay (ms)"), _("Only with endpoint detection."), ge=500, le=3000
    )

    def notes(self) -> Iterator[str]:
        yield from super().notes()
        if self.max_endpoint_delay_ms is not None and not self.enable_endpoint_detection:
            yield _("max_endpoint_delay_ms has an effect with enable_endpoint_detection only")


class ParakeetConfig(EngineConfig):
    transcription_engine: Literal["Parakeet"]
    transcription_model: Literal["nvidia/parakeet-v3", "omi-health/omi-med-stt-v1"] | None = param(
        _("Model"), _("omi-med is for medical English."), default="nvidia/parakeet-v3"
    )
    interim_results: Flag | None = _interim_results_param()


class HumainConfig(EngineConfig):
    known_languages = languages.HUMAIN

    transcription_engine: Literal["Humain"]
    transcription_model: Literal["humain/realtime"] | None = param(_("Model"), default="humain/realtime")
    language: Text | None = _language_param(languages.HUMAIN)


class Reson8Config(EngineConfig):
    known_languages = languages.RESON8

    transcription_engine: Literal["Reson8"]
    transcription_model: Literal["reson8/turns"] | None = param(_("Model"), default="reson8/turns")
    language: Text | None = _language_param(languages.RESON8, default="auto")


class CohereConfig(EngineConfig):
    known_languages = languages.COHERE

    transcription_engine: Literal["Cohere"]
    transcription_model: Literal["cohere/ar-stt"] | None = param(
        _("Model"), _("Not streaming, and without confidence."), default="cohere/ar-stt"
    )
    language: Text | None = _language_param(languages.COHERE, default="ar")
