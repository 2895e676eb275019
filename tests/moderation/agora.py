"""Agora's notifications about a room's channel, and the participants they lead to."""

from typing import Any

from moderation import actions, channel_presence
from moderation.models import LiveProcess
from rooms.agora.notifications import Became, Notification
from rooms.models import Room, Uid, UidType
from tests.running_room import after, participant

STRANGER = "k3fh7q2m5xw4zt6bnd3a"
"""The account of a user known only from Agora's notifications."""

BEGIN = 1_795_348_800
"""Noon in Unix time, which Agora uses."""


def said(
    room: Room, who: str | int, became: Became, seq: int, *, at: int | None = None, uid: int = 7
) -> Notification:
    """A notification about an account or a number, by default `seq` seconds after noon.

    For an account, `uid` is the number that Agora gave it.
    """
    account, number = (who, uid) if isinstance(who, str) else ("", who)
    at = BEGIN + seq if at is None else at
    return Notification(f"notice-{seq}", channel_of(room), became, at, number, account, seq)


def channel_of(room: Room) -> str:
    """The room's current channel."""
    return Room.objects.values_list("channel", flat=True).get(pk=room.pk)


def entered(room: Room, who: str | int, seq: int = 1, *, uid: int = 7) -> Notification:
    return said(room, who, Became.BROADCASTER, seq, uid=uid)


def listens(room: Room, who: str | int, seq: int = 1) -> Notification:
    return said(room, who, Became.AUDIENCE, seq)


def left(room: Room, who: str | int, seq: int = 2) -> Notification:
    return said(room, who, Became.ABSENT, seq)


def destroyed(room: Room, at: int) -> Notification:
    return Notification("notice-of-the-end", channel_of(room), Became.DESTROYED, at)


def use_numbers(room: Room) -> Room:
    """Have the room identify users to Agora by numbers."""
    room.change({"uid_type": UidType.UID})
    return room


def follow(*notices: Notification, seconds: float = 1) -> None:
    for notice in notices:
        channel_presence.apply(notice, after(seconds))


def participants(room: Room, seconds: float = 2) -> list[dict[str, Any]]:
    """The document's participants without alice, while all processes are alive."""
    LiveProcess.objects.update(seen_at=after(seconds))
    shown: list[dict[str, Any]] = actions.read(room.id, after(seconds))["participants"]
    return [one for one in shown if one["name"] != "Alice"]


def stranger(**differing: Any) -> dict[str, Any]:
    """The participant of STRANGER."""
    publishes = differing.get("role") != "subscriber"
    return {
        "alias": STRANGER,
        "name": "",
        "role": "publisher",
        "connected": False,
        "in_channel": True,
        "audio": "inherit",
        "video": "inherit",
        "may_publish_audio": publishes,
        "may_publish_video": publishes,
        "audio_seat": False,
        "video_seat": False,
        **differing,
    }


def ghost(room: Room, user_id: str = "bob", **differing: Any) -> dict[str, Any]:
    return participant(room, user_id, connected=False, in_channel=True, **differing)


def number_of(room: Room, user_id: str, *, screen: bool = False) -> int:
    """The user's number in the room's channel."""
    return Uid.objects.numbers(room.id, channel_of(room), user_id, [screen])[screen]
