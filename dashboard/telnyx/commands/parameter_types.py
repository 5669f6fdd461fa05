"""Types of single parameters: what each accepts, and the message that refuses the rest."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, PlainSerializer, Strict

from dashboard.messages import _

# Telnyx error 10003: URLs of at most 2,000 characters.
_MAX_URL_LENGTH = 2_000
# Encoded. Telnyx publishes no limit; below this one no report of trouble is known.
_MAX_CLIENT_STATE_LENGTH = 1_024
_COMMAND_ID = re.compile(r"[!-~]{1,128}")
_CONNECTION_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SIP_URI = re.compile(r"sips?:[!-~]{1,255}", re.IGNORECASE)
# Telnyx takes keypad digits after the number: `+18005550100,200`.
_DIGITS_AFTER_NUMBER = re.compile(r",[0-9A-DwW*#]{1,64}")
_UDP_TARGET = re.compile(r"udp:(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+)):([0-9]{1,5})")


class Parameters(BaseModel):
    """A group of parameters as the provider names them. Unknown names are refused; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    # Fields whose values must not be shown again.
    secret_fields: ClassVar[frozenset[str]] = frozenset()

    def notes(self) -> Iterator[str]:
        """Warnings about values that are sent although they may not work."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Parameters):
                yield from value.notes()


def param(title: str, description: str = "", *, default: Any = None, **constraints: Any) -> Any:
    """An optional parameter. `default` is what the provider assumes without it: shown in forms, never sent."""
    shown = {} if default is None else {"default": default}
    return Field(default=None, title=title, description=description or None, json_schema_extra=shown, **constraints)


# Strict, because a lax "yes" would become true and a lax "5" a number.
Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
# Objects of the provider that this program has no use for: passed on as given.
JsonObject = dict[str, JsonValue]


def _encode_state(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _check_client_state(text: str) -> str:
    if len(_encode_state(text)) >= _MAX_CLIENT_STATE_LENGTH:
        raise ValueError(_("is too long: at most 765 bytes of UTF-8 text"))
    return text


def _check_command_id(text: str) -> str:
    if not _COMMAND_ID.fullmatch(text):
        raise ValueError(_("must be 1 to 128 printable ASCII characters without spaces, best a UUID"))
    return text


def _check_connection_id(text: str) -> str:
    if not _CONNECTION_ID.fullmatch(text):
        raise ValueError(_("must be the id of a Voice API application, as text"))
    return text


def _check_party(text: str) -> str:
    number = _DIGITS_AFTER_NUMBER.sub("", text) if text.startswith("+") else text
    if not _E164.fullmatch(number) and not _SIP_URI.fullmatch(text):
        raise ValueError(_("must be a number in +E.164 form (such as +15550100002) or a SIP URI (sip:…)"))
    return text


def _check_url(text: str, schemes: tuple[str, str]) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme.lower() in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        one, other = (f"{scheme}://" for scheme in schemes)
        raise ValueError(_("must be a complete address that begins with %(one)s or %(other)s", one=one, other=other))
    if len(text) > _MAX_URL_LENGTH:
        raise ValueError(_("must have at most %(num)s characters", num=_MAX_URL_LENGTH))
    return text


def _check_udp_target(text: str) -> str:
    match = _UDP_TARGET.fullmatch(text)
    if not match:
        raise ValueError(_("must be udp:<ip>:<port>, such as udp:198.51.100.20:40000 (an IPv6 address in brackets)"))
    v6, v4, port = match.groups()
    try:
        ipaddress.IPv6Address(v6) if v6 else ipaddress.IPv4Address(v4)
    except ValueError:
        raise ValueError(_("needs a literal IP address: host names are not looked up by Telnyx")) from None
    if not 1 <= int(port) <= 65_535:
        raise ValueError(_("needs a port from 1 to 65535"))
    return text


def is_unreachable_target(text: str) -> bool:
    """Whether the public internet cannot reach a UDP target."""
    host = text.removeprefix("udp:").rpartition(":")[0].strip("[]")
    return not ipaddress.ip_address(host).is_global


def _wrap_in_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


ClientState = Annotated[Text, AfterValidator(_check_client_state), PlainSerializer(_encode_state)]
CommandId = Annotated[Text, AfterValidator(_check_command_id)]
ConnectionId = Annotated[Text, AfterValidator(_check_connection_id)]
Party = Annotated[Text, AfterValidator(_check_party)]
WebSocketUrl = Annotated[Text, AfterValidator(lambda text: _check_url(text, ("wss", "ws")))]
WebUrl = Annotated[Text, AfterValidator(lambda text: _check_url(text, ("https", "http")))]
UdpTarget = Annotated[Text, AfterValidator(_check_udp_target)]
# The API reference of July 2026 has one URL per event type, SDK 4.189 a list: the list is sent.
WebUrls = Annotated[list[WebUrl], BeforeValidator(_wrap_in_list), Field(min_length=1)]


class NameAndValue(Parameters):
    name: Text = Field(title=_("Name"), min_length=1, max_length=255)
    value: Text = Field(title=_("Value"), max_length=4_000)


class SipHeader(Parameters):
    name: Text = Field(title=_("Name"), description="User-to-User", min_length=1, max_length=255)
    value: Text = Field(title=_("Value"), max_length=4_000)


class CommandParameters(Parameters):
    client_state: ClientState | None = param(
        _("Client state"), _("Plain text; it comes back with every later webhook of this call, in base64.")
    )
    command_id: CommandId | None = param(
        _("Command id"), _("The same id sent twice runs once. Leave it out and one is made for you.")
    )
