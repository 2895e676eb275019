"""The one read that every token request makes, by hand: the ORM would take three times as long."""

from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connections

from rooms.errors import room_not_found
from rooms.roles import Role

# A user id has at least one character.
NOBODY = ""


def ban_holds(banned: bool, until: datetime | None, now: datetime) -> bool:
    """Tell whether a ban is in force: one without an end is for good."""
    return banned and (until is None or until > now)


def in_utc(moment: datetime | None) -> datetime | None:
    """Return what a cursor has read as what it is: SQLite keeps UTC without saying so."""
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


class Standing(NamedTuple):
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
        row = None if "\0" in room_id else _read(room_id, user_id)
        if row is None:
            raise room_not_found()
        version, role, banned, until, assistant = row
        return cls(version, Role(role) if role else None, bool(banned), in_utc(until), bool(assistant))


_QUERY = """
SELECT room.version, member.role, member.banned, member.until, member.assistant
FROM rooms_room room LEFT JOIN rooms_member member ON member.room_id = {room} AND member.user_id = {user}
WHERE room.id = {room}
"""

_prepared: WeakSet[Any] = WeakSet()


def _read(room_id: str, user_id: str) -> tuple[Any, ...] | None:
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql" and not database.queries_logged:
        return _read_prepared(database, room_id, user_id)
    with database.cursor() as cursor:
        cursor.execute(_QUERY.format(room="%(room)s", user="%(user)s"), {"room": room_id, "user": user_id})
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _read_prepared(database: Any, room_id: str, user_id: str) -> tuple[Any, ...] | None:
    """Read through the driver: PostgreSQL plans the query once a connection, and Django wraps nothing."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        if database.connection not in _prepared:
            cursor.execute(f"PREPARE rooms_standing (text, text) AS {_QUERY.format(room='$1', user='$2')}")
            _prepared.add(database.connection)
        cursor.execute("EXECUTE rooms_standing (%s, %s)", (room_id, user_id))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
