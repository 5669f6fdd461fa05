from __future__ import annotations

from typing import Any

import pytest

from dashboard.errors import CommandError, FieldProblem
from dashboard.telnyx.commands import Command, build_command

MODELS: dict[str, list[str | None]] = {
    "Google": [None],
    "A": [None],
    "Telnyx": ["openai/whisper-tiny", "openai/whisper-large-v3-turbo", None],
    "B": ["openai/whisper-tiny", None],
    "Deepgram": ["deepgram/nova-2", "deepgram/nova-3"],
    "Azure": [None],
    "xAI": ["xai/grok-stt", None],
    "AssemblyAI": ["assemblyai/universal-3-5-pro", "assemblyai/universal-streaming", None],
    "Speechmatics": ["speechmatics/standard", "speechmatics/linden-1", None],
    "Soniox": ["soniox/stt-rt-v4", None],
    "Parakeet": ["nvidia/parakeet-v3", "omi-health/omi-med-stt-v1", None],
    "Humain": ["humain/realtime", None],
    "Reson8": ["reson8/turns", None],
    "Cohere": ["cohere/ar-stt", None],
}
REQUIRED = {"Azure": {"region": "eastus"}}
PAIRS = [(engine, model) for engine, models in MODELS.items() for model in models]

FIELDS: dict[str, list[tuple[str, list[Any], list[Any]]]] = {
    "Google": [
        ("model", ["latest_long", "latest_short", "command_and_search", "phone_call", "video", "default",
                   "medical_conversation", "medical_dictation"], ["nova", ""]),
        ("language", ["en", "iw", "en-US"], [5, "a b", "x" * 41]),
        ("interim_results", [True, False], ["yes", 1]),
        ("hints", [[], ["order"]], ["order", [1]]),
        ("speech_context", [[{"phrases": ["a"]}, {"phrases": ["b"], "boost": 20}]],
         [{}, [{}], [{"phrases": []}], [{"phrases": ["a"], "boost": 20.5}], [{"phrases": ["a"], "boost": -1}]]),
        ("profanity_filter", [True], ["on"]),
        ("enable_speaker_diarization", [True], [1]),
        ("min_speaker_count", [1, 2], [0, 1.5, True]),
        ("max_speaker_count", [2, 6], ["6", 0]),
    ],
    "Telnyx": [("language", ["he", "auto_detect"], [True])],
    "Deepgram": [
        ("language", ["en-US", "auto_detect"], [5]),
        ("interim_results", [True], ["no"]),
        ("smart_format", [False], ["false"]),
        ("utterance_end_ms", [0, 5000], [-1, 5001, 10.5]),
        ("keywords_boosting", [{"telnyx": 2.5}], [["telnyx"], {"telnyx": "2"}, {"telnyx": float("inf")}]),
    ],
    "Azure": [
        ("region", ["australiaeast", "centralindia", "eastus", "northcentralus", "westeurope", "westus2"],
         ["mars", ""]),
        ("api_key_ref", ["my_secret"], [""]),
        ("language", ["auto"], [0]),
    ],
    "xAI": [("language", ["fil"], [0]), ("interim_results", [True], [1])],
    "AssemblyAI": [("interim_results", [True], ["1"])],
    "Speechmatics": [("language", ["en", "cmn_en"], [0]), ("interim_results", [True], [1])],
    "Soniox": [
        ("language", ["auto", "de"], [0]),
        ("interim_results", [True], [1]),
        ("enable_endpoint_detection", [True], ["yes"]),
    ],
    "Parakeet": [("interim_results", [True], [0])],
    "Humain": [("language", ["ar", "codeswitch"], [0])],
    "Reson8": [("language", ["fy"], [0])],
    "Cohere": [("language", ["ar"], [0])],
}  # fmt: skip
CASES = [(engine, *case) for engine, cases in FIELDS.items() for case in cases]


def start(engine: str | None, **config: Any) -> Command:
    params: dict[str, object] = {"transcription_engine_config": config}
    if engine is not None:
        params["transcription_engine"] = engine
    return build_command("transcription_start", "v3:x", params, command_id="c")


def configured(engine: str, model: str | None, **config: Any) -> Command:
    return start(engine, **REQUIRED.get(engine, {}), **({"transcription_model": model} if model else {}), **config)


