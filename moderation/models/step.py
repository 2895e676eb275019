"""What every act writes, by hand: the ORM would take as long for it as for all the rest."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models

from moderation.models.event import Event
from moderation.models.room_state import RoomState

Fields = Sequence[models.Field[Any, Any]]


def _written(model: type[models.Model]) -> Fields:
    return [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 (documented)


def _columns(fields: Fields) -> list[str]:
    return [f'"{field.column}"' for field in fields]


_STATE, _EVENT = _written(RoomState), _written(Event)
_SAVE_STATE = 'UPDATE "moderation_roomstate" SET {} WHERE "room_id" = %s'.format(  # noqa: S608 (our own names)
    ", ".join(f"{column} = %s" for column in _columns(_STATE))
)
_ADD_EVENT = 'INSERT INTO "moderation_event" ({}) VALUES ({})'.format(  # noqa: S608 (our own names)
    ", ".join(_columns(_EVENT)), ", ".join(["%s"] * len(_EVENT))
)


def write(state: RoomState, events: Sequence[Event]) -> None:
    """Save the state and append the events; where the driver allows, by one message to the database."""
    database = connections[DEFAULT_DB_ALIAS]

    def values(row: models.Model, fields: Fields) -> list[Any]:
        return [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]

    statements = [(_SAVE_STATE, [*values(state, _STATE), state.room_id])]
    statements += [(_ADD_EVENT, values(event, _EVENT)) for event in events]
    if database.vendor == "postgresql":
        joined = "; ".join(statement for statement, _ in statements)
        statements = [(joined, [value for _, given in statements for value in given])]
    with database.cursor() as cursor:
        for statement, given in statements:
            cursor.execute(statement, given)
