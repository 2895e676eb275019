"""Prints every frame of a room: `manage.py issue_token ROOM USER --json | python -m bench.live`."""

import asyncio
import json
import sys
from typing import Any

from bench.live.client import LiveClient


async def watch(live: dict[str, Any]) -> int:
    """Return the final close code of the socket."""

    async def fetch() -> tuple[str, str]:
        return live["url"], live["ticket"]

    def show(frame: dict[str, Any]) -> None:
        print(json.dumps(frame), flush=True)

    async with LiveClient(fetch, show) as client:
        await client.until(lambda one: one.close_code is not None, seconds=sys.maxsize)
    return client.close_code or 0


if __name__ == "__main__":
    try:
        sys.exit(f"closed with {asyncio.run(watch(json.load(sys.stdin)['live']))}")
    except KeyboardInterrupt:
        sys.exit(130)
