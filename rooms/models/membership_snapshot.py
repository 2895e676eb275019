"""A room's version and one user's membership: the one read of every token request."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from rooms.models.prepared_statement import PreparedStatement, run
from rooms.refusals import room_not_found
from rooms.roles import Role

NO_USER = ""
"""Matches no member: a user id has at least one character."""


def ban_holds(banned: bool, until: datetime | None, now: datetime) -> bool:
    """Tell whether a ban is in force; one without `until` never ends."""
    return banned and (until is None or until > now)


def attach_utc(moment: datetime | None) -> datetime | None:
    """Attach UTC; raw SQLite cursors return naive datetimes."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


SNAPSHOT_COLUMNS = "room.version, member.role, member.banned, member.until, member.assistant"
SNAPSHOT_TABLES = """rooms_room room
LEFT JOIN rooms_member member ON member.room_id = $1 AND member.user_id = $2"""
"""The tables of `SNAPSHOT_COLUMNS`, for the room `$1` and the user `$2`."""

_READ = PreparedStatement(
    "rooms_membership",
    f"SELECT {SNAPSHOT_COLUMNS} FROM {SNAPSHOT_TABLES} WHERE room.id = $1",  # noqa: S608 (our own names)
)


class MembershipSnapshot(NamedTuple):
    """A room's version and one user's membership, read in one snapshot."""

    version: int
    role: Role | None = None
    banned: bool = False
    until: datetime | None = None
    assistant: bool = False

    def is_banned(self, now: datetime) -> bool:
        return ban_holds(self.banned, self.until, now)

    @classmethod
    def of(cls, room_id: str, user_id: str) -> Self:
        """Read the user's membership. Refuses with `room_not_found`."""
        row = None if "\0" in room_id else run((_READ, (room_id, user_id)))
        if row is None:
            raise room_not_found()
        return cls.from_row(row)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Convert a row of `SNAPSHOT_COLUMNS`."""
        version, role, banned, until, assistant = row
        return cls(version, Role(role) if role else None, bool(banned), attach_utc(until), bool(assistant))
