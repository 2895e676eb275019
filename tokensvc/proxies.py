"""Forwarded headers, accepted from `TRUSTED_PROXIES` only."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tokensvc.web.networks import lies_in


class ProxyMiddleware:
    """Sets `REMOTE_ADDR` to the client's address, and drops forwarded headers of untrusted senders.

    The headers are `X-Forwarded-For`, `X-Forwarded-Proto` and the `CLIENT_COUNTRY_HEADER`. A trusted proxy
    must append to the first, and set or remove the others: they are accepted unchanged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if lies_in(meta.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES):
            meta["REMOTE_ADDR"] = _client(meta["REMOTE_ADDR"], meta.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            for key in _forwarded_keys():
                meta.pop(key, None)
        return self.get_response(request)


def _client(proxy: str, forwarded: str) -> str:
    """Return the rightmost address that is not a trusted proxy. Addresses further left can be forged."""
    hops = [*filter(None, map(str.strip, forwarded.split(","))), proxy]
    untrusted = (address for address in reversed(hops) if not lies_in(address, settings.TRUSTED_PROXIES))
    return next(untrusted, hops[0])


def _forwarded_keys() -> Iterator[str]:
    """Yield the `META` keys of the headers that only a trusted proxy may set."""
    yield from ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
    yield f"HTTP_{settings.CLIENT_COUNTRY_HEADER.upper().replace('-', '_')}"
