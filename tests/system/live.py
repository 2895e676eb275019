"""A room on several processes that hold sockets: its clients, and what the server itself says of it."""

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from copy import deepcopy
from itertools import count
from typing import Any

from bench.live.client import Fetch, LiveClient
from bench.live.document import Document
from tests.system.servers import Answer, Server, identity

FLAGS = {"mute_everyone": False, "webcams_disabled": False}


class Witness(LiveClient):
    """Keeps what each of its connections was told: a snapshot, and the updates after it."""

    def __init__(self, fetch: Fetch) -> None:
        super().__init__(fetch)
        # As text: the document takes parts of a message over, and changes them.
        self._frames: list[list[str]] = []
        self.close_codes: list[int | None] = []

    @property
    def told(self) -> list[list[dict[str, Any]]]:
        """All that came of the room, by connection."""
        return [[json.loads(frame) for frame in frames] for frames in self._frames if frames]

    async def _receive(self, url: str, ticket: str) -> None:
        self._frames.append([])
        await super()._receive(url, ticket)
        self.close_codes.append(self.close_code)

    def _on_message(self, message: dict[str, Any]) -> None:
        if message["type"] in {"snapshot", "update"}:
            self._frames[-1].append(json.dumps(message))
        super()._on_message(message)

    def assert_told_in_order(self, log: Sequence[dict[str, Any]]) -> None:
        """Each connection had a snapshot and then the log from there on: nothing missing, nothing twice."""
        assert self.gaps == 0
        for snapshot, *updates in self.told:
            since = snapshot["version"]
            assert (snapshot["type"], updates) == (
                "snapshot",
                [{"type": "update", **event} for event in log[since : since + len(updates)]],
            )


class LiveRoom:
    """A room, and the processes that serve it, which it speaks to as the app's backend."""

    def __init__(self, servers: Sequence[Server], backend: str, **fields: Any) -> None:
        self.servers = list(servers)
        self._backend = backend
        created = servers[0].aside("POST", "/api/v1/rooms/", backend, {"default_role": "publisher", **fields})
        self.id: str = created.json["id"]
        self._limits = {name: created.json[name] for name in ("audio_limit", "video_limit")}

    def member(self, user: str, role: str, *, at: int = 0) -> Answer:
        member = f"/api/v1/rooms/{self.id}/members/{user}/"
        return self.servers[at].aside("PUT", member, self._backend, {"role": role})

    async def rest(
        self, method: str, path: str, body: Any = None, *, at: int = 0, authorization: str = ""
    ) -> Answer:
        """Ask one of the processes for something under the room's address."""
        address = f"/api/v1/rooms/{self.id}/{path}"
        caller = authorization or self._backend
        return await asyncio.to_thread(self.servers[at].aside, method, address, caller, body)

    def admission(self, user: str, at: Sequence[int]) -> Fetch:
        """Return what fetches a new ticket each time, and goes to each of these processes in turn."""
        turns = count()

        async def fetch() -> tuple[str, str]:
            server = at[next(turns) % len(at)]
            wanted = {"name": user.title()}
            answer = await self.rest("POST", "tokens/", wanted, at=server, authorization=identity(user))
            if answer.status != 200:
                raise ConnectionError(answer.json["code"])
            return self.socket_url(server), answer.json["live"]["ticket"]

        return fetch

    def socket_url(self, at: int) -> str:
        return f"ws://127.0.0.1:{self.servers[at].port}/ws/rooms/{self.id}/"

    async def document(self, *, at: int = 0) -> dict[str, Any]:
        document: dict[str, Any] = (await self.rest("GET", "moderation/", at=at)).json
        return document

    async def log(self) -> list[dict[str, Any]]:
        """Return the whole log, which has every version from 1 on."""
        log: list[dict[str, Any]] = []
        while page := (await self.rest("GET", f"moderation/events/?since={len(log)}")).json["results"]:
            log += page
        assert [event["version"] for event in log] == list(range(1, len(log) + 1))
        return log

    def replay(self, log: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """Yield the document after each event, as it follows from the log alone."""
        document = Document()
        empty = {"version": 0, "room": {**FLAGS, **self._limits}, "participants": [], "you": {"alias": ""}}
        document.load(empty)
        for event in log:
            document.apply(deepcopy(event))
            yield deepcopy(document.as_shown())

    async def until_told(self, clients: Sequence[LiveClient], seconds: float) -> float:
        """Return how long it took until all clients had heard of what has happened by now."""
        version, began = (await self.document())["version"], time.monotonic()
        for client in clients:
            await client.until(lambda one: one.document.version >= version, seconds)
        return time.monotonic() - began

    async def until_right(self, clients: Sequence[LiveClient], seconds: float) -> float:
        """Return how long it took until all clients had the server's document."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            shown = await self.document()
            while any(client.document.as_shown() != shown for client in clients):
                await asyncio.sleep(0.02)
                shown = await self.document()
        return time.monotonic() - began

    async def assert_consistent(self, clients: Sequence[Witness]) -> list[dict[str, Any]]:
        """The log has no hole and gives the document, and that is what all clients were told."""
        await self.until_right(clients, 10)
        log, document = await self.log(), await self.document()
        assert list(self.replay(log))[-1] == document
        for client in clients:
            client.assert_told_in_order(log)
        return log


async def everybody_in(stack: AsyncExitStack, clients: Sequence[Witness], seconds: float = 30) -> None:
    """Have all clients come in and know of each other."""
    await asyncio.gather(*(stack.enter_async_context(client) for client in clients))
    for client in clients:
        await client.until(lambda one: len(one.document.participants) >= len(clients), seconds)
