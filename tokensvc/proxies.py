"""Whose word about a client is believed: that of a proxy of `TRUSTED_PROXIES`, and nobody else's."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Networks = tuple[IPv4Network | IPv6Network, ...]


class ProxyMiddleware:
    """Makes `REMOTE_ADDR` the client's own address, and drops what anybody else says in a proxy's name.

    That is `X-Forwarded-For`, `X-Forwarded-Proto` and the `CLIENT_COUNTRY_HEADER`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta, trusted = request.META, tuple(settings.TRUSTED_PROXIES)
        if _is_in(meta.get("REMOTE_ADDR", ""), trusted):
            _believe(meta, trusted)
        else:
            for header in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", _country_header()):
                meta.pop(header, None)
        return self.get_response(request)


def _believe(meta: dict[str, Any], trusted: Networks) -> None:
    """Take the address nearest to us that is not a proxy's own; what stands before it is hearsay."""
    passed = [address.strip() for address in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    strangers = (address for address in reversed(passed) if not _is_in(address, trusted))
    meta["REMOTE_ADDR"] = next(strangers, passed[0]) or meta["REMOTE_ADDR"]


def _country_header() -> str:
    return f"HTTP_{settings.CLIENT_COUNTRY_HEADER.upper().replace('-', '_')}"


@lru_cache(maxsize=10_000)
def _is_in(address: str, networks: Networks) -> bool:
    try:
        client = ip_address(address)
    except ValueError:
        return False
    client = getattr(client, "ipv4_mapped", None) or client
    return any(client in network for network in networks)
