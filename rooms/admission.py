"""Who may enter a room, and as what: the granted-role rule."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from rooms.callers import Backend, Caller, Person
from rooms.channel import alias
from rooms.errors import Refusal, room_not_found
from rooms.models import Room, Standing
from rooms.models.standing import NOBODY
from rooms.policy import Policy, policy_at
from rooms.roles import Role
from rooms.tickets import PhotonTicket


class Case(NamedTuple):
    """All that a decision rests on; `brought` is the role of a `rooms` claim, a ticket or an invite."""

    policy: Policy
    standing: Standing
    brought: Role | None

    @property
    def granted(self) -> Role | None:
        """The rule: a member record always wins, then what was brought along, then the room's default."""
        return self.standing.role or self.brought or self.policy.default_role


class Wish(NamedTuple):
    """What a caller asks for. `client_region` is a region, empty for outside all, None when unknown."""

    role: Role | None = None
    name: str = ""
    screen: bool = False
    client_region: str | None = None


class Admission(NamedTuple):
    """A decision in somebody's favour."""

    policy: Policy
    user_id: str
    name: str
    role: Role
    screen: bool
    caller: str
    assistant: bool


def consider(room_id: str, user_id: str, brought: Role | None) -> Case:
    """Gather the facts, with one read. Refuses with `room_not_found`."""
    standing = Standing.of(room_id, user_id)
    return Case(policy_at(room_id, standing.version), standing, brought)


def admit_person(room_id: str, person: Person, wish: Wish, now: datetime) -> Admission:
    """Admit a person as what they are granted, or as less if they ask for less.

    Refuses with `room_ended`, `banned`, `region_denied`, `not_a_member` or `role_not_granted`. A verified
    name wins over one that was asked for.
    """
    case = consider(room_id, person.user_id, person.offered_role(room_id))
    _check_open(case, wish, now)
    granted = _granted(case)
    role = wish.role or granted
    if not granted.covers(role):
        raise Refusal("role_not_granted", f"You are {granted.value} in this room, not {role.value}.")
    name, assistant = person.name or wish.name, case.standing.assistant
    return Admission(case.policy, person.user_id, name, role, wish.screen, person.label, assistant)


def admit_for_backend(room_id: str, user_id: str, wish: Wish, now: datetime) -> Admission:
    """Admit a user as whatever the app says, or without its word as what the room grants.

    Refuses with `room_ended`, `banned`, `region_denied` or, when there is no role to go by, `not_a_member`.
    """
    case = consider(room_id, user_id, None)
    _check_open(case, wish, now)
    role, assistant = wish.role or _granted(case), case.standing.assistant
    return Admission(case.policy, user_id, wish.name, role, wish.screen, Backend.label, assistant)


def readmit(ticket: PhotonTicket, now: datetime) -> Admission:
    """Admit somebody with a ticket for Photon, as what they are granted now.

    Refuses as `admit_person` does, and with `expired_credentials` if the room has another channel by now.
    """
    policy = consider(ticket.room_id, NOBODY, None).policy
    if policy.channel != ticket.channel:
        raise Refusal("expired_credentials", "The room has a new channel: fetch new credentials.")
    return admit_person(ticket.room_id, ticket.holder(policy.channel_secret), Wish(), now)


def admit_alias(channel: str, name: str, room_id: str | None, now: datetime) -> Room:
    """Let somebody known by no more than an alias into the room that has this channel now.

    `room_id` is the room they were admitted to, None if nobody knows. Members cannot be told by their alias,
    so what counts is that the room has not ended, and its bans. Refuses with `room_not_found`,
    `not_a_member`, `room_ended` or `banned`.
    """
    room = Room.objects.filter(channel=channel).first()
    if room is None:
        raise room_not_found()
    if room_id not in {None, room.id}:
        raise Refusal("not_a_member", "You were admitted to another room.")
    if room.is_over(now):
        raise _ended()
    if name in _banned_aliases(room, now):
        raise _banned()
    return room


def _banned_aliases(room: Room, now: datetime) -> set[str]:
    in_force = room.members.filter(Q(until=None) | Q(until__gt=now), banned=True)
    secret = bytes(room.channel_secret)
    return {alias(secret, user_id) for user_id in in_force.values_list("user_id", flat=True)}


def require_host(room_id: str, caller: Caller, now: datetime) -> None:
    """Refuse anybody but the app and the room's hosts, with `host_only`, `banned` or `not_a_member`."""
    if isinstance(caller, Backend):
        return
    check_host(consider(room_id, caller.user_id, caller.offered_role(room_id)), now)


def check_host(case: Case, now: datetime) -> None:
    """Refuse a person who is no host, as `require_host` does."""
    _check_not_banned(case, now)
    if _granted(case) is not Role.HOST:
        raise Refusal("host_only", "Only a host of this room may do this.")


def _check_open(case: Case, wish: Wish, now: datetime) -> None:
    policy = case.policy
    if policy.is_over(now):
        raise _ended()
    _check_not_banned(case, now)
    if policy.region and not policy.cross_region and wish.client_region not in {None, policy.region}:
        raise Refusal("region_denied", f"This room is only for clients in {policy.region}.")


def _check_not_banned(case: Case, now: datetime) -> None:
    if case.standing.is_banned(now):
        raise _banned()


def _granted(case: Case) -> Role:
    if case.granted is None:
        raise Refusal("not_a_member", "You are not a member of this room.")
    return case.granted


def _ended() -> Refusal:
    return Refusal("room_ended", "This room has ended.")


def _banned() -> Refusal:
    return Refusal("banned", "You are banned from this room.")
