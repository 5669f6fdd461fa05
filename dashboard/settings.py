"""What the environment says: typed, read once, and every problem told at once with what to do about it.

The only module that reads the environment. Rooms get plain values, never this object.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard.calls.automation_rules import rules_from
from dashboard.errors import SettingsError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DEFAULT_BASE_URL = "https://api.telnyx.com/v2"
DEFAULT_DATABASE_URL = "sqlite:///instance/dashboard.sqlite3"
DEMO_DATABASE_URL = "sqlite:///instance/demo.sqlite3"
DATABASE_SCHEMES = ("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")
PRESSES = ("auto_start", "stop_after_minutes", "stop_after_silent_minutes", "stop_on_shutdown")
BROKER_SCHEMES = ("redis://", "rediss://", "unix://")


def setting(help: str, default: Any = None, *, secret: bool = False) -> Any:
    """A field that comes from the environment variable of its own name in capitals."""
    return field(default=default, repr=not secret, metadata={"help": help, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is the environment variable of its name in capitals; secrets also as `NAME_FILE`."""

    telnyx_api_key: str | None = setting("API key of your Telnyx account. Without one the demo runs.", secret=True)
    telnyx_public_key: str | None = setting(
        "Public key that webhooks are verified with (Keys & Credentials in the portal); several, comma-separated, "
        "while you rotate. Asked from Telnyx at start if missing.",
        secret=True,
    )
    telnyx_base_url: str = setting("Where the Telnyx API is.", DEFAULT_BASE_URL)
    telnyx_connection_id: str | None = setting("Id of your Voice API application; needed to find running calls.")
    public_url: str | None = setting("Where Telnyx reaches this dashboard, e.g. https://calls.example.com.")
    secret_key: str | None = setting(
        "Signs login cookies. Made anew at every start if missing, which signs everybody out.", secret=True
    )
    dashboard_password: str | None = setting("Password of operators, who may press buttons.", secret=True)
    dashboard_viewer_password: str | None = setting("Password of viewers, who read only.", secret=True)
    dashboard_api_token: str | None = setting("Bearer token for scripts, at least 16 characters.", secret=True)
    database_url: str = setting(
        "Where calls are kept: an SQLite file or postgres://….", DEFAULT_DATABASE_URL, secret=True
    )
    redis_url: str | None = setting("Needed as soon as more than one process serves.", secret=True)
    host: str = setting("Address to listen on. 0.0.0.0 where a PaaS sets PORT.", "127.0.0.1")
    port: int = setting("Port to listen on.", 5000)
    demo: bool = setting("1: the built-in simulator instead of Telnyx, also beyond loopback. 0: never.", False)

    auto_start: str | None = setting(
        "What to start when a call is answered, e.g. `transcription always` or `transcription inbound +1555*; "
        "streaming outbound`."
    )
    command_defaults: Mapping[str, Any] | None = setting(
        'JSON: parameters that one click sends, by command, `{"fork_start": {"rx": "udp:198.51.100.20:4000", …}}`.'
    )
    transcription_cost_per_minute: float = setting("Price of transcription, for estimates, in dollars a minute.", 0.025)
    stop_after_minutes: float | None = setting("Stop a transcription that has run for this long.")
    stop_after_silent_minutes: float | None = setting("Stop a transcription in which nobody has spoken for this long.")
    stop_on_shutdown: bool = setting("1: stop everything that runs on any call when the server stops.", False)
    events_kept: int = setting("How many webhooks are kept with their bodies, for the inspector: the newest.", 100_000)
    events_kept_days: float = setting("For how many days their bodies are kept. Transcripts are kept for good.", 30.0)

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this server through TLS, by a proxy in front."""
        return (self.public_url or "").startswith("https://")

    @property
    def is_open(self) -> bool:
        """Nobody has to sign in: right for a demo or on one's own machine, refused elsewhere."""
        return self.dashboard_password is None

    @property
    def is_on_loopback(self) -> bool:
        return self.host in LOOPBACK

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and judge everything. SettingsError lists every problem, not only the first."""
        return _Reader(os.environ if environ is None else environ).settings()


NAMES = tuple(item.name.upper() for item in fields(Settings))


class _Reader:
    """Reads one environment and collects what is wrong with it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def settings(self) -> Settings:
        read: dict[str, Any] = {item.name: self._text(item.name.upper(), item.metadata) for item in fields(Settings)}
        told_demo = self._boolean("DEMO", read["demo"])
        read["demo"] = told_demo if told_demo is not None else self._has_no_key(read)
        read["port"] = self._port(read["port"])
        read["host"] = read["host"] or self._default_host(read, public_demo=told_demo is True)
        read["telnyx_base_url"] = self._url("TELNYX_BASE_URL", read["telnyx_base_url"] or DEFAULT_BASE_URL)
        read["public_url"] = self._url("PUBLIC_URL", read["public_url"])
        default_database = DEMO_DATABASE_URL if read["demo"] else DEFAULT_DATABASE_URL
        read["database_url"] = read["database_url"] or default_database
        self._scheme("DATABASE_URL", read["database_url"], DATABASE_SCHEMES)
        self._scheme("REDIS_URL", read["redis_url"], BROKER_SCHEMES)
        self._read_automation(read)
        kept = self._number("EVENTS_KEPT", read["events_kept"], below=1_000_000_000)
        days = self._number("EVENTS_KEPT_DAYS", read["events_kept_days"])
        read["events_kept"] = 100_000 if kept is None else int(kept)
        read["events_kept_days"] = 30.0 if days is None else days
        self._judge(read, told_demo=told_demo)
        if self.problems:
            raise SettingsError(self.problems)
        read["secret_key"] = read["secret_key"] or secrets.token_hex(32)
        return Settings(**read)

    def _text(self, name: str, about: Mapping[str, Any]) -> str | None:
        value = self._environ.get(name, "").strip()
        path = self._environ.get(f"{name}_FILE", "").strip() if about["secret"] else ""
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

    def _boolean(self, name: str, text: str | None) -> bool | None:
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text is None:
            return None
        if text.lower() not in words:
            self.problems.append(f"{name} must be 1 or 0, not something else.")
        return words.get(text.lower())

    def _read_automation(self, read: dict[str, Any]) -> None:
        """What presses buttons by itself is read strictly: a mistake there costs money."""
        read["stop_on_shutdown"] = self._boolean("STOP_ON_SHUTDOWN", read["stop_on_shutdown"]) or False
        price = self._number("TRANSCRIPTION_COST_PER_MINUTE", read["transcription_cost_per_minute"])
        read["transcription_cost_per_minute"] = 0.025 if price is None else price
        for name in ("stop_after_minutes", "stop_after_silent_minutes"):
            read[name] = self._number(name.upper(), read[name])
            if read[name] == 0:
                self.problems.append(f"{name.upper()} must be above 0. Leave it out to never stop.")
        read["command_defaults"] = self._object("COMMAND_DEFAULTS", read["command_defaults"])
        try:
            rules_from(read["auto_start"] or "")
        except ValueError as error:
            self.problems.append(f"AUTO_START cannot be read: {error}. Write for example: transcription inbound.")

    def _number(self, name: str, text: str | None, *, below: float = 100_000) -> float | None:
        try:
            number = None if text is None else float(text)
        except ValueError:
            number = -1.0
        if number is not None and not 0 <= number < below:
            self.problems.append(f"{name} must be a number, 0 or more.")
            return None
        return number

    def _object(self, name: str, text: str | None) -> Mapping[str, Any]:
        try:
            parsed = json.loads(text or "{}")
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or not all(isinstance(value, dict) for value in parsed.values()):
            self.problems.append(f'{name} must be JSON like {{"transcription_start": {{…}}}}.')
            return {}
        return parsed

    def _port(self, text: str | None) -> int:
        if text is None:
            return 5000
        if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65535:
            self.problems.append("PORT must be a number from 0 to 65535.")
            return 5000
        return int(text)

    def _url(self, name: str, text: str | None) -> str | None:
        if text is None:
            return None
        if not _is_web_address(text):
            self.problems.append(f"{name} must start with https:// (or http://) and name a host.")
        return text.rstrip("/")

    def _scheme(self, name: str, text: str | None, schemes: tuple[str, ...]) -> None:
        if text is not None and not text.startswith(schemes):
            self.problems.append(f"{name} must start with {' or '.join(schemes)}.")

    @staticmethod
    def _has_no_api_key(read: Mapping[str, Any]) -> bool:
        return read["telnyx_api_key"] is None and not read["demo"]

    @staticmethod
    def _has_no_key(read: Mapping[str, Any]) -> bool:
        return read["telnyx_api_key"] is None and read["telnyx_public_key"] is None

    def _default_host(self, read: Mapping[str, Any], *, public_demo: bool) -> str:
        """A PaaS says which port to bind and means every address; a demo nobody asked for stays on this machine."""
        behind_paas = bool(self._environ.get("PORT", "").strip())
        return "0.0.0.0" if behind_paas and (public_demo or not read["demo"]) else "127.0.0.1"

    def _judge(self, read: Mapping[str, Any], *, told_demo: bool | None) -> None:
        on_loopback = read["host"] in LOOPBACK
        if told_demo is False and self._has_no_key(read):
            self.problems.append("TELNYX_API_KEY is missing. Create one in the Telnyx portal, or leave DEMO out.")
        if read["demo"] and told_demo is None and not on_loopback:
            self.problems.append(
                f"HOST is {read['host']}, but without TELNYX_API_KEY this is a demo, and a demo stays on this machine. "
                "Set TELNYX_API_KEY, or DEMO=1 to show the demo to everybody."
            )
        if not read["demo"] and not on_loopback and read["dashboard_password"] is None:
            self.problems.append(
                f"DASHBOARD_PASSWORD is missing, and HOST is {read['host']}: anybody could read the calls and press "
                "the buttons. Set a password, or HOST=127.0.0.1."
            )
        if not read["demo"] and on_loopback and read["dashboard_password"] is None and _is_abroad(read["public_url"]):
            self.problems.append(
                f"DASHBOARD_PASSWORD is missing, and PUBLIC_URL is {read['public_url']}: whoever knows that address "
                "could read the calls and press the buttons. Set a password."
            )
        asks_to_press = [name for name in PRESSES if read[name]]
        if asks_to_press and self._has_no_api_key(read):
            self.problems.append(f"{asks_to_press[0].upper()} presses buttons, which needs TELNYX_API_KEY.")
        if read["dashboard_viewer_password"] and not read["dashboard_password"]:
            self.problems.append("DASHBOARD_VIEWER_PASSWORD needs DASHBOARD_PASSWORD: operators need one too.")
        if read["dashboard_password"] and read["dashboard_password"] == read["dashboard_viewer_password"]:
            self.problems.append("DASHBOARD_PASSWORD and DASHBOARD_VIEWER_PASSWORD must differ.")
        if read["dashboard_api_token"] and len(read["dashboard_api_token"]) < 16:
            self.problems.append("DASHBOARD_API_TOKEN is too short. Use 16 characters or more (openssl rand -hex 24).")
        if read["redis_url"] and not read["secret_key"]:
            self.problems.append("SECRET_KEY is missing: with REDIS_URL several processes must share one.")


def _is_abroad(public_url: str | None) -> bool:
    """Whether an address leads here from other machines, through a tunnel or a proxy on this one."""
    try:
        return public_url is not None and urlsplit(public_url).hostname not in LOOPBACK
    except ValueError:
        return False  # it is no address at all, and that is told


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
