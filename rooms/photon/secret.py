"""The one proof that a call comes from Photon: a value that was put into its dashboard."""

import hmac


def matches(given: str, expected: str) -> bool:
    """Compare in constant time; nothing matches a value that is not set."""
    return bool(expected) and hmac.compare_digest(_bytes(given), _bytes(expected))


def _bytes(text: str) -> bytes:
    # JSON may hold half of a surrogate pair, which no encoding takes.
    return text.encode("utf-8", "surrogatepass")
