"""Running database code from the event loop."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


async def run_in_database_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in the one thread of this process that uses the database; calls wait for each other."""
    return await sync_to_async(_with_usable_connection)(partial(function, *args, **kwargs))


def _with_usable_connection(call: Callable[[], T]) -> T:
    """Close connections that are broken or too old, before and after, as Django does for a request."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
