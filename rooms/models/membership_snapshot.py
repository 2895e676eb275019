"""Where a user stands in a room: the one read that every token request makes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from rooms.models.prepared_statement import PreparedStatement, run
from rooms.refusals import room_not_found
from rooms.roles import Role

# A user id has at least one character.
NOBODY = ""


def ban_holds(banned: bool, until: datetime | None, now: datetime) -> bool:
    """Tell whether a ban is in force: one without an end is for good."""
    return banned and (until is None or until > now)


def in_utc(moment: datetime | None) -> datetime | None:
    """Return what a cursor has read as what it is: SQLite keeps UTC without saying so."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


COLUMNS = "room.version, member.role, member.banned, member.until, member.assistant"
OF_USER = """rooms_room room
LEFT JOIN rooms_member member ON member.room_id = $1 AND member.user_id = $2"""
"""The tables of `COLUMNS`, for the room `$1` and the user `$2`."""

_READ = PreparedStatement("rooms_standing", f"SELECT {COLUMNS} FROM {OF_USER} WHERE room.id = $1")  # noqa: S608 (our own names)


class MembershipSnapshot(NamedTuple):
    """What the database says, in one snapshot, about a room and one user of it."""

    version: int
    role: Role | None = None
    banned: bool = False
    until: datetime | None = None
    assistant: bool = False

    def is_banned(self, now: datetime) -> bool:
        return ban_holds(self.banned, self.until, now)

    @classmethod
    def of(cls, room_id: str, user_id: str) -> Self:
        """Read where the user stands in the room. Refuses with `room_not_found`."""
        row = None if "\0" in room_id else run((_READ, (room_id, user_id)))
        if row is None:
            raise room_not_found()
        return cls.from_row(row)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return what `COLUMNS` say."""
        version, role, banned, until, assistant = row
        return cls(version, Role(role) if role else None, bool(banned), in_utc(until), bool(assistant))
