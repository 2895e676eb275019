"""The requests of the load, and the names in them, which are the same for all contestants."""

import json
import time
from dataclasses import dataclass
from hashlib import md5
from typing import Protocol

import jwt

from bench.sockets import Response
from bench.tokens import check
from rooms.agora import Rtc, Rtm

IDENTITY_SECRET = "the-identity-provider-of-the-benchmarks"
# The headers of a proxy that terminates HTTPS.
PROXIED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}


class Target(Protocol):
    """An HTTP request, and the check of its response."""

    @property
    def request(self) -> bytes: ...

    def check(self, response: Response) -> None:
        """Raise `BenchmarkError` unless the response is correct."""


@dataclass(frozen=True)
class TokenRequest:
    """A token request of a user to tokensvc, with a token of the identity provider."""

    number: int
    user_id: str

    @property
    def request(self) -> bytes:
        path = f"/api/v1/rooms/{name_of('room', self.number)}/tokens/"
        return _post(path, {"Authorization": f"Bearer {self._identity()}", **PROXIED})

    def check(self, response: Response) -> None:
        agora = response.json()["agora"]
        channel = name_of("channel", self.number)
        check(agora["rtc_token"], Rtc.publisher(channel, agora["uid"]), Rtm(agora["uid"]))

    def _identity(self) -> str:
        claims = {
            "sub": self.user_id,
            "name": "Ada Lovelace",
            "aud": "tokensvc",
            "exp": int(time.time()) + 86400,
        }
        return jwt.encode(claims, IDENTITY_SECRET, "HS256")


@dataclass(frozen=True)
class ExpressRequest:
    """The equivalent request to the Express server, which does not authenticate."""

    number: int

    @property
    def request(self) -> bytes:
        content = json.dumps({"channel": self._channel, "account": self._account})
        return _post("/tokens", {"Content-Type": "application/json"}, content)

    def check(self, response: Response) -> None:
        check(response.json()["token"], Rtc.publisher(self._channel, self._account))

    @property
    def _channel(self) -> str:
        return name_of("channel", self.number)

    @property
    def _account(self) -> str:
        return name_of("user", self.number)


def name_of(kind: str, number: int) -> str:
    """Return 22 characters that look like a random id and are the same in every run."""
    return md5(f"{kind} {number}".encode()).hexdigest()[:22]


def _post(path: str, headers: dict[str, str], content: str = "") -> bytes:
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(content)), **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", content]
    return "\r\n".join(lines).encode()
