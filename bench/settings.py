"""Settings of the measured tokensvc: as in production, with made-up keys."""

from bench.targets import IDENTITY_SECRET
from bench.tickets import ROOM_SECRET
from bench.tokens import APP


def settings(database_url: str) -> dict[str, str]:
    """Return the environment variables of a server with this database."""
    return {
        "SECRET_KEY": "the-secret-key-of-the-benchmarks-and-of-nothing-else",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "DATABASE_URL": database_url,
        "LIVE_URL": "wss://live.example",
        "IDENTITY_JWT_SECRET": IDENTITY_SECRET,
        "ROOM_SECRET": ROOM_SECRET,
        "AGORA_APP_ID": APP.id,
        "AGORA_APP_CERTIFICATE": APP.certificates[0],
        "TOKEN_RATE": "1000000/s",
    }
