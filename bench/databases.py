"""Temporary PostgreSQL databases, filled with rooms."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import extensions
from psycopg2.sql import SQL, Composable, Identifier

from bench import programs
from bench.failure import BenchmarkError
from bench.settings import settings

_SERVER = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")

_SET_UP = """
from django.core.management import call_command
from rooms.models import Room

call_command("migrate", verbosity=0)
Room.objects.create(external_id="template", default_role="publisher")
"""

# All other columns are copied from the template. `bench.targets.name_of` derives the same names.
_FILL = """
INSERT INTO rooms_room
SELECT room.* FROM rooms_room template, generate_series(%(step)s, %(last)s, %(step)s) number,
LATERAL jsonb_populate_record(template, jsonb_build_object(
    'id', left(md5('room ' || number), 22),
    'external_id', 'room ' || number,
    'name', 'Room ' || number,
    'channel', left(md5('channel ' || number), 22),
    'channel_secret', sha256(convert_to('secret ' || number, 'UTF8')),
    'created_at', now() - make_interval(secs => number)
)) room
"""


@contextmanager
def database(name: str, *, last: int, step: int = 1) -> Iterator[str]:
    """Yield the URL of a new database with the rooms number `step`, 2 `step`, … `last`; drop it at the end.

    The name is fixed, so that a run replaces the database that a killed run has left. Concurrent runs would
    distort each other's figures: the second one raises `BenchmarkError`.
    """
    name = f"tokensvc_bench_{name}"
    url = urlsplit(_SERVER)._replace(path=f"/{name}").geturl()
    with closing(_connect(_SERVER)) as server:
        _claim(server, name)
        _drop(server, name)
        _execute(server, SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            _fill(url, last, step)
            yield url
        finally:
            _drop(server, name)


def backends(url: str) -> list[int]:
    """Return the process ids of this database's backends; none if PostgreSQL is on another machine."""
    with closing(_connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall() if _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    name = Path(f"/proc/{pid}/comm")
    return name.exists() and name.read_text().strip() == "postgres"


def _fill(url: str, last: int, step: int) -> None:
    command = [sys.executable, "manage.py", "shell", "--command", _SET_UP]
    programs.run(command, env=programs.environment(settings(url)))
    with closing(_connect(url)) as connection:
        _execute(connection, _FILL, {"last": last, "step": step})
        _execute(connection, "DELETE FROM rooms_room WHERE external_id = 'template'")
        _execute(connection, "VACUUM ANALYZE")


def _connect(url: str) -> extensions.connection:
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.OperationalError as error:
        raise BenchmarkError(f"no PostgreSQL (start one and set BENCH_DATABASE_URL): {error}") from error
    connection.autocommit = True
    return connection


def _claim(server: extensions.connection, name: str) -> None:
    with server.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        claimed = cursor.fetchone()
    if claimed != (True,):
        raise BenchmarkError(f"another run is using the database {name}")


def _drop(server: extensions.connection, name: str) -> None:
    _execute(server, SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _execute(
    connection: extensions.connection, statement: str | Composable, values: Mapping[str, int] | None = None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
