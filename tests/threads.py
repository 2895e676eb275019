"""Database connections of threads that a test starts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


@contextmanager
def closed_connections() -> Iterator[None]:
    """Close the connections of threads at the end: Django keeps in-memory SQLite databases open."""
    opened: list[BaseDatabaseWrapper] = []

    def record(connection: BaseDatabaseWrapper, **_kwargs: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            opened.append(connection)

    connection_created.connect(record)
    try:
        yield
    finally:
        connection_created.disconnect(record)
        for connection in opened:
            if connection.connection is not None:
                connection.connection.close()
