"""The writes of an act, as one message to the database."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from moderation.models.event import Event
from moderation.models.room_state import RoomState
from moderation.rule import Medium, Override
from rooms.models.prepared_statement import PreparedStatement, run
from rooms.roles import Role

Fields = Sequence[models.Field[Any, Any]]


def _written_fields(model: type[models.Model]) -> Fields:
    return [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 (documented)


def _columns(fields: Fields) -> list[str]:
    return [f'"{field.column}"' for field in fields]


def _placeholders(fields: Fields) -> list[str]:
    return [f"${number}" for number, _ in enumerate(fields, start=1)]


_STATE, _EVENT = _written_fields(RoomState), _written_fields(Event)
_SAVE_STATE = PreparedStatement(
    "moderation_save_state",
    'UPDATE "moderation_roomstate" SET {} WHERE "room_id" = ${}'.format(  # noqa: S608 (our own names)
        ", ".join(map(" = ".join, zip(_columns(_STATE), _placeholders(_STATE), strict=True))), len(_STATE) + 1
    ),
)
_ADD_EVENT = PreparedStatement(
    "moderation_add_event",
    'INSERT INTO "moderation_event" ({}) VALUES ({})'.format(  # noqa: S608 (our own names)
        ", ".join(_columns(_EVENT)), ", ".join(_placeholders(_EVENT))
    ),
)


def _release_seats(medium: Medium) -> PreparedStatement:
    seat = f"{medium.value}_seat"
    sql = f"UPDATE moderation_participantstate SET {seat} = false "  # noqa: S608 (our own names)
    return PreparedStatement(
        f"moderation_release_{medium.value}",
        f"{sql}WHERE room_id = $1 AND {seat} AND {medium.value} = $2 AND role <> $3",
    )


# The flags apply to participants with this override, except for those with this role.
_OVERRIDE_AND_EXEMPT_ROLE = (Override.INHERIT.value, Role.HOST.value)
_RELEASE_SEATS = {medium: _release_seats(medium) for medium in Medium}


def write(state: RoomState, events: Sequence[Event], forbidden: Collection[Medium]) -> None:
    """Save the state, append the events, and release the seats of `forbidden` media.

    Participants whom an override or their role allows to publish keep the seat.
    """
    database = connections[DEFAULT_DB_ALIAS]

    def values(row: models.Model, fields: Fields) -> list[Any]:
        return [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]

    room_id = state.room_id
    run(
        *(
            (_RELEASE_SEATS[medium], (room_id, Override.INHERIT.value, Role.HOST.value))
            for medium in forbidden
        ),
        (_SAVE_STATE, [*values(state, _STATE), room_id]),
        *((_ADD_EVENT, values(event, _EVENT)) for event in events),
    )