def sent(command: Command) -> dict[str, Any]:
    config = command.body["transcription_engine_config"]
    assert isinstance(config, dict)
    return config


def problems(engine: str | None, **config: Any) -> dict[str, FieldProblem]:
    with pytest.raises(CommandError) as caught:
        start(engine, **config)
    prefix = "transcription_engine_config."
    return {problem.field.removeprefix(prefix): problem for problem in caught.value.problems}


@pytest.mark.parametrize(("engine", "model"), PAIRS)
def test_every_engine_and_model_names_the_engine_twice(engine: str, model: str | None) -> None:
    command = configured(engine, model)

    config = {"transcription_engine": engine} | ({"transcription_model": model} if model else {})
    assert command.body == {
        "transcription_engine": engine,
        "transcription_engine_config": config | REQUIRED.get(engine, {}),
        "command_id": "c",
    }


def test_an_engine_alone_is_sent_alone_and_none_at_all_sends_none() -> None:
    for params in ({}, {"transcription_engine": "Deepgram"}):
        assert build_command("transcription_start", "v3:x", params, command_id="c").body == params | {"command_id": "c"}


def test_the_engine_may_be_said_once_in_either_place_or_not_at_all() -> None:
    inside = start(None, transcription_engine="xAI", language="de")
    nowhere = start(None, language="de")

    assert inside.body["transcription_engine"] == sent(inside)["transcription_engine"] == "xAI"
    assert nowhere.body["transcription_engine"] == sent(nowhere)["transcription_engine"] == "Google"


@pytest.mark.parametrize(("outer", "inner"), [("A", "Google"), ("Google", "A"), ("B", "Telnyx"), ("Telnyx", "B")])
def test_an_engine_s_old_and_new_name_agree(outer: str, inner: str) -> None:
    command = start(outer, transcription_engine=inner)

    assert command.body["transcription_engine"] == sent(command)["transcription_engine"] == outer


def test_two_different_engines_are_refused() -> None:
    found = problems("Telnyx", transcription_engine="Google")

    assert found["transcription_engine"].reason == "must be Telnyx, the same as transcription_engine"


@pytest.mark.parametrize("engine", ["google", "deepgram", "Whisper", "", "deepgram/nova-2"])
def test_an_unknown_engine_lists_the_known_ones(engine: str) -> None:
    allowed = problems(engine)["transcription_engine"].allowed or ()

    assert set(allowed) == MODELS.keys()


@pytest.mark.parametrize(
    ("engine", "model"), [(engine, model) for engine, model in PAIRS if engine not in ("Google", "A", "Azure")]
)
def test_an_unknown_model_lists_the_known_ones(engine: str, model: str | None) -> None:
    allowed = problems(engine, transcription_model="x")["transcription_model"].allowed or ()

    assert set(MODELS[engine]) - {None} <= set(allowed)


def test_deepgram_needs_a_model() -> None:
    problem = problems("Deepgram")["transcription_model"]
    assert problem.reason == "is required"
    assert problem.allowed == ("deepgram/nova-2", "deepgram/nova-3")


def test_azure_needs_a_region() -> None:
    assert problems("Azure")["region"].reason == "is required"


