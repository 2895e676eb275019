"""Which web pages may open the socket."""

from collections.abc import Mapping, Sequence
from urllib.parse import ParseResult, urlparse

from django.conf import settings
from django.utils.http import is_same_domain

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def is_allowed_origin(headers: Mapping[bytes, bytes]) -> bool:
    """Refuse pages of other origins. Clients that are not browsers send none; their ticket is enough."""
    if b"origin" not in headers:
        return True
    allowed = [*settings.CORS_ALLOWED_ORIGINS, *settings.ALLOWED_HOSTS]
    try:
        return _matches_any(urlparse(headers[b"origin"].decode("latin1")), allowed)
    except ValueError:  # not a URL
        return False


def _matches_any(origin: ParseResult, patterns: Sequence[str]) -> bool:
    return any(pattern == "*" or _matches(origin, pattern) for pattern in patterns)


def _matches(origin: ParseResult, pattern: str) -> bool:
    """Compare with an origin, or with a host name, which stands for any scheme and port.

    A host name that starts with a dot includes its subdomains.
    """
    if origin.hostname is None:
        return False
    allowed = urlparse(pattern.lower())
    if not allowed.scheme:
        return is_same_domain(origin.hostname, urlparse(f"//{pattern}").hostname or pattern)
    same_place = (origin.scheme, _port(origin)) == (allowed.scheme, _port(allowed))
    return same_place and is_same_domain(origin.hostname, allowed.hostname or "")


def _port(url: ParseResult) -> int | None:
    return url.port if url.port is not None else _DEFAULT_PORTS.get(url.scheme)
