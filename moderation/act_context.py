"""Who acts in which room, and when."""

from datetime import datetime
from typing import NamedTuple

from rooms.callers import Backend, Caller
from rooms.models.membership_snapshot import NO_USER


class ActContext(NamedTuple):
    """What every act is given; `expected_version` is the version that the caller has seen, if it matters."""

    room_id: str
    caller: Caller
    now: datetime
    expected_version: int | None = None

    @property
    def user_id(self) -> str:
        """The id of the user who acts, `NO_USER` for the app's backend."""
        return NO_USER if isinstance(self.caller, Backend) else self.caller.user_id
