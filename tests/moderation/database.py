"""The contents of the whole database."""

from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import connection


def contents() -> dict[str, list[str]]:
    """The rows of each table as text, in a stable order."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return {table: sorted(_rows(cursor, table)) for table in tables}


def _rows(cursor: Any, table: str) -> Iterable[str]:
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own names)
    return [" | ".join(map(_text, row)) for row in cursor.fetchall()]


def _text(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def found(words: Iterable[str]) -> set[str]:
    """Return the words that occur in the database, including decoded staff sessions."""
    rows = [row for table in contents().values() for row in table]
    rows += [str(session.get_decoded()) for session in Session.objects.all()]
    text = "\n".join(rows)
    return {word for word in words if word in text}
