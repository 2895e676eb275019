"""Rooms, members, invites, and the uids of `uid` rooms."""

from rooms.models.invite import Invite
from rooms.models.kicking_rule import ADVISORY, KickingRule, Progress
from rooms.models.member import Member, user_id_pattern, user_id_validator
from rooms.models.membership_snapshot import MembershipSnapshot
from rooms.models.rate_limit_slot import RateLimitSlot
from rooms.models.room import MIN_TOKEN_TTL, Encryption, Room, UidType
from rooms.models.uid import Uid

__all__ = [
    "ADVISORY",
    "MIN_TOKEN_TTL",
    "Encryption",
    "Invite",
    "KickingRule",
    "Member",
    "MembershipSnapshot",
    "Progress",
    "RateLimitSlot",
    "Room",
    "Uid",
    "UidType",
    "user_id_pattern",
    "user_id_validator",
]
