"""What happens once, before the first request: the tables, the simulator of the demo, and the public key."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from dashboard.calls.automation_rules import rules_from
from dashboard.errors import ProviderError, SettingsError
from dashboard.services.command_defaults import command_defaults, default_problems, rule_problems
from dashboard.settings import Settings
from dashboard.store.migrate import upgrade
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)

CONCURRENT_CALLS = 4
PUBLIC_KEY_HINT = "Find it in the Telnyx portal under Keys & Credentials, Public Key, and set TELNYX_PUBLIC_KEY."


class SimulatorProcess:
    """The demo's own Telnyx, as a process of its own: it must be able to catch our mistakes, so it shares nothing."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, *, target: str) -> dict[str, str]:
        """Its address and keys. It calls back to `target`, and ends when this process does, however that ends."""
        command = [sys.executable, "-m", "dashboard.simulator", "--target", target, "--calls", str(CONCURRENT_CALLS)]
        self._process = subprocess.Popen(
            [*command, "--listen", "127.0.0.1:0", "--announce", "--until-stdin-closes"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SettingsError(["The simulator of the demo did not start. Its own message stands above."])
        announced: dict[str, str] = json.loads(line)
        return announced

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def prepare(settings: Settings, *, port: int, simulator: SimulatorProcess) -> Settings:
    """The settings, complete: in the demo with the simulator's address and keys, else with the account's public key."""
    _check_automation(settings)
    _migrate_database(settings.database_url)
    settings = replace(settings, port=port)
    if settings.demo:
        announced = simulator.start(target=f"http://127.0.0.1:{port}")
        settings = replace(
            settings,
            telnyx_base_url=announced["base_url"],
            telnyx_api_key=announced["api_key"],
            telnyx_connection_id=announced["connection_id"],
            telnyx_public_key=None,
        )
    client = _create_client(settings) if settings.telnyx_api_key is not None else None
    if settings.telnyx_public_key is None and client is not None:
        settings = replace(settings, telnyx_public_key=_fetch_public_key(client))
    try:
        Verifier.from_text(settings.telnyx_public_key or "")
    except ValueError as error:
        raise SettingsError([f"TELNYX_PUBLIC_KEY cannot be used: {error}. {PUBLIC_KEY_HINT}"]) from None
    return settings


def _check_automation(settings: Settings) -> None:
    """What presses buttons by itself must be able to: this needs the provider's words, which settings do not know."""
    given = settings.command_defaults or {}
    rules = rules_from(settings.auto_start or "")
    defaults = command_defaults(given, demo=settings.demo)
    is_reachable = settings.demo or settings.public_url is not None
    problems = [*default_problems(given), *rule_problems(rules, defaults, is_reachable=is_reachable)]
    if problems:
        raise SettingsError(problems)


def _migrate_database(database_url: str) -> None:
    try:
        upgrade(database_url)
    except (SQLAlchemyError, OSError) as error:
        # The driver's own first line names host and reason; the rest may hold more than belongs into a log.
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0].rstrip(".")
        raise SettingsError([f"DATABASE_URL cannot be used: {reason}. Check the address, and that it runs."]) from None


def _create_client(settings: Settings) -> TelnyxClient:
    try:
        return TelnyxClient(api_key=settings.telnyx_api_key or "", base_url=settings.telnyx_base_url)
    except ValueError as error:
        raise SettingsError([f"TELNYX_API_KEY cannot be used: {error}. Copy it again from the portal."]) from None


def _fetch_public_key(client: TelnyxClient) -> str:
    try:
        return client.public_key()
    except ProviderError as error:
        problem = f"TELNYX_PUBLIC_KEY is missing, and Telnyx did not tell it: {error} {PUBLIC_KEY_HINT}"
        raise SettingsError([problem]) from None
