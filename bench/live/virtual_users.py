"""Virtual users: one socket in a room, for each contestant's protocol."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Self, TypeVar

from bench.live.websocket import WebSocket
from bench.servers import Server
from bench.targets import name_of
from bench.tickets import ticket

MUTED = {True: b'"action":"mute_everyone"', False: b'"action":"unmute_everyone"'}
"""Bytes that identify the update after muting or unmuting; the same for both servers."""


class VirtualUser:
    """One socket. `joined` is true once the server has admitted it to its room."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.joined = False

    @classmethod
    def connect(cls, port: int, room: int, number: int) -> Self:
        """Connect. Number 0 of a room is its host."""
        raise NotImplementedError

    def process_frames(self) -> None:
        """Process all frames that were read."""
        for frame in self.socket.texts():
            self.on_frame(frame)

    def on_frame(self, frame: bytes) -> None:
        """Process a frame like any client."""
        raise NotImplementedError

    def mute_everyone(self, *, on: bool) -> None:
        raise NotImplementedError


class TokensvcUser(VirtualUser):
    """A participant of tokensvc."""

    @classmethod
    def connect(cls, port: int, room: int, number: int) -> Self:
        room_id, role = name_of("room", room), "publisher" if number else "host"
        signed = ticket(room_id, f"user-{number}", role)
        return cls(WebSocket(port, f"/ws/rooms/{room_id}/", ("tokensvc.v1", f"ticket.{signed}")))

    def on_frame(self, frame: bytes) -> None:
        self.joined = self.joined or frame.startswith(b'{"type":"snapshot"')

    def mute_everyone(self, *, on: bool) -> None:
        self.command("room.set", mute_everyone=on)

    def command(self, type_: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": type_, **fields}))


class SocketIoUser(VirtualUser):
    """A client of Socket.IO (Engine.IO 4, by WebSocket only)."""

    @classmethod
    def connect(cls, port: int, room: int, number: int) -> Self:
        query = f"EIO=4&transport=websocket&room={name_of('room', room)}&user=user-{number}"
        return cls(WebSocket(port, f"/socket.io/?{query}"))

    def on_frame(self, frame: bytes) -> None:
        if frame.startswith(b"0"):  # open
            self.socket.send("40")
        elif frame == b"2":  # ping
            self.socket.send("3")
        elif frame.startswith(b"40"):  # connected
            self.joined = True

    def mute_everyone(self, *, on: bool) -> None:
        self.socket.send("42" + json.dumps(["room.set", {"mute_everyone": on}]))


AnyUser = TypeVar("AnyUser", bound=VirtualUser)


def connectors(
    kind: type[AnyUser], servers: Sequence[Server], room: int, count: int
) -> Iterator[Callable[[], AnyUser]]:
    """Yield functions that connect `count` users to a room, spread evenly over the servers."""
    for number in range(count):
        yield partial(kind.connect, servers[number % len(servers)].port, room, number)
