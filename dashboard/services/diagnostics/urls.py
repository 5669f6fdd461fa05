"""What a URL says about its host. No request and no look-up is made."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_private_host(host: str) -> bool:
    """Whether a host is unreachable from the internet."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def same_url(told: object, ours: str) -> bool:
    """Whether both lead to one place, however they are written."""
    return isinstance(told, str) and _normalize_url(told) == _normalize_url(ours)


def _normalize_url(url: str) -> tuple[str, ...]:
    parts = urlsplit(url.strip())
    default = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return parts.scheme, parts.netloc.lower().removesuffix(default), parts.path.rstrip("/"), parts.query
