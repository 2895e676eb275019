"""Agora's notifications: what its servers say of channels, signed, now and then twice, in any order.

Source: docs.agora.io, notification centre, channel event callbacks.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

_REAL_TIME_COMMUNICATION: Final = 1
_LARGEST: Final = 2**63 - 1


class Became(Enum):
    """What an event has made of a user, or of the channel."""

    BROADCASTER = "broadcaster"
    AUDIENCE = "audience"
    ABSENT = "absent"
    DESTROYED = "destroyed"


# In a channel with the communication profile (107, 108) everybody may speak.
_EVENTS: Mapping[int, Became] = {
    102: Became.DESTROYED,
    103: Became.BROADCASTER,
    104: Became.ABSENT,
    105: Became.AUDIENCE,
    106: Became.ABSENT,
    107: Became.BROADCASTER,
    108: Became.ABSENT,
    111: Became.BROADCASTER,
    112: Became.AUDIENCE,
}


class UnreadableNotification(ValueError):
    """A body that is not as documented; `field` is the path of what is wrong, empty for all of it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field or 'The body'} {reason}.")
        self.field = field


@dataclass(frozen=True, slots=True)
class Notification:
    """One event of a channel. `at` is Unix time in seconds.

    `seq` orders the events of one user; of a destroyed channel it is 0, as is `uid`. `account` is empty for
    users who joined with a number, and is not always given for others.
    """

    notice_id: str
    channel: str
    became: Became
    at: int
    uid: int = 0
    account: str = ""
    seq: int = 0


def is_signed(body: bytes, secret: str, *, sha1: str, sha256: str) -> bool:
    """Tell whether both signatures (`Agora-Signature`, `Agora-Signature-V2`) are those of the raw body."""
    given = {"sha1": sha1, "sha256": sha256}
    # Both are compared in any case, and as bytes: text that is not ASCII cannot be.
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), body, digest).hex().encode(), signature.encode())
        for digest, signature in given.items()
    ]
    return all(matches)


def parse(body: bytes) -> Notification | None:
    """Read the body; None when it is not about who is in a channel, as with other products and newer events.

    Raises `UnreadableNotification`.
    """
    notice = _json_object(body)
    product, event = _whole(notice, "productId"), _whole(notice, "eventType")
    became = _EVENTS.get(event)
    if product != _REAL_TIME_COMMUNICATION or became is None:
        return None
    payload = notice.get("payload")
    if not isinstance(payload, dict):
        raise UnreadableNotification("payload", "must be an object")
    notice_id, channel = _text(notice, "noticeId"), _text(payload, "channelName", "payload/")
    at = _whole(payload, "ts", "payload/")
    if became is Became.DESTROYED:
        return Notification(notice_id, channel, became, at)
    return Notification(
        notice_id,
        channel,
        became,
        at,
        uid=_whole(payload, "uid", "payload/"),
        account="" if payload.get("account") is None else _text(payload, "account", "payload/"),
        seq=_whole(payload, "clientSeq", "payload/"),
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableNotification("", "must be a JSON object")
    return found


def _whole(found: Mapping[str, Any], name: str, path: str = "") -> int:
    value = found.get(name)
    if type(value) is not int or not 0 <= value <= _LARGEST:  # a bool is an int as well
        raise UnreadableNotification(f"{path}{name}", f"must be a whole number from 0 to {_LARGEST}")
    return value


def _text(found: Mapping[str, Any], name: str, path: str = "") -> str:
    value = found.get(name)
    if not (isinstance(value, str) and value.isprintable()):
        raise UnreadableNotification(f"{path}{name}", "must be printable text")
    return value
