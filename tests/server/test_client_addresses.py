"""Clients are told apart by address, and proxies are none."""

from __future__ import annotations

import pytest

from dashboard.server.client_addresses import TrustedProxies

PROXIES = TrustedProxies(("127.0.0.0/8", "::1", "10.1.2.3", "2001:db8:f::/48"))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "2001:db8:f:7::9", "::ffff:127.0.0.1", "::ffff:10.1.2.3"]
)
def test_proxy_is_no_client(host: str) -> None:
    assert PROXIES.contains(host) and PROXIES.client_of(host) is None


@pytest.mark.parametrize("host", ["10.1.2.4", "192.0.2.1", "2001:db8:e::1", "::ffff:192.0.2.1", "fe80::1%eth0", ""])
def test_other_address_is_a_client(host: str) -> None:
    assert not PROXIES.contains(host) and PROXIES.client_of(host) is not None


def test_addresses_of_one_network_are_one_client() -> None:
    client_of = PROXIES.client_of
    assert client_of("2001:db8:a:b::1") == client_of("2001:db8:a:b:ffff::2") != client_of("2001:db8:a:c::1")
    assert client_of("192.0.2.1") == client_of("::ffff:192.0.2.1") != client_of("192.0.2.2")
