"""Hand-written SQL for hot paths, where the ORM takes longer than the database."""

import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections

_PLACEHOLDER = re.compile(r"\$(\d+)")


class PreparedStatement:
    """A named SQL statement with the placeholders `$1`, `$2` and so on."""

    def __init__(self, name: str, sql: str) -> None:
        self.plain = _PLACEHOLDER.sub(r"%(value\1)s", sql)
        parameters = ["%s"] * len(set(_PLACEHOLDER.findall(sql)))
        self.preparation = f"PREPARE {name} AS {sql}"
        self.execution = f"EXECUTE {name} ({', '.join(parameters)})"


BoundStatement = tuple[PreparedStatement, Sequence[Any]]

_prepared: WeakKeyDictionary[Any, set[PreparedStatement]] = WeakKeyDictionary()


def run(*bound_statements: BoundStatement) -> tuple[Any, ...] | None:
    """Run statements with their values in order; return the first row of the last one, None without rows.

    PostgreSQL gets them in one message. Raises `django.db.Error`.
    """
    database = connections[DEFAULT_DB_ALIAS]
    logged = database.queries_logged or database.execute_wrappers
    if database.vendor == "postgresql" and not logged:
        return _run_prepared(database, bound_statements)
    with database.cursor() as cursor:
        for statement, values in bound_statements:
            cursor.execute(
                statement.plain, {f"value{number}": value for number, value in enumerate(values, start=1)}
            )
        return _first_row(cursor)


def _run_prepared(database: Any, bound_statements: Sequence[BoundStatement]) -> tuple[Any, ...] | None:
    """Run them through the driver, without Django's wrappers; PostgreSQL plans each once per connection."""
    database.close_if_health_check_failed()
    database.ensure_connection()
    with database.wrap_database_errors, database.connection.cursor() as cursor:
        prepared = _prepared.setdefault(database.connection, set())
        for statement, _ in bound_statements:
            if statement not in prepared:
                cursor.execute(statement.preparation)
                prepared.add(statement)
        message = "; ".join([statement.execution for statement, _ in bound_statements])
        cursor.execute(message, [value for _, values in bound_statements for value in values])
        return _first_row(cursor)


def _first_row(cursor: Any) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
    return row
