"""Another process's ear for a room, on the channel layer of the settings."""

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async

from moderation.broker.announcements import channel_layer, group_of
from rooms.models import Room

# Seconds of silence after which there is nothing more to hear.
SILENCE = 0.3


def heard(room: Room, act: Callable[[], Any]) -> list[dict[str, Any]]:
    """Act, and return the messages that the room's group was sent."""

    async def listen() -> list[dict[str, Any]]:
        layer = channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group_of(room.id), channel)
        await sync_to_async(act)()
        messages = []
        while True:
            try:
                messages.append(await asyncio.wait_for(layer.receive(channel), SILENCE))
            except TimeoutError:
                await layer.group_discard(group_of(room.id), channel)
                return messages

    return async_to_sync(listen)()
