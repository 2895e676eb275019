"""Somebody in a room, and how each contestant's server is talked to."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self, TypeVar

from bench.live.websocket import WebSocket
from bench.servers import Server
from bench.targets import name_of
from bench.tickets import ticket

MUTED = {True: b'"action":"mute_everyone"', False: b'"action":"unmute_everyone"'}
"""What is in the update that tells that everybody was muted, or no longer is: both servers send the same."""


class Guest:
    """One socket. `is_in` tells that the server has let it into its room."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.is_in = False

    @classmethod
    def enter(cls, port: int, room: int, number: int) -> Self:
        """Connect. Number 0 of a room is its host."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """Hear all that was read."""
        for frame in self.socket.texts():
            self.hear(frame)

    def hear(self, frame: bytes) -> None:
        """Do what a frame asks for, as any client would."""
        raise NotImplementedError

    def mute_everyone(self, *, on: bool) -> None:
        raise NotImplementedError


class Ours(Guest):
    """A participant of tokensvc."""

    @classmethod
    def enter(cls, port: int, room: int, number: int) -> Self:
        room_id, role = name_of("room", room), "publisher" if number else "host"
        proof = ticket(room_id, f"user-{number}", role)
        return cls(WebSocket(port, f"/ws/rooms/{room_id}/", ("tokensvc.v1", f"ticket.{proof}")))

    def hear(self, frame: bytes) -> None:
        self.is_in = self.is_in or frame.startswith(b'{"type":"snapshot"')

    def mute_everyone(self, *, on: bool) -> None:
        self.say("room.set", mute_everyone=on)

    def say(self, type_: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_, **fields}))


class Theirs(Guest):
    """A client of Socket.IO: Engine.IO 4, by WebSocket only."""

    @classmethod
    def enter(cls, port: int, room: int, number: int) -> Self:
        query = f"EIO=4&transport=websocket&room={name_of('room', room)}&user=user-{number}"
        return cls(WebSocket(port, f"/socket.io/?{query}"))

    def hear(self, frame: bytes) -> None:
        if frame.startswith(b"0"):  # open
            self.socket.send("40")
        elif frame == b"2":  # ping
            self.socket.send("3")
        elif frame.startswith(b"40"):  # connected
            self.is_in = True

    def mute_everyone(self, *, on: bool) -> None:
        self.socket.send("42" + json.dumps(["room.set", {"mute_everyone": on}]))


AnyGuest = TypeVar("AnyGuest", bound=Guest)


def entrances(
    kind: type[AnyGuest], servers: Sequence[Server], room: int, count: int
) -> Iterator[Callable[[], AnyGuest]]:
    """Yield how so many guests enter a room, spread evenly over the servers."""
    for number in range(count):
        yield partial(kind.enter, servers[number % len(servers)].port, room, number)
