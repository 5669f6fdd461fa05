"""The settings, read once from the environment.

No other module of the server reads the environment. Rooms get plain values, never this object.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard.calls.automation_rules import parse_rules
from dashboard.errors import SettingsError

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
DEFAULT_BASE_URL = "https://api.telnyx.com/v2"
DEFAULT_DATABASE_URL = "sqlite:///instance/dashboard.sqlite3"
DEMO_DATABASE_URL = "sqlite:///instance/demo.sqlite3"
DATABASE_SCHEMES = ("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")
AUTOMATION_SETTINGS = ("auto_start", "stop_after_minutes", "stop_after_silent_minutes", "stop_on_shutdown")
DEFAULT_TRUSTED_PROXIES = ("127.0.0.0/8", "::1")
BROKER_SCHEMES = ("redis://", "rediss://", "unix://")


def env_field(description: str, default: Any = None, *, secret: bool = False) -> Any:
    """A field of `Settings`. README and `.env.example` repeat its description."""
    return field(default=default, repr=not secret, metadata={"help": description, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Each field is the environment variable of its name in capitals; secrets also as `NAME_FILE`."""

    telnyx_api_key: str | None = env_field("API key of your Telnyx account. Without one the demo runs.", secret=True)
    telnyx_public_key: str | None = env_field(
        "Public key that webhooks are verified with (Keys & Credentials in the portal); several, comma-separated, "
        "while you rotate. Asked from Telnyx at start if missing.",
        secret=True,
    )
    telnyx_base_url: str = env_field("Where the Telnyx API is.", DEFAULT_BASE_URL)
    telnyx_connection_id: str | None = env_field("Id of your Voice API application; needed to find running calls.")
    public_url: str | None = env_field("Where Telnyx reaches this dashboard, e.g. https://calls.example.com.")
    secret_key: str | None = env_field(
        "Signs login cookies. Made anew at every start if missing, which ends all sessions.", secret=True
    )
    dashboard_password: str | None = env_field("Password of operators, who may press buttons.", secret=True)
    dashboard_viewer_password: str | None = env_field("Password of viewers, who read only.", secret=True)
    dashboard_api_token: str | None = env_field("Bearer token for scripts, at least 16 characters.", secret=True)
    database_url: str = env_field(
        "Where calls are kept: an SQLite file or postgres://….", DEFAULT_DATABASE_URL, secret=True
    )
    redis_url: str | None = env_field("Needed as soon as more than one process serves.", secret=True)
    host: str = env_field("Address to listen on. 0.0.0.0 where a PaaS sets PORT.", "127.0.0.1")
    port: int = env_field("Port to listen on.", 5000)
    trusted_proxies: tuple[str, ...] = env_field(
        "Addresses or networks of the proxies in front, comma-separated. Any other address may open 500 connections.",
        DEFAULT_TRUSTED_PROXIES,
    )
    server_fast_paths: bool = env_field(
        "0: webhooks and live sockets go through Flask and python-engineio only, which is slower.", True
    )
    demo: bool = env_field("1: the built-in simulator instead of Telnyx, also beyond loopback. 0: never.", False)

    auto_start: str | None = env_field(
        "What to start when a call is answered, e.g. `transcription always` or `transcription inbound +1555*; "
        "streaming outbound`."
    )
    command_defaults: Mapping[str, Any] | None = env_field(
        'JSON: parameters that one click sends, by command, `{"fork_start": {"rx": "udp:198.51.100.20:4000", …}}`.'
    )
    transcription_cost_per_minute: float = env_field(
        "Price of transcription, for estimates, in dollars a minute.", 0.025
    )
    stop_after_minutes: float | None = env_field("Stop a transcription that has run for this long.")
    stop_after_silent_minutes: float | None = env_field("Stop a transcription after this long without speech.")
    stop_on_shutdown: bool = env_field("1: stop everything that runs on any call when the server stops.", False)
    events_kept: int = env_field(
        "How many webhooks are kept with their bodies, for the inspector: the newest.", 100_000
    )
    events_kept_days: float = env_field("For how many days their bodies are kept. Transcripts are kept for good.", 30.0)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this server over TLS, through a proxy."""
        return (self.public_url or "").startswith("https://")

    @property
    def is_open(self) -> bool:
        """Whether there is no login. Only a demo and a server on loopback may be open."""
        return self.dashboard_password is None

    @property
    def is_on_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check all settings. SettingsError lists every problem."""
        return _EnvReader(os.environ if environ is None else environ).read_settings()


