"""A database that fails or is slow, as the code under test sees it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from django.db import OperationalError, connections

TIMEOUT = 30.0

CONNECTION_LOST = OperationalError("server closed the connection unexpectedly")


@asynccontextmanager
async def _before_statements(about: str, do: Callable[[], None]) -> AsyncIterator[None]:
    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if about in sql:
            do()
        return run(sql, *rest)

    # Each thread has connections of its own; the tests' are the main thread's.
    wrappers = (await sync_to_async(connections.__getitem__)("default")).execute_wrappers
    wrappers.append(execute)
    try:
        yield
    finally:
        wrappers.remove(execute)


@asynccontextmanager
async def database_away(
    *, for_statements_about: str = "", error: Exception = CONNECTION_LOST
) -> AsyncIterator[None]:
    """Make statements that contain this text fail; by default all."""

    def fail() -> None:
        raise error

    async with _before_statements(for_statements_about, fail):
        yield


class Pause:
    """Blocks its callers until it is ended."""

    def __init__(self) -> None:
        self._reached, self._over = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self._reached.set()
        self._over.wait(TIMEOUT)

    async def reached(self) -> None:
        """Return once a caller is blocked."""
        async with asyncio.timeout(TIMEOUT):
            while not self._reached.is_set():
                await asyncio.sleep(0.01)

    def end(self) -> None:
        self._over.set()


@asynccontextmanager
async def paused_database(*, for_statements_about: str) -> AsyncIterator[Pause]:
    """Block statements that contain this text, and all that follow, until the pause is ended."""
    pause = Pause()
    async with _before_statements(for_statements_about, pause):
        try:
            yield pause
        finally:
            pause.end()
