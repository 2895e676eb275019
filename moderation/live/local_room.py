"""The sockets one process holds in one room."""

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from moderation.broker.announcements import ALL, Close, Update
from moderation.live.connection import Connection
from tokensvc.web.renderers import encode_json


class LocalRoom:
    """Passes updates on in order: to each socket every version after its snapshot's, once."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.version: int | None = None
        self.subscribed = False

    def arrived(self, connection: Connection, snapshot: Mapping[str, Any]) -> None:
        """Give a socket its snapshot, and from then on every update."""
        if self.version is None:
            self.version = snapshot["version"]
        connection.resume([encode_json(snapshot)], snapshot["version"])

    def deliver(self, updates: Sequence[Update]) -> bool:
        """Pass on what is next. False when something is missing before it, which must be delivered first."""
        for update in updates:
            if self.version is None:
                return True  # nobody has a snapshot yet, and it will hold this
            if update.version > self.version + 1:
                return False
            if update.version == self.version + 1:
                self._deliver(update)
        return True

    def _deliver(self, update: Update) -> None:
        self.version = update.version
        for connection in self.connections.values():
            close_code = update.closes.get(connection.id, update.closes.get(ALL))
            connection.offer(update.version, update.frame, close_code)

    def close(self, codes: Mapping[str, int]) -> None:
        """Close sockets by their id, or `ALL`; one without a snapshot is not in the room yet."""
        for connection_id, code in codes.items():
            one = self.connections.get(connection_id)
            for connection in self.connections.values() if connection_id == ALL else filter(None, [one]):
                if connection.is_live:
                    connection.close(code)

    def beat(self) -> None:
        """Tell everybody the version they should be at; see off those whose ticket has expired."""
        frame, now = encode_json({"type": "heartbeat", "version": self.version}), time()
        for connection in self.connections.values():
            if connection.holder.expires_at is not None and connection.holder.expires_at <= now:
                connection.close(Close.BAD_TICKET)
            elif connection.is_live:
                connection.put(frame)