ENV_NAMES = tuple(setting.name.upper() for setting in fields(Settings))


class _EnvReader:
    """Reads one environment and collects its problems."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def read_settings(self) -> Settings:
        values: dict[str, Any] = {
            setting.name: self._read_text(setting.name.upper(), setting.metadata) for setting in fields(Settings)
        }
        demo_setting = self._parse_boolean("DEMO", values["demo"])
        values["demo"] = demo_setting if demo_setting is not None else self._has_no_key(values)
        values["port"] = self._parse_port(values["port"])
        values["host"] = values["host"] or self._default_host(values, is_public_demo=demo_setting is True)
        values["trusted_proxies"] = self._parse_networks("TRUSTED_PROXIES", values["trusted_proxies"])
        values["server_fast_paths"] = self._parse_boolean("SERVER_FAST_PATHS", values["server_fast_paths"]) is not False
        values["telnyx_base_url"] = self._parse_url("TELNYX_BASE_URL", values["telnyx_base_url"] or DEFAULT_BASE_URL)
        values["public_url"] = self._parse_url("PUBLIC_URL", values["public_url"])
        default_database = DEMO_DATABASE_URL if values["demo"] else DEFAULT_DATABASE_URL
        values["database_url"] = values["database_url"] or default_database
        self._check_scheme("DATABASE_URL", values["database_url"], DATABASE_SCHEMES)
        self._check_scheme("REDIS_URL", values["redis_url"], BROKER_SCHEMES)
        self._read_automation(values)
        count = self._parse_number("EVENTS_KEPT", values["events_kept"], upper_limit=1_000_000_000)
        days = self._parse_number("EVENTS_KEPT_DAYS", values["events_kept_days"])
        values["events_kept"] = 100_000 if count is None else int(count)
        values["events_kept_days"] = 30.0 if days is None else days
        self._check_combinations(values, demo_setting=demo_setting)
        if self.problems:
            raise SettingsError(self.problems)
        values["secret_key"] = values["secret_key"] or secrets.token_hex(32)
        return Settings(**values)

    def _read_text(self, name: str, metadata: Mapping[str, Any]) -> str | None:
        value = self._environ.get(name, "").strip()
        path = self._environ.get(f"{name}_FILE", "").strip() if metadata["secret"] else ""
        if value and path:
            self.problems.append(f"{name} and {name}_FILE are both set. Keep one of them.")
        if value or not path:
            return value or None
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}_FILE cannot be read ({type(error).__name__}). Give a readable text file.")
            return None
        if not text:
            self.problems.append(f"{name}_FILE names an empty file. Write the value into it, or leave {name}_FILE out.")
        return text or None

    def _parse_boolean(self, name: str, text: str | None) -> bool | None:
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text is None:
            return None
        if text.lower() not in words:
            self.problems.append(f"{name} must be 1 or 0, not something else.")
        return words.get(text.lower())

    def _read_automation(self, values: dict[str, Any]) -> None:
        """Read what runs commands automatically. It is checked strictly, because a mistake costs money."""
        values["stop_on_shutdown"] = self._parse_boolean("STOP_ON_SHUTDOWN", values["stop_on_shutdown"]) or False
        price = self._parse_number("TRANSCRIPTION_COST_PER_MINUTE", values["transcription_cost_per_minute"])
        values["transcription_cost_per_minute"] = 0.025 if price is None else price
        for name in ("stop_after_minutes", "stop_after_silent_minutes"):
            values[name] = self._parse_number(name.upper(), values[name])
            if values[name] == 0:
                self.problems.append(f"{name.upper()} must be above 0. Leave it out to never stop.")
        values["command_defaults"] = self._parse_object("COMMAND_DEFAULTS", values["command_defaults"])
        try:
            parse_rules(values["auto_start"] or "")
        except ValueError as error:
            self.problems.append(f"AUTO_START cannot be read: {error}. Write for example: transcription inbound.")

    def _parse_number(self, name: str, text: str | None, *, upper_limit: float = 100_000) -> float | None:
        try:
            number = None if text is None else float(text)
        except ValueError:
            number = -1.0
        if number is not None and not 0 <= number < upper_limit:
            self.problems.append(f"{name} must be a number, 0 or more.")
            return None
        return number

    def _parse_object(self, name: str, text: str | None) -> Mapping[str, Any]:
        try:
            parsed = json.loads(text or "{}")
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or not all(isinstance(value, dict) for value in parsed.values()):
            self.problems.append(f'{name} must be JSON like {{"transcription_start": {{…}}}}.')
            return {}
        return parsed

    def _parse_port(self, text: str | None) -> int:
        if text is None:
            return 5000
        if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
            self.problems.append("PORT must be a number from 0 to 65535.")
            return 5000
        return int(text)

    def _parse_networks(self, name: str, text: str | None) -> tuple[str, ...]:
        if text is None:
            return DEFAULT_TRUSTED_PROXIES
        try:
            return tuple(part.strip() for part in text.split(",") if ip_network(part.strip()))
        except ValueError:
            self.problems.append(f"{name} must be addresses or networks like 10.0.0.0/8, 2001:db8::1.")
            return ()

    def _parse_url(self, name: str, text: str | None) -> str | None:
        if text is None:
            return None
        if not _is_web_address(text):
            self.problems.append(f"{name} must start with https:// (or http://) and name a host.")
        return text.rstrip("/")

    def _check_scheme(self, name: str, text: str | None, schemes: tuple[str, ...]) -> None:
        if text is not None and not text.startswith(schemes):
            self.problems.append(f"{name} must start with {' or '.join(schemes)}.")

    @staticmethod
    def _has_no_api_key(values: Mapping[str, Any]) -> bool:
        return values["telnyx_api_key"] is None and not values["demo"]

    @staticmethod
    def _has_no_key(values: Mapping[str, Any]) -> bool:
        return values["telnyx_api_key"] is None and values["telnyx_public_key"] is None

    def _default_host(self, values: Mapping[str, Any], *, is_public_demo: bool) -> str:
        """The default of HOST. A PaaS sets PORT and expects every address. Only DEMO=1 makes a demo public."""
        behind_paas = bool(self._environ.get("PORT", "").strip())
        return "0.0.0.0" if behind_paas and (is_public_demo or not values["demo"]) else "127.0.0.1"

    def _check_combinations(self, values: Mapping[str, Any], *, demo_setting: bool | None) -> None:
        on_loopback = values["host"] in LOOPBACK_HOSTS
        if demo_setting is False and self._has_no_key(values):
            self.problems.append("TELNYX_API_KEY is missing. Create one in the Telnyx portal, or leave DEMO out.")
        if values["demo"] and demo_setting is None and not on_loopback:
            self.problems.append(
                f"HOST is {values['host']}, but without TELNYX_API_KEY this is a demo, and a demo stays on this "
                "machine. Set TELNYX_API_KEY, or DEMO=1 to make the demo public."
            )
        if not values["demo"] and not on_loopback and values["dashboard_password"] is None:
            self.problems.append(
                f"DASHBOARD_PASSWORD is missing, and HOST is {values['host']}: other machines could read the calls and "
                "run commands. Set a password, or HOST=127.0.0.1."
            )
        if (
            not values["demo"]
            and on_loopback
            and values["dashboard_password"] is None
            and _is_public(values["public_url"])
        ):
            self.problems.append(
                f"DASHBOARD_PASSWORD is missing, and PUBLIC_URL is {values['public_url']}: people with that address "
                "could read the calls and press the buttons. Set a password."
            )
        automation = [name for name in AUTOMATION_SETTINGS if values[name]]
        if automation and self._has_no_api_key(values):
            self.problems.append(f"{automation[0].upper()} runs commands, which needs TELNYX_API_KEY.")
        if values["dashboard_viewer_password"] and not values["dashboard_password"]:
            self.problems.append("DASHBOARD_VIEWER_PASSWORD needs DASHBOARD_PASSWORD: operators need one too.")
        if values["dashboard_password"] and values["dashboard_password"] == values["dashboard_viewer_password"]:
            self.problems.append("DASHBOARD_PASSWORD and DASHBOARD_VIEWER_PASSWORD must differ.")
        if values["dashboard_api_token"] and len(values["dashboard_api_token"]) < 16:
            self.problems.append("DASHBOARD_API_TOKEN is too short. Use 16 characters or more (openssl rand -hex 24).")
        if values["redis_url"] and not values["secret_key"]:
            self.problems.append("SECRET_KEY is missing: with REDIS_URL several processes must share one.")


def _is_public(public_url: str | None) -> bool:
    """Whether other machines can reach this address. A tunnel or proxy can run on this machine."""
    try:
        return public_url is not None and urlsplit(public_url).hostname not in LOOPBACK_HOSTS
    except ValueError:
        # No address at all; `_parse_url` has reported it.
        return False


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
