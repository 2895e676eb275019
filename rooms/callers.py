"""Authenticated callers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rooms.roles import Role
from tokensvc.web.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Backend:
    """The app's backend, by API key; acts for any user."""

    key_name: str
    label: ClassVar = "backend"


@dataclass(frozen=True, slots=True)
class User:
    """A user, by a token of the app's identity provider; `grants` are roles by room id."""

    user_id: str
    name: str = ""
    grants: Mapping[str, Role] = field(default_factory=dict)
    label: ClassVar = "user"

    def claimed_role(self, room_id: str) -> Role | None:
        """Return the role that the token claims for the room, if any."""
        return self.grants.get(room_id)


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """The holder of one of our tickets, which is valid for one room.

    `expires_at` is the ticket's, in Unix seconds; None before it is signed.
    """

    user_id: str
    room_id: str
    role: Role
    name: str = ""
    expires_at: int | None = field(default=None, compare=False)
    label: str = "participant"

    def claimed_role(self, room_id: str) -> Role | None:
        """Return the ticket's role. Refuses with `not_a_member` in any other room."""
        if room_id != self.room_id:
            raise Refusal("not_a_member", "This ticket is for another room.")
        return self.role


Person = User | TicketHolder
Caller = Backend | User | TicketHolder
