"""The facts: rooms, who is a member as what, invites, and the numbers of `uid` rooms."""

from rooms.models.call_slot import CallSlot
from rooms.models.invite import Invite
from rooms.models.kicking_rule import ADVISORY, KickingRule, Progress
from rooms.models.member import Member, user_id_pattern, user_id_validator
from rooms.models.room import MIN_TOKEN_TTL, Encryption, Room, UidType
from rooms.models.standing import Standing
from rooms.models.uid import Uid

__all__ = [
    "ADVISORY",
    "MIN_TOKEN_TTL",
    "CallSlot",
    "Encryption",
    "Invite",
    "KickingRule",
    "Member",
    "Progress",
    "Room",
    "Standing",
    "Uid",
    "UidType",
    "user_id_pattern",
    "user_id_validator",
]
