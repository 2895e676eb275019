"""Receives a room's announcements, as another process does."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from moderation.broker import Subscription, broker
from rooms.models import Room

TIMEOUT = 30.0
START, END = "start", "end"


def heard(room: Room, act: Callable[[], Any]) -> list[dict[str, Any]]:
    """Act, and return the messages that were published to the room."""

    async def listen() -> list[dict[str, Any]]:
        subscription = broker().subscription()
        await subscription.add(room.id)
        try:
            async with asyncio.timeout(TIMEOUT):
                await _receives(subscription, room)
                await sync_to_async(act)()
                await asyncio.to_thread(broker().publish, room.id, END)
                return [json.loads(message) async for message in _until_end(subscription)]
        finally:
            await subscription.close()

    return async_to_sync(listen)()


async def _receives(subscription: Subscription, room: Room) -> None:
    """Return once the subscription is known to the broker."""
    while True:
        await asyncio.to_thread(broker().publish, room.id, START)
        try:
            await asyncio.wait_for(subscription.receive(), 0.1)
        except TimeoutError:
            continue
        return


async def _until_end(subscription: Subscription) -> Any:
    while (message := await subscription.receive()) != END:
        if message != START:
            yield message
