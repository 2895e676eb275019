"""The health check of persistent connections to PostgreSQL."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from psycopg2 import connect

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="is about PostgreSQL"),
]


def answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


@pytest.fixture(autouse=True)
def _leave_a_good_connection() -> Iterator[None]:
    assert answers()
    yield
    connection.close()


def test_idle_connection_is_usable() -> None:
    assert connection.is_usable()


def test_connection_that_broke_in_the_middle_of_a_query_is_replaced() -> None:
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not connection.is_usable()
    connection.close_if_unusable_or_obsolete()
    assert answers()


def test_connection_that_was_closed_by_the_server_while_idle_is_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    other = connect(**{**connection.get_connection_params(), "cursor_factory": None})
    with other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))
    other.close()
    assert not connection.is_usable()
