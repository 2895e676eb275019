"""The facts: rooms, who is a member as what, invites, and the numbers of `uid` rooms."""

from rooms.models.invite import Invite
from rooms.models.member import Member, user_id_pattern, user_id_validator
from rooms.models.room import MIN_TOKEN_TTL, Encryption, Room, UidType
from rooms.models.standing import Standing
from rooms.models.uid import Uid

__all__ = [
    "MIN_TOKEN_TTL",
    "Encryption",
    "Invite",
    "Member",
    "Room",
    "Standing",
    "Uid",
    "UidType",
    "user_id_pattern",
    "user_id_validator",
]
