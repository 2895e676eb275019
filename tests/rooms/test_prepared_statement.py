"""Prepared statements: results, planning by PostgreSQL, and Django's query log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rooms.models import Room
from rooms.models.prepared_statement import PreparedStatement, run

pytestmark = pytest.mark.django_db

RENAME = PreparedStatement("test_rename", "UPDATE rooms_room SET name = $2 WHERE id = $1")
NAMES = PreparedStatement(
    "test_names", "SELECT name, external_id FROM rooms_room WHERE id = $1 OR external_id = $2"
)
WRONG = PreparedStatement("test_wrong", "UPDATE rooms_room SET channel = NULL WHERE id = $1")


@pytest.fixture
def named(room: Room) -> Room:
    room.change({"name": "Before"})
    return room


def prepared() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'test_%'")
        return {name for (name,) in cursor.fetchall()}


def test_row_of_the_last_statement_is_returned_after_earlier_writes(named: Room) -> None:
    assert run((NAMES, (named.id, "nobody's"))) == ("Before", named.external_id)
    steps = (RENAME, (named.id, "100 %s 'quoted' $1")), (NAMES, (named.id, None))
    assert run(*steps) == ("100 %s 'quoted' $1", named.external_id)


def test_none_is_returned_without_rows(named: Room) -> None:
    assert run((NAMES, ("no such room", None))) is None
    assert run((NAMES, (named.id, None)), (RENAME, (named.id, "After"))) is None
    assert Room.objects.get().name == "After"


def test_database_error_is_raised_as_djangos_and_the_next_statement_works(named: Room) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        run((RENAME, (named.id, "After")), (WRONG, (named.id,)))
    assert run((NAMES, (named.id, None))) == ("Before", named.external_id)


def test_query_log_has_the_statements(named: Room) -> None:
    with CaptureQueriesContext(connection) as captured:
        run((RENAME, (named.id, "After")), (NAMES, (named.id, None)))
    assert [query["sql"].split()[0] for query in captured] == ["UPDATE", "SELECT"]
    assert "After" in captured[0]["sql"]


def test_execute_wrapper_sees_the_statements(named: Room) -> None:
    seen = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        seen.append(sql.split(maxsplit=1)[0])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        run((RENAME, (named.id, "After")), (NAMES, (named.id, None)))
    assert seen == ["UPDATE", "SELECT"]


@pytest.mark.django_db(transaction=True)
def test_postgresql_plans_it_once_a_connection(named: Room) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps prepared statements")
    connection.close()
    for _ in range(2):
        run((NAMES, (named.id, None)))
        run((RENAME, (named.id, "After")), (NAMES, (named.id, None)))
    assert prepared() == {"test_names", "test_rename"}
    connection.close()
    assert prepared() == set()
    assert run((NAMES, (named.id, None))) == ("After", named.external_id)
    assert prepared() == {"test_names"}