@pytest.mark.parametrize(("engine", "field", "good", "bad"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_every_setting_takes_its_documented_values_only(
    engine: str, field: str, good: list[Any], bad: list[Any]
) -> None:
    for model in MODELS[engine] if engine == "Deepgram" else [None]:
        required = {**REQUIRED.get(engine, {}), **({"transcription_model": model} if model else {})}
        for value in good:
            assert sent(start(engine, **{**required, field: value}))[field] == value
        for value in bad:
            assert {path.split(".")[0] for path in problems(engine, **{**required, field: value})} == {field}


@pytest.mark.parametrize(
    ("engine", "model", "field", "known"),
    [
        ("Telnyx", None, "interim_results", "language"),
        ("Google", None, "transcription_model", "model"),
        ("Azure", None, "interim_results", "region"),
        ("AssemblyAI", None, "language", "interim_results"),
        ("Parakeet", None, "language", "interim_results"),
        ("Deepgram", "deepgram/nova-2", "keyterms", "hints"),
        ("Deepgram", "deepgram/nova-3", "hints", "keyterms"),
        ("Humain", None, "interim_results", "language"),
    ],
)
def test_a_setting_of_another_engine_is_refused_with_this_one_s(
    engine: str, model: str | None, field: str, known: str
) -> None:
    with pytest.raises(CommandError) as caught:
        configured(engine, model, **{field: True})

    (problem,) = caught.value.problems
    assert problem.field == f"transcription_engine_config.{field}"
    assert known in (problem.allowed or ()) and field not in (problem.allowed or ())


@pytest.mark.parametrize(("model", "field"), [("deepgram/nova-2", "hints"), ("deepgram/nova-3", "keyterms")])
def test_deepgram_takes_a_hundred_terms(model: str, field: str) -> None:
    assert len(sent(configured("Deepgram", model, **{field: ["x"] * 100}))[field]) == 100
    assert problems("Deepgram", transcription_model=model, **{field: ["x"] * 101}).keys() == {field}


@pytest.mark.parametrize(
    ("engine", "model", "language"),
    [("Google", None, "xx"), ("Telnyx", None, "xx"), ("Deepgram", "deepgram/nova-3", "ja"), ("Azure", None, "xx"),
     ("xAI", None, "xx"), ("Speechmatics", None, "de"), ("Speechmatics", "speechmatics/linden-1", "xx"),
     ("Humain", None, "de"), ("Reson8", None, "ja"), ("Cohere", None, "de")],
)  # fmt: skip
def test_an_unlisted_language_is_sent_with_a_note(engine: str, model: str | None, language: str) -> None:
    command = configured(engine, model, language=language)

    assert sent(command)["language"] == language
    assert len(command.notes) == 1 and language in command.notes[0]


@pytest.mark.parametrize(
    ("engine", "model", "language"),
    [("Google", None, "iw"), ("Telnyx", None, "he"), ("Deepgram", "deepgram/nova-2", "ja"), ("Azure", None, "auto"),
     ("Speechmatics", None, "cmn_en"), ("Speechmatics", "speechmatics/linden-1", "de"), ("Soniox", None, "xx")],
)  # fmt: skip
def test_a_listed_language_needs_no_note(engine: str, model: str | None, language: str) -> None:
    assert configured(engine, model, language=language).notes == ()


def test_hebrew_in_the_wrong_spelling_is_noted_with_the_right_one() -> None:
    assert "here it is iw" in start("Google", language="he").notes[0]
    assert "here it is he" in start("Telnyx", language="iw").notes[0]


@pytest.mark.parametrize("language", ["", "auto", "auto_beta", "multi"])
def test_speechmatics_models_differ_on_an_open_language(language: str) -> None:
    assert "falls back to en" in configured("Speechmatics", "speechmatics/standard", language=language).notes[0]
    assert problems("Speechmatics", transcription_model="speechmatics/linden-1", language=language).keys() == {
        "language"
    }


def test_settings_without_effect_are_noted() -> None:
    assert "use_enhanced" in start("Google", use_enhanced=True).notes[0]
    assert start("Google", use_enhanced=True, model="video").notes == ()
    assert "max_endpoint_delay_ms" in start("Soniox", max_endpoint_delay_ms=500).notes[0]
    assert start("Soniox", max_endpoint_delay_ms=3000, enable_endpoint_detection=True).notes == ()


def test_fewer_at_most_than_at_least_is_refused() -> None:
    assert problems("Google", min_speaker_count=3, max_speaker_count=2).keys() == {"max_speaker_count"}


@pytest.mark.parametrize("field", ["language", "interim_results"])
def test_a_setting_in_its_old_place_is_sent_to_the_new_one(field: str) -> None:
    with pytest.raises(CommandError, match=f"{field}: belongs inside transcription_engine_config"):
        build_command("transcription_start", "v3:x", {field: "en"}, command_id="c")


@pytest.mark.parametrize("config", [[], "Google", True, 5])
def test_a_configuration_that_is_no_object_is_refused(config: object) -> None:
    with pytest.raises(CommandError, match="transcription_engine_config: must be an object"):
        build_command("transcription_start", "v3:x", {"transcription_engine_config": config}, command_id="c")
