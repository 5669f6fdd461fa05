"""Settings are read strictly; every problem is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard.errors import SettingsError
from dashboard.settings import DEFAULT_BASE_URL, DEFAULT_DATABASE_URL, DEMO_DATABASE_URL, ENV_NAMES, Settings

KEY = {"TELNYX_API_KEY": "KEY0123456789"}
PASSWORD = {"DASHBOARD_PASSWORD": "correct horse"}


def problems_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ)
    return raised.value.problems


def test_an_empty_environment_is_a_demo_on_this_machine() -> None:
    settings = Settings.from_env({})
    assert (settings.demo, settings.host, settings.port) == (True, "127.0.0.1", 5000)
    assert settings.is_on_loopback and settings.is_open
    assert settings.database_url == DEMO_DATABASE_URL
    assert settings.telnyx_base_url == DEFAULT_BASE_URL


@pytest.mark.parametrize(
    ("environ", "demo", "host"),
    [
        ({}, True, "127.0.0.1"),
        ({"PORT": "8000"}, True, "127.0.0.1"),
        ({"DEMO": "1"}, True, "127.0.0.1"),
        ({"DEMO": "1", "PORT": "8000"}, True, "0.0.0.0"),
        ({"DEMO": "1", "HOST": "0.0.0.0"}, True, "0.0.0.0"),
        ({"DEMO": "1", **KEY}, True, "127.0.0.1"),
        (KEY, False, "127.0.0.1"),
        ({"TELNYX_PUBLIC_KEY": "cHVibGlj"}, False, "127.0.0.1"),
        ({"DEMO": "0", **KEY}, False, "127.0.0.1"),
        ({"PORT": "8000", **KEY, **PASSWORD}, False, "0.0.0.0"),
        ({"HOST": "::1", **KEY}, False, "::1"),
        ({"HOST": "0.0.0.0", **KEY, **PASSWORD}, False, "0.0.0.0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else str(value),
)
def test_demo_and_host_by_environment(environ: dict[str, str], demo: bool, host: str) -> None:
    settings = Settings.from_env(environ)
    assert (settings.demo, settings.host) == (demo, host)


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"HOST": "0.0.0.0"}, "a demo stays on this machine"),
        ({"HOST": "192.0.2.7", **PASSWORD}, "a demo stays on this machine"),
        ({"DEMO": "0"}, "TELNYX_API_KEY is missing"),
        ({"HOST": "0.0.0.0", **KEY}, "DASHBOARD_PASSWORD is missing"),
        ({"PORT": "8000", **KEY}, "DASHBOARD_PASSWORD is missing"),
        ({"PUBLIC_URL": "https://calls.example.com", **KEY}, "DASHBOARD_PASSWORD is missing, and PUBLIC_URL"),
        ({"HOST": "0.0.0.0", **KEY, "DASHBOARD_API_TOKEN": "t" * 16}, "DASHBOARD_PASSWORD is missing"),
        ({"DASHBOARD_VIEWER_PASSWORD": "see"}, "DASHBOARD_VIEWER_PASSWORD needs DASHBOARD_PASSWORD"),
        ({**PASSWORD, "DASHBOARD_VIEWER_PASSWORD": PASSWORD["DASHBOARD_PASSWORD"]}, "must differ"),
        ({"DASHBOARD_API_TOKEN": "t" * 15}, "DASHBOARD_API_TOKEN is too short"),
        ({"REDIS_URL": "redis://127.0.0.1"}, "SECRET_KEY is missing"),
        ({"REDIS_URL": "127.0.0.1", "SECRET_KEY": "s"}, "REDIS_URL must start with redis://"),
        ({"DATABASE_URL": "calls.sqlite3"}, "DATABASE_URL must start with sqlite:///"),
        ({"DATABASE_URL": "mysql://somewhere/calls"}, "DATABASE_URL must start with sqlite:///"),
        ({"PORT": "http"}, "PORT must be a number"),
        ({"PORT": "65536"}, "PORT must be a number"),
        ({"PORT": "-1"}, "PORT must be a number"),
        ({"PORT": "٣"}, "PORT must be a number"),
        ({"PUBLIC_URL": "calls.example.com"}, "PUBLIC_URL must start with https://"),
        ({"PUBLIC_URL": "ftp://calls.example.com"}, "PUBLIC_URL must start with https://"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL must start with https://"),
        ({"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL must start with https://"),
        ({"TELNYX_BASE_URL": "http://127.0.0.1:ninety"}, "TELNYX_BASE_URL must start with https://"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_problem_is_reported_with_its_remedy(environ: dict[str, str], text: str) -> None:
    problems = problems_of(environ)
    assert len(problems) == 1
    assert text in problems[0]


def test_every_problem_is_reported_at_once() -> None:
    wrong = {
        "DEMO": "maybe",
        "PORT": "http",
        "PUBLIC_URL": "calls.example.com",
        "TELNYX_BASE_URL": "telnyx",
        "DASHBOARD_API_TOKEN": "short",
        "DATABASE_URL": "calls",
        "REDIS_URL": "redis://127.0.0.1",
        **KEY,
    }
    problems = problems_of(wrong)
    for name in wrong.keys() - {"TELNYX_API_KEY"}:
        assert any(name in problem for problem in problems), name


@pytest.mark.parametrize("word", ["1", "true", "yes", "TRUE", "Yes", " 1 "])
def test_words_for_true(word: str) -> None:
    assert Settings.from_env({"DEMO": word, **KEY}).demo is True


@pytest.mark.parametrize("word", ["0", "false", "no", "FALSE"])
def test_words_for_false(word: str) -> None:
    assert Settings.from_env({"DEMO": word, **KEY}).demo is False


@pytest.mark.parametrize("word", ["on", "off", "2", "y", "true!", "ja", "None"])
def test_an_unknown_boolean_word_is_refused(word: str) -> None:
    assert problems_of({"DEMO": word, **KEY}) == ("DEMO must be 1 or 0, not something else.",)


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({name: "  " for name in ENV_NAMES} | {"SECRET_KEY": "s"}).demo
    settings = Settings.from_env({**KEY, "DATABASE_URL": "", "HOST": "", "PORT": "", "DEMO": ""})
    assert (settings.demo, settings.database_url, settings.host) == (False, DEFAULT_DATABASE_URL, "127.0.0.1")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("KEY_from_a_file\n", encoding="utf-8")
    assert Settings.from_env({"TELNYX_API_KEY_FILE": str(file)}).telnyx_api_key == "KEY_from_a_file"


def test_only_secrets_may_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "host"
    file.write_text("0.0.0.0", encoding="utf-8")
    assert Settings.from_env({"HOST_FILE": str(file)}).host == "127.0.0.1"


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\xff"], ids=["missing", "empty", "blank", "not text"])
def test_a_secret_file_without_a_value_is_a_problem(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    [problem] = problems_of({"TELNYX_API_KEY_FILE": str(file), "TELNYX_PUBLIC_KEY": "cHVibGlj"})
    assert problem.startswith("TELNYX_API_KEY_FILE")


def test_a_variable_and_its_file_cannot_both_be_set(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("KEY_from_a_file", encoding="utf-8")
    [problem] = problems_of({"TELNYX_API_KEY_FILE": str(file), **KEY})
    assert "both set" in problem


SECRETS = {
    "TELNYX_API_KEY": "KEY_that_is_secret",
    "TELNYX_PUBLIC_KEY": "public-but-unshown",
    "SECRET_KEY": "cookies are signed with this",
    "DASHBOARD_PASSWORD": "correct horse",
    "DASHBOARD_VIEWER_PASSWORD": "battery staple",
    "DASHBOARD_API_TOKEN": "a token for the scripts",
    "DATABASE_URL": "postgres://calls:hunter2@db.example.com/calls",
    "REDIS_URL": "redis://:hunter3@broker.example.com",
}


def test_the_repr_hides_secrets() -> None:
    output = repr(Settings.from_env(SECRETS))
    for secret in (*SECRETS.values(), "hunter2", "hunter3"):
        assert secret not in output


def test_problems_hide_values_of_secrets() -> None:
    output = "\n".join(problems_of({**SECRETS, "DATABASE_URL": "hunter2", "REDIS_URL": "hunter3", "PORT": "no"}))
    for secret in (*SECRETS.values(), "hunter2", "hunter3"):
        assert secret not in output


def test_each_start_makes_its_own_secret_key() -> None:
    first, second = Settings.from_env({}), Settings.from_env({})
    assert first.secret_key and second.secret_key
    assert first.secret_key != second.secret_key


def test_a_base_address_never_ends_in_a_slash() -> None:
    settings = Settings.from_env({"TELNYX_BASE_URL": "https://api.example.com/v2/", "PUBLIC_URL": "https://c.example/"})
    assert (settings.telnyx_base_url, settings.public_url) == ("https://api.example.com/v2", "https://c.example")


def test_every_setting_has_a_description() -> None:
    for setting in fields(Settings):
        assert setting.metadata["help"].endswith("."), setting.name


def test_the_default_environment_is_the_process_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELNYX_API_KEY", "KEY_of_the_environment")
    assert Settings.from_env().telnyx_api_key == "KEY_of_the_environment"
