"""Channel layers as they are on a bad day."""

from typing import Any

from channels.layers import InMemoryChannelLayer

HERE = "tests.moderation.live.layers"


class Lossy(InMemoryChannelLayer):
    """Carries nothing."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Lose it."""


class EveryOther(InMemoryChannelLayer):
    """Carries every second message, so that each one leaves a gap before it."""

    _sent = 0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._sent += 1
        if self._sent % 2 == 0:
            await super().group_send(group, message)


class Doubling(InMemoryChannelLayer):
    """Carries everything twice."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for _ in range(2):
            await super().group_send(group, message)


class Ungrateful(InMemoryChannelLayer):
    """Has lost its connection by the time a room is given up."""

    async def group_discard(self, group: str, channel: str) -> None:
        raise ConnectionResetError


class Late(InMemoryChannelLayer):
    """Is away at first."""

    _asked = 0

    async def new_channel(self, prefix: str = "specific.") -> str:
        self._asked += 1
        if self._asked == 1:
            raise ConnectionRefusedError
        channel: str = await super().new_channel(prefix)
        return channel


def named(layer: type[InMemoryChannelLayer]) -> dict[str, dict[str, Any]]:
    return {"default": {"BACKEND": f"{HERE}.{layer.__name__}"}}


# Nobody listens on this port.
REDIS_AWAY = {
    "default": {
        "BACKEND": "moderation.broker.redis_layer.RedisLayer",
        "CONFIG": {"host": {"url": "redis://127.0.0.1:1", "socket_connect_timeout": 0.5}, "prefix": "away"},
    }
}
