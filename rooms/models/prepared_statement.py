"""SQL by hand, for what everybody waits for: the ORM would take longer for it than the database does."""

import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections

_VALUE = re.compile(r"\$(\d+)")


class PreparedStatement:
    """An SQL statement under a name of its own; `$1`, `$2` and so on stand for its values."""

    def __init__(self, name: str, sql: str) -> None:
        self.plain = _VALUE.sub(r"%(value\1)s", sql)
        holes = ["%s"] * len(set(_VALUE.findall(sql)))
        self.preparation = f"PREPARE {name} AS {sql}"
        self.execution = f"EXECUTE {name} ({', '.join(holes)})"


Step = tuple[PreparedStatement, Sequence[Any]]

_prepared: WeakKeyDictionary[Any, set[PreparedStatement]] = WeakKeyDictionary()


def run(*steps: Step) -> tuple[Any, ...] | None:
    """Run statements with their values, one after another; return the first row of the last, if there is one.

    To PostgreSQL they are one message. Raises `django.db.Error`.
    """
    database = connections[DEFAULT_DB_ALIAS]
    watched = database.queries_logged or database.execute_wrappers
    if database.vendor == "postgresql" and not watched:
        return _run_prepared(database, steps)
    with database.cursor() as cursor:
        for statement, values in steps:
            cursor.execute(
                statement.plain, {f"value{number}": value for number, value in enumerate(values, start=1)}
            )
        return _first(cursor)


def _run_prepared(database: Any, steps: Sequence[Step]) -> tuple[Any, ...] | None:
    """Run them through the driver: PostgreSQL plans each once a connection, and Django wraps nothing."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        prepared = _prepared.setdefault(database.connection, set())
        for statement, _ in steps:
            if statement not in prepared:
                cursor.execute(statement.preparation)
                prepared.add(statement)
        message = "; ".join([statement.execution for statement, _ in steps])
        cursor.execute(message, [value for _, values in steps for value in values])
        return _first(cursor)


def _first(cursor: Any) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
    return row
