"""Whose word about a client is believed: that of a proxy of `TRUSTED_PROXIES`, and nobody else's."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tokensvc.web.networks import lies_in


class ProxyMiddleware:
    """Makes `REMOTE_ADDR` the client's own address, and drops what anybody else says in a proxy's name.

    That is `X-Forwarded-For`, `X-Forwarded-Proto` and the `CLIENT_COUNTRY_HEADER`. What a proxy passes on is
    taken for its own word: it has to add to the first, and to set or remove the others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        meta = request.META
        if lies_in(meta.get("REMOTE_ADDR", ""), settings.TRUSTED_PROXIES):
            meta["REMOTE_ADDR"] = _client(meta["REMOTE_ADDR"], meta.get("HTTP_X_FORWARDED_FOR", ""))
        else:
            for header in _headers():
                meta.pop(header, None)
        return self.get_response(request)


def _client(proxy: str, forwarded: str) -> str:
    """Return the address nearest to us that is not a proxy's own; what stands before it is hearsay."""
    passed = [*filter(None, map(str.strip, forwarded.split(","))), proxy]
    strangers = (address for address in reversed(passed) if not lies_in(address, settings.TRUSTED_PROXIES))
    return next(strangers, passed[0])


def _headers() -> Iterator[str]:
    """Yield the keys in `META` of what only a proxy may say."""
    yield from ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
    yield f"HTTP_{settings.CLIENT_COUNTRY_HEADER.upper().replace('-', '_')}"
