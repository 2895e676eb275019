"""The health check of persistent connections to PostgreSQL."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from psycopg2 import connect

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]


def responds() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


@pytest.fixture(autouse=True)
def _restore_connection() -> Iterator[None]:
    assert responds()
    yield
    connection.close()


def test_idle_connection_is_usable() -> None:
    assert connection.is_usable()


def test_connection_lost_during_a_query_is_replaced() -> None:
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not connection.is_usable()
    connection.close_if_unusable_or_obsolete()
    assert responds()


def test_idle_connection_closed_by_the_server_is_replaced() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone()
    other = connect(**{**connection.get_connection_params(), "cursor_factory": None})
    with other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))
    other.close()
    assert not connection.is_usable()
