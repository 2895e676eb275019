"""Ends rooms and adds participants to them, in a database that `bench.databases` has filled."""

import sys
from contextlib import closing

import psycopg2

from bench import programs
from bench.settings import settings

# A room with three participants; the other rooms get copies of its rows.
_TEMPLATE = """
from django.utils import timezone
from moderation import actions, presence
from moderation.act_context import ActContext
from moderation.models import LiveProcess
from rooms.callers import Backend, TicketHolder
from rooms.models import Member, Room
from rooms.roles import Role

now, room = timezone.now(), Room.objects.create(external_id="template")
LiveProcess.objects.renew("bench", now)
for number in range(3):
    user_id = f"user-{number}"
    Member.objects.appoint(room, user_id, Role.PUBLISHER)
    presence.join(TicketHolder(user_id, room.pk, Role.PUBLISHER, "Ada Lovelace"), user_id, "bench", now)
actions.end(ActContext(room.pk, Backend("bench"), now))
"""
EACH = "its state, 3 members, 3 participants and 4 events"

_END = """
UPDATE rooms_room SET ended_at = now() - make_interval(hours => %(slices)s - number * %(slices)s / %(count)s)
    - make_interval(mins => 30)
FROM generate_series(0, %(count)s - 1) number
WHERE id = left(md5('room ' || (number + 1) * %(step)s), 22)
"""
_COPY = """
WITH template AS MATERIALIZED (
    SELECT * FROM {table} WHERE room_id = (SELECT id FROM rooms_room WHERE external_id = 'template')
)
INSERT INTO {table} SELECT copy.* FROM rooms_room room, template,
LATERAL jsonb_populate_record(template::{table}, jsonb_build_object('room_id', room.id) || {id}) copy
WHERE room.ended_at IS NOT NULL AND room.external_id <> 'template'
"""
_NEW_ID = "jsonb_build_object('id', nextval(pg_get_serial_sequence('{table}', 'id')))"
_TABLES = ("rooms_member", "moderation_participantstate", "moderation_event")


def fill(url: str, *, count: int, step: int, slices: int) -> None:
    """End `count` rooms, every `step`th: the last slice 90 minutes ago, each earlier slice an hour before."""
    command = [sys.executable, "manage.py", "shell", "--command", _TEMPLATE]
    programs.run(command, env=programs.environment(settings(url)))
    copies = [_COPY.format(table=table, id=_NEW_ID.format(table=table)) for table in _TABLES]
    states = _COPY.format(table="moderation_roomstate", id="'{}'")
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_END, {"count": count, "step": step, "slices": slices})
        for statement in (states, *copies, "VACUUM ANALYZE"):
            cursor.execute(statement)
