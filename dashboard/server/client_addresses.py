"""Tells clients apart by their addresses, and proxies from clients."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# A household or a server gets a whole network of this size, so each address of it is the same client.
_IPV6_PREFIX = 64


class TrustedProxies:
    """The addresses and networks of the proxies in front of this server."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network) for network in networks]

    def contains(self, host: str) -> bool:
        address = _parse(host)
        return address is not None and any(address in network for network in self._networks)

    def client_of(self, host: str) -> str | None:
        """One name for all addresses of a client; None for a proxy, which has many clients behind it."""
        if self.contains(host):
            return None
        address = _parse(host)
        if isinstance(address, IPv6Address):
            return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
        return host if address is None else str(address)


def _parse(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    # A socket that listens on both kinds shows IPv4 clients like this.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
