"""The state of a running room."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple, Self

from django.db import connections, models

from moderation.rule import Medium
from rooms.models.membership_snapshot import SNAPSHOT_COLUMNS, SNAPSHOT_TABLES, MembershipSnapshot, attach_utc
from rooms.models.prepared_statement import PreparedStatement, run
from rooms.models.room import Room, is_over
from rooms.refusals import room_not_found

_WATCH = """
SELECT state.room_id, state.version, state.reconciled_version, state.ended,
    room.version, room.ended_at, room.ends_at
FROM moderation_roomstate state JOIN rooms_room room ON room.id = state.room_id
WHERE state.room_id IN ({})
"""


class RoomVersion(NamedTuple):
    """The version of a running room, and whether the room is reconciled with what changed elsewhere."""

    room_id: str
    version: int
    is_reconciled: bool


class RoomStateQuerySet(models.QuerySet["RoomState"]):
    def lock(self, room_id: str, user_id: str) -> tuple["RoomState", MembershipSnapshot]:
        """Lock the room's state; return it with the user's membership as of then.

        Creates the state if there is none. Refuses with `room_not_found`.
        """
        # A second statement reads, for the first one's snapshot was taken before the wait for the lock.
        read = _READ, (room_id, user_id)
        lockable = connections[self.db].features.has_select_for_update
        row = None if "\0" in room_id else run(*[(_LOCK, (room_id,))] * lockable, read)
        if row is None:
            self.bulk_create([RoomState.of(self._locked_against_deletion(room_id))], ignore_conflicts=True)
            return self.lock(room_id, user_id)
        size = len(_FIELDS)
        return RoomState.from_db(self.db, _FIELDS, row[:size]), MembershipSnapshot.from_row(row[size:])

    def watch(self, room_ids: Collection[str], now: datetime) -> Iterator["RoomVersion"]:
        """Yield the version of each of these rooms that has a state."""
        # Plain SQL: every process runs this twice a second, and acts wait for it.
        holes = ", ".join(["%s"] * len(room_ids))
        with connections[self.db].cursor() as cursor:
            cursor.execute(_WATCH.format(holes or "NULL"), [*room_ids])
            for room_id, version, reconciled, ended, room_version, ended_at, ends_at in cursor.fetchall():
                over = is_over(ended_at, attach_utc(ends_at), now)
                yield RoomVersion(room_id, version, reconciled == room_version and over == bool(ended))

    def _locked_against_deletion(self, room_id: str) -> Room:
        """Return the room, locked against deletion until its state is written."""
        # Plain SQL: acts that hold the state would wait for any lock that the ORM can take.
        lock = "FOR KEY SHARE" if connections[self.db].features.has_select_for_update else ""
        rooms = Room.objects.raw(f"SELECT * FROM rooms_room WHERE id = %s {lock}", [room_id])  # noqa: S608 (our own names)
        room = None if "\0" in room_id else next(iter(rooms), None)
        if room is None:
            raise room_not_found()
        return room


class RoomState(models.Model):
    """The room-wide flags, and the room as it was last announced."""

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="state")
    version = models.PositiveBigIntegerField(default=0)
    mute_everyone = models.BooleanField(default=False)
    webcams_disabled = models.BooleanField(default=False)
    audio_limit = models.PositiveSmallIntegerField()
    video_limit = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=63)
    ended = models.BooleanField(default=False)
    reconciled_version = models.PositiveBigIntegerField(
        help_text="The version of the room and its members that this state is reconciled with."
    )

    objects = RoomStateQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.room_id)

    @classmethod
    def of(cls, room: Room) -> Self:
        """Return the initial state of a room."""
        return cls(
            room=room,
            audio_limit=room.audio_limit,
            video_limit=room.video_limit,
            channel=room.channel,
            reconciled_version=room.version,
        )

    def forbids(self, medium: Medium) -> bool:
        return self.mute_everyone if medium is Medium.AUDIO else self.webcams_disabled

    def limit(self, medium: Medium) -> int:
        return self.audio_limit if medium is Medium.AUDIO else self.video_limit


_FIELDS = [field.attname for field in RoomState._meta.concrete_fields]  # noqa: SLF001 (documented)
_LOCK = PreparedStatement("moderation_lock", "SELECT FROM moderation_roomstate WHERE room_id = $1 FOR UPDATE")
_READ = PreparedStatement(
    "moderation_read",
    f"SELECT {', '.join(f'state.{name}' for name in _FIELDS)}, {SNAPSHOT_COLUMNS} FROM {SNAPSHOT_TABLES} "  # noqa: S608 (our own names)
    "JOIN moderation_roomstate state ON state.room_id = room.id WHERE room.id = $1",
)
