"""The sockets of one process in one room."""

from collections.abc import Mapping, Sequence
from time import time
from typing import Any

from moderation.broker import Update
from moderation.close_codes import ALL, CloseCode
from moderation.live.connection import Connection
from tokensvc.web.renderers import encode_json


class LocalRoom:
    """Sends each socket every version after its snapshot's once, in order."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.version: int | None = None

    def arrived(self, connection: Connection, snapshot: Mapping[str, Any]) -> None:
        """Send a socket its snapshot, and updates from then on."""
        if self.version is None:
            self.version = snapshot["version"]
        connection.resume([encode_json(snapshot)], snapshot["version"])

    def deliver(self, updates: Sequence[Update]) -> bool:
        """Send updates that follow on the room's version. Return False at a gap, without the rest."""
        for update in updates:
            if self.version is None:
                return True  # no socket has a snapshot yet; it will contain this
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
        """Close sockets by connection id, or `ALL`; those without a snapshot stay open."""
        for connection_id, code in codes.items():
            one = self.connections.get(connection_id)
            for connection in self.connections.values() if connection_id == ALL else filter(None, [one]):
                if connection.is_live:
                    connection.close(code)

    def send_heartbeat(self) -> None:
        """Send the room's version, and close sockets whose ticket has expired."""
        frame, now = encode_json({"type": "heartbeat", "version": self.version}), time()
        for connection in self.connections.values():
            if connection.holder.expires_at is not None and connection.holder.expires_at <= now:
                connection.close(CloseCode.BAD_TICKET)
            elif connection.is_live:
                connection.put(frame)
