"""Reads the fields of a command's body and refuses them in the provider's own words. Knows no command."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from .errors import ApiError

_E164_PATTERN = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_FORK_ADDRESS_PATTERN = re.compile(r"udp:(.+):([0-9]{1,5})\Z")
_MAX_URL_LENGTH = 2_000


class BodyFields:
    """A JSON object whose fields are asked for one by one. Absent and null are the same."""

    def __init__(self, body: dict[str, Any], pointer: str = "") -> None:
        self.body = body
        self._pointer = pointer

    def raise_missing(self, name: str) -> NoReturn:
        raise ApiError("10004", f"The '{name}' parameter is required.", pointer=self._pointer_to(name))

    def raise_invalid(self, name: str, reason: str) -> NoReturn:
        raise ApiError("10015", f"The '{name}' parameter {reason}.", pointer=self._pointer_to(name))

    def read_text(self, name: str, *, required: bool = False, max_length: int | None = None) -> str | None:
        value = self.body.get(name)
        if value is None or value == "":
            if required:
                self.raise_missing(name)
            return None
        if not isinstance(value, str):
            self.raise_invalid(name, "must be a string")
        if max_length is not None and len(value) > max_length:
            self.raise_invalid(name, f"must not be longer than {max_length} characters")
        return value

    def read_required_text(self, name: str) -> str:
        return self.read_text(name, required=True) or self.raise_missing(name)

    def read_choice(self, name: str, allowed: Sequence[str], *, default: str = "", required: bool = False) -> str:
        value = self.body.get(name)
        if value is None:
            if required:
                self.raise_missing(name)
            return default
        if value not in allowed:
            detail = f"The '{name}' parameter must be one of {', '.join(allowed)}."
            raise ApiError("10032", detail, pointer=self._pointer_to(name))
        return str(value)

    def read_flag(self, name: str) -> bool:
        value = self.body.get(name)
        if value is not None and not isinstance(value, bool):
            self.raise_invalid(name, "must be a boolean")
        return bool(value)

    def read_int(self, name: str, minimum: int, maximum: int) -> int | None:
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.raise_invalid(name, "must be an integer")
        if not minimum <= value <= maximum:
            detail = f"The '{name}' parameter must be between {minimum} and {maximum}."
            raise ApiError("10033", detail, pointer=self._pointer_to(name))
        return value

    def read_int_choice(self, name: str, allowed: Sequence[int]) -> int | None:
        value = self.body.get(name)
        if value is not None and (isinstance(value, bool) or value not in allowed):
            listed = ", ".join(str(choice) for choice in allowed)
            raise ApiError("10032", f"The '{name}' parameter must be one of {listed}.", pointer=self._pointer_to(name))
        return value

    def read_object(self, name: str) -> BodyFields | None:
        value = self.body.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.raise_invalid(name, "must be an object")
        return BodyFields(value, self._pointer_to(name))

    def read_named_values(self, name: str) -> dict[str, str]:
        """An array of `{"name", "value"}` objects as a mapping."""
        value = self.body.get(name)
        if value is None:
            return {}
        pairs = value if isinstance(value, list) else self.raise_invalid(name, "must be an array")
        for pair in pairs:
            if not isinstance(pair, dict) or not all(isinstance(pair.get(key), str) for key in ("name", "value")):
                self.raise_invalid(name, "must hold objects with a name and a value")
        return {pair["name"]: pair["value"] for pair in pairs}

    def read_phone_number(self, name: str) -> str:
        """A required number in +E.164, or a SIP URI."""
        value = self.read_required_text(name)
        if not value.startswith("sip:") and not _E164_PATTERN.match(value):
            raise ApiError("10016", f"The '{name}' parameter must be in +E.164 format.", pointer=self._pointer_to(name))
        return value

    def read_url(self, name: str, schemes: Sequence[str], *, required: bool = False) -> str | None:
        value = self.read_text(name, required=required)
        if value is not None and not _is_url(value, schemes):
            detail = (
                f"The '{name}' parameter must be a {' or '.join(schemes)} URL of at most {_MAX_URL_LENGTH} characters."
            )
            raise ApiError("10003", detail, pointer=self._pointer_to(name))
        return value

    def read_fork_address(self, name: str) -> tuple[str, int]:
        """A required `udp:<ip>:<port>` with a literal address."""
        match = _FORK_ADDRESS_PATTERN.match(self.read_required_text(name))
        try:
            address = str(ipaddress.ip_address(match[1].strip("[]"))) if match else ""
        except ValueError:
            address = ""
        if not match or not address or not 0 < int(match[2]) < 65_536:
            self.raise_invalid(name, "must look like udp:<ip>:<port>, with a literal IP address")
        return address, int(match[2])

    def read_client_state(self) -> str | None:
        value = self.body.get("client_state")
        if value is None:
            return None
        try:
            if not isinstance(value, str):
                raise ValueError
            base64.b64decode(value, validate=True)
        except (ValueError, binascii.Error):
            detail = "The 'client_state' parameter must be a valid base64 string."
            raise ApiError("90017", detail, pointer=self._pointer_to("client_state")) from None
        return value

    def _pointer_to(self, name: str) -> str:
        return f"{self._pointer}/{name}"


def _is_url(value: str, schemes: Sequence[str]) -> bool:
    try:
        address = urlsplit(value)
        _ = address.port
    except ValueError:
        return False
    return (
        address.scheme in schemes and bool(address.hostname) and len(value) <= _MAX_URL_LENGTH and value.isprintable()
    )
