"""Runs async tests in an event loop each; database code runs in the main thread, as the fixtures do."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from tests.moderation.live.sockets import close_all


async def _run(test: Callable[..., Awaitable[None]], fixtures: dict[str, Any]) -> None:
    try:
        await test(**fixtures)
    finally:
        await close_all()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    async_to_sync(_run)(pyfuncitem.obj, {name: pyfuncitem.funcargs[name] for name in names})
    return True
