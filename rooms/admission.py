"""Who may enter a room, and as what: the granted-role rule."""

from datetime import datetime
from typing import NamedTuple

from rooms.callers import Backend, Caller, Person
from rooms.errors import Refusal
from rooms.models import Standing
from rooms.policy import Policy, policy_at
from rooms.roles import Role


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


def require_host(room_id: str, caller: Caller, now: datetime) -> None:
    """Refuse anybody but the app and the room's hosts, with `host_only`, `banned` or `not_a_member`."""
    if isinstance(caller, Backend):
        return
    case = consider(room_id, caller.user_id, caller.offered_role(room_id))
    _check_not_banned(case, now)
    if _granted(case) is not Role.HOST:
        raise Refusal("host_only", "Only a host of this room may do this.")


def _check_open(case: Case, wish: Wish, now: datetime) -> None:
    policy = case.policy
    if policy.is_over(now):
        raise Refusal("room_ended", "This room has ended.")
    _check_not_banned(case, now)
    if policy.region and not policy.cross_region and wish.client_region not in {None, policy.region}:
        raise Refusal("region_denied", f"This room is only for clients in {policy.region}.")


def _check_not_banned(case: Case, now: datetime) -> None:
    if case.standing.is_banned(now):
        raise Refusal("banned", "You are banned from this room.")


def _granted(case: Case) -> Role:
    if case.granted is None:
        raise Refusal("not_a_member", "You are not a member of this room.")
    return case.granted
