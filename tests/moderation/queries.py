"""The database queries of a call."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def asked(act: Callable[..., Any], *arguments: Any) -> list[str]:
    """Call, and return the SQL statements it ran."""
    with CaptureQueriesContext(connection) as captured:
        act(*arguments)
    return [query["sql"] for query in captured]


def written(statements: list[str]) -> list[str]:
    """Return the statements that write."""
    return [sql for sql in statements if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
