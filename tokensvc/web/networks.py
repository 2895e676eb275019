"""Membership of IP addresses in networks."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


def lies_in(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Return whether the IP address is in one of the networks. Text that is not an address is in none."""
    client = _parse(address)
    return client is not None and any(client in network for network in networks)


@lru_cache(maxsize=10_000)
def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    # Dual-stack sockets report IPv4 clients as IPv4-mapped addresses (RFC 4291, 2.5.5.2).
    return getattr(parsed, "ipv4_mapped", None) or parsed
