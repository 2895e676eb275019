"""Agora's token formats: pure functions over frozen values; time and salt are passed in.

app = App(app_id, (certificate,))
rtc_token, rtm_token = sign(app, Rtc.publisher(channel, uid), Rtm(user_id),
                            issued_at=now, expires_in=3600, salt=salt)
access_token2.parse(rtc_token).signed_by(certificate)
"""

from rooms.agora import access_token, access_token2
from rooms.agora.app import App
from rooms.agora.limits import MAX_LIFETIME, MAX_SALT, MAX_UID, UnusableValue
from rooms.agora.services import Apaas, Chat, Rtc, Rtm, Service
from rooms.agora.wire import Malformed

__all__ = [
    "MAX_LIFETIME",
    "MAX_SALT",
    "MAX_UID",
    "Apaas",
    "App",
    "Chat",
    "Malformed",
    "Rtc",
    "Rtm",
    "Service",
    "UnusableValue",
    "access_token",
    "access_token2",
    "sign",
]


def sign(app: App, *services: Rtc | Rtm, issued_at: int, expires_in: int, salt: int) -> tuple[str, ...]:
    """Return a token for each of `services`, in the app's token version.

    007 puts all services into one token, returned once for each; 006 takes a token for each. `issued_at` is
    Unix time, `expires_in` seconds (1 to 86400), `salt` from 1 to 99999999. Raises `UnusableValue` for values
    that Agora refuses.
    """
    if not services:
        raise UnusableValue("services", "must not be empty")
    if app.token_version == access_token2.VERSION:
        token = access_token2.sign(app, services, issued_at=issued_at, expires_in=expires_in, salt=salt)
        return (token,) * len(services)
    return tuple(
        access_token.sign(app, service, issued_at=issued_at, expires_in=expires_in, salt=salt)
        for service in services
    )
