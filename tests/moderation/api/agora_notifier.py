"""A stand-in for Agora's notification centre, which calls over HTTP as documented.

Source: docs.agora.io, "Notification centre" and "Channel event callbacks".
"""

import hmac
import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

PATH = "/agora/notifications/"
SECRET = "a-notification-secret"
RETRIES = 3
TIMEOUT = 10
"""Seconds that Agora waits for an answer."""

JOINS = {103, 105, 107}
LEAVES = {104, 106, 108}

_numbers = count(1)


class Answer(NamedTuple):
    """An HTTP response; Agora expects JSON in its body."""

    status: int
    headers: dict[str, str]
    json: Any


class AgoraNotifier:
    """Sends each notification until it is answered with 200, at most four times."""

    def __init__(self, url: str, secret: str) -> None:
        self._address = urlsplit(url).netloc
        self._secret = secret
        self.between_tries: Callable[[], Any] = lambda: None

    def notify(self, event: int, channel: str, *, product: int = 1, **payload: Any) -> list[Answer]:
        """Send an event; return the response to each attempt."""
        return self.deliver(notice(event, channel, product=product, **payload))

    def test(self) -> list[Answer]:
        """Send the test notification of Agora's console."""
        return self.notify(101, "test_webhook", uid=12_121_212)

    def deliver(self, told: dict[str, Any]) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) <= RETRIES:
            # Each attempt sends the same notification with a new sending time.
            answers.append(self.post(json.dumps({**told, "notifyMs": time.time_ns() // 1_000_000}).encode()))
            if answers[-1].status == 200:
                break
            self.between_tries()
        return answers

    def post(self, body: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> Answer:
        connection = HTTPConnection(self._address, timeout=TIMEOUT)
        signed = self.signatures(body) if headers is None else headers
        try:
            connection.request(method, PATH, body, {"Content-Type": "application/json", **signed})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), json.loads(response.read()))
        finally:
            connection.close()

    def signatures(self, body: bytes, secret: str = "") -> dict[str, str]:
        key = (secret or self._secret).encode()
        return {
            "Agora-Signature": hmac.new(key, body, "sha1").hexdigest(),
            "Agora-Signature-V2": hmac.new(key, body, "sha256").hexdigest(),
        }


def notice(event: int, channel: str, *, product: int = 1, **payload: Any) -> dict[str, Any]:
    """A notification with the documented fields of its event; `payload` overrides them, None removes one."""
    told: dict[str, Any] = {"channelName": channel, "ts": 1_795_348_800}
    if event in JOINS | LEAVES | {111, 112}:
        told |= {"uid": 12, "clientSeq": 1_625_051_030_746, "platform": 7}
    if event in JOINS:
        told |= {"clientType": 3}
    if event in LEAVES:
        told |= {"reason": 1, "duration": 600}
    if event == 102:
        told |= {"lastUid": 12}
    given = {name: value for name, value in {**told, **payload}.items() if value is not None}
    return {
        "noticeId": f"2000001428:4330:{next(_numbers)}",
        "productId": product,
        "eventType": event,
        "payload": given,
    }


def taken(answers: list[Answer]) -> bool:
    """Whether the first attempt was answered as Agora requires."""
    return [(answer.status, answer.headers["Content-Type"], answer.json) for answer in answers] == [
        (200, "application/json", {})
    ]
