"""Which pages may open the socket."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlparse

from channels.security.websocket import OriginValidator
from django.conf import settings

from moderation.live.connection import Send
from moderation.live.socket import Receive, live


class BrowserOrigins:
    """Refuses pages of other origins. Only browsers send an origin; the ticket is what everybody needs."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._validator = OriginValidator(live, allowed)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if self._allows(dict(scope["headers"])):
            await live(scope, receive, send)
        else:
            # Before it is accepted: a browser sees a handshake that failed with 403.
            await receive()
            await send({"type": "websocket.close"})

    def _allows(self, headers: Mapping[bytes, bytes]) -> bool:
        if b"origin" not in headers:
            return True
        try:
            return self._validator.valid_origin(urlparse(headers[b"origin"].decode("latin1")))
        except ValueError:
            return False


def sockets() -> BrowserOrigins:
    """Return the ASGI application for the scope `websocket`."""
    return BrowserOrigins([*settings.CORS_ALLOWED_ORIGINS, *settings.ALLOWED_HOSTS])
