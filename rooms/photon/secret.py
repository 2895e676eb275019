"""The shared secret that authenticates Photon's servers: a value configured in its dashboard."""

import hmac


def matches(given: str, expected: str) -> bool:
    """Compare in constant time. An empty `expected` matches nothing."""
    return bool(expected) and hmac.compare_digest(_bytes(given), _bytes(expected))


def _bytes(text: str) -> bytes:
    # JSON may contain a lone surrogate, which strict UTF-8 cannot encode.
    return text.encode("utf-8", "surrogatepass")
