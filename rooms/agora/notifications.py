"""Agora's signed notifications of channel events; they may arrive twice and in any order.

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
    """The state of a user, or of the channel, after an event."""

    BROADCASTER = "broadcaster"
    AUDIENCE = "audience"
    ABSENT = "absent"
    DESTROYED = "destroyed"


# 107 and 108 are of channels with the communication profile, in which everybody may speak.
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
    """A body that is not as documented; `field` is a path into it, empty for the whole body."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field or 'The body'} {reason}.")
        self.field = field


@dataclass(frozen=True, slots=True)
class Notification:
    """One event of a channel. `at` is Unix time in seconds.

    `seq` orders the events of one user; it is 0 for a destroyed channel, and so is `uid`. `account` is empty
    for users who joined with a number, and may be missing for others.
    """

    notice_id: str
    channel: str
    became: Became
    at: int
    uid: int = 0
    account: str = ""
    seq: int = 0


def is_signed(body: bytes, secret: str, *, sha1: str, sha256: str) -> bool:
    """Verify both signatures (`Agora-Signature`, `Agora-Signature-V2`) of the raw body."""
    given = {"sha1": sha1, "sha256": sha256}
    # Compare as bytes: `compare_digest` takes no text outside ASCII. Never stop at the first mismatch.
    matches = [
        hmac.compare_digest(hmac.digest(secret.encode(), body, digest).hex().encode(), signature.encode())
        for digest, signature in given.items()
    ]
    return all(matches)


def parse(body: bytes) -> Notification | None:
    """Parse the body; None for other products and unknown events. Raises `UnreadableNotification`."""
    notice = _json_object(body)
    product, event = _integer(notice, "productId"), _integer(notice, "eventType")
    became = _EVENTS.get(event)
    if product != _REAL_TIME_COMMUNICATION or became is None:
        return None
    payload = notice.get("payload")
    if not isinstance(payload, dict):
        raise UnreadableNotification("payload", "must be an object")
    notice_id, channel = _text(notice, "noticeId"), _text(payload, "channelName", "payload/")
    at = _integer(payload, "ts", "payload/")
    if became is Became.DESTROYED:
        return Notification(notice_id, channel, became, at)
    return Notification(
        notice_id,
        channel,
        became,
        at,
        uid=_integer(payload, "uid", "payload/"),
        account="" if payload.get("account") is None else _text(payload, "account", "payload/"),
        seq=_integer(payload, "clientSeq", "payload/"),
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableNotification("", "must be a JSON object")
    return found


def _integer(found: Mapping[str, Any], name: str, path: str = "") -> int:
    value = found.get(name)
    if type(value) is not int or not 0 <= value <= _LARGEST:  # a bool is an int as well
        raise UnreadableNotification(f"{path}{name}", f"must be a whole number from 0 to {_LARGEST}")
    return value


def _text(found: Mapping[str, Any], name: str, path: str = "") -> str:
    value = found.get(name)
    if not (isinstance(value, str) and value.isprintable()):
        raise UnreadableNotification(f"{path}{name}", "must be printable text")
    return value
