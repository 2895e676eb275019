"""The made-up Agora project of all signers, and the check of their tokens."""

from bench.failure import BenchmarkError
from rooms.agora import App, Malformed, access_token2

APP = App("0c5b1e7a94d24f36a8d0e3719fb2654c", ("7e40d9a1c2b84fd59136fa07be8d21c3",))
EXPIRES_IN = 3600


def check(token: str, *services: object) -> None:
    """Raise `BenchmarkError` unless `APP` signed the token, for exactly these services."""
    try:
        read = access_token2.parse(token)
    except Malformed as error:
        raise BenchmarkError(f"a token cannot be read: {error}") from error
    if read.services != services or not read.signed_by(APP.certificates[0]):
        raise BenchmarkError(
            f"a token is for {read.services} instead of {services}, or its signature is wrong"
        )
