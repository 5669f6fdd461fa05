"""The steps before the first request: tables, demo simulator, public key."""

from __future__ import annotations

import logging
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from dashboard.calls.automation_rules import parse_rules
from dashboard.demo import SimulatorProcess
from dashboard.errors import ProviderError, SettingsError
from dashboard.services.command_defaults import command_defaults, default_problems, rule_problems
from dashboard.settings import Settings
from dashboard.store.migrate import upgrade
from dashboard.telnyx.api.client import TelnyxClient
from dashboard.telnyx.webhooks.signature import Verifier

log = logging.getLogger(__name__)

PUBLIC_KEY_HINT = "Find it in the Telnyx portal under Keys & Credentials, Public Key, and set TELNYX_PUBLIC_KEY."


def prepare(settings: Settings, *, port: int, simulator: SimulatorProcess) -> Settings:
    """Prepare the database and complete the settings. A demo gets the simulator's address and keys. SettingsError."""
    _check_automation(settings)
    _migrate_database(settings.database_url)
    settings = replace(settings, port=port)
    if settings.demo:
        announcement = simulator.start(target=f"http://127.0.0.1:{port}")
        settings = replace(
            settings,
            telnyx_base_url=announcement["base_url"],
            telnyx_api_key=announcement["api_key"],
            telnyx_connection_id=announcement["connection_id"],
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
    """Check automatic commands against the command models. `settings` cannot import those."""
    parameters = settings.command_defaults or {}
    rules = parse_rules(settings.auto_start or "")
    defaults = command_defaults(parameters, demo=settings.demo)
    is_reachable = settings.demo or settings.public_url is not None
    problems = [*default_problems(parameters), *rule_problems(rules, defaults, is_reachable=is_reachable)]
    if problems:
        raise SettingsError(problems)


def _migrate_database(database_url: str) -> None:
    try:
        upgrade(database_url)
    except (SQLAlchemyError, OSError) as error:
        # The driver's first line names host and reason; the rest may hold data that must not be logged.
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0].rstrip(".")
        raise SettingsError([f"DATABASE_URL cannot be used: {reason}. Check the address, and that it runs."]) from None


def _create_client(settings: Settings) -> TelnyxClient:
    try:
        return TelnyxClient(api_key=settings.telnyx_api_key or "", base_url=settings.telnyx_base_url)
    except ValueError as error:
        raise SettingsError([f"TELNYX_API_KEY cannot be used: {error}. Copy it again from the portal."]) from None


def _fetch_public_key(client: TelnyxClient) -> str:
    try:
        return client.get_public_key()
    except ProviderError as error:
        problem = f"TELNYX_PUBLIC_KEY is missing, and it cannot be fetched from Telnyx: {error} {PUBLIC_KEY_HINT}"
        raise SettingsError([problem]) from None
