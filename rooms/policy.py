"""The facts about a room that issuing needs, as one immutable value, cached by id and version."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Self

from rooms.models.room import Encryption, Room, UidType, is_over
from rooms.roles import Role


@dataclass(frozen=True, slots=True)
class Policy:
    room_id: str
    name: str
    region: str
    cross_region: bool
    channel: str
    channel_secret: bytes = field(repr=False)
    default_role: Role | None
    token_ttl: int
    audio_limit: int
    video_limit: int
    uid_type: UidType
    encryption: Encryption
    ends_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, room: Room) -> Self:
        return cls(
            room_id=room.id,
            name=room.name,
            region=room.region,
            cross_region=room.cross_region,
            channel=room.channel,
            channel_secret=bytes(room.channel_secret),
            default_role=Role(room.default_role) if room.default_role else None,
            token_ttl=room.token_ttl,
            audio_limit=room.audio_limit,
            video_limit=room.video_limit,
            uid_type=UidType(room.uid_type),
            encryption=Encryption(room.encryption),
            ends_at=room.ends_at,
            ended_at=room.ended_at,
        )

    def is_over(self, now: datetime) -> bool:
        return is_over(self.ended_at, self.ends_at, now)


@lru_cache(maxsize=10_000)
def policy_at(room_id: str, version: int) -> Policy:
    """Return the policy of the room at `version`, or at a later one if it has just changed.

    `version` is only the cache's key: every change of a room raises it, so an entry is never stale. Do not
    call this in a transaction that has changed the room: the change may be rolled back. Refuses with
    `room_not_found`.
    """
    return load_policy(room_id)


def load_policy(room_id: str) -> Policy:
    """Read the policy of the room as it is now. Refuses with `room_not_found`."""
    return Policy.of(Room.objects.get_or_refuse(room_id))
