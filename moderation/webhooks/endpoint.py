"""The app's webhook endpoint: signed POST requests over kept connections.

Standard Webhooks (standardwebhooks.com): the headers are `webhook-id`, `webhook-timestamp` and
`webhook-signature`; any 2xx is success; redirects are not followed.
"""

from datetime import datetime
from types import TracebackType
from typing import Self

from standardwebhooks import Webhook as Signer

from tokensvc.jobs.http_client import HttpClient, NoResponse

# In seconds, for connecting to each address of the host, and then for the exchange.
TIMEOUT = 15.0
# A longer response body costs the connection.
MAX_RESPONSE = 65_536


class DeliveryFailed(Exception):
    """A notice that was not accepted. The text quotes neither the address nor the response."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Endpoint:
    """Where notices are sent. Threads may share it; `connections` is how many it keeps open.

    Raises `ValueError` when the URL cannot be used.
    """

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT, connections: int = 1) -> None:
        self._client = HttpClient(url, timeout=timeout, max_body=MAX_RESPONSE, connections=connections)
        self._signer = Signer(secret)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, message_id: str, payload: str, now: datetime) -> None:
        """Sign a notice with the time `now`, in UTC, and send it. Raises `DeliveryFailed`."""
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id, now, payload),
        }
        try:
            status = self._client.request("POST", headers=headers, body=payload.encode()).status
        except NoResponse as error:
            raise DeliveryFailed(str(error)) from None
        if not 200 <= status < 300:
            raise DeliveryFailed(f"HTTP {status}", status)
