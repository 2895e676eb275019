"""Who may enter a room, and as what: the granted-role rule."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from rooms.callers import Backend, Caller, Person
from rooms.channel_keys import alias
from rooms.models import MembershipSnapshot, Room
from rooms.models.membership_snapshot import NOBODY
from rooms.policy import Policy, policy_at
from rooms.refusals import room_not_found
from rooms.roles import Role
from rooms.tickets import PhotonTicket
from tokensvc.web.refusals import Refusal


class AdmissionFacts(NamedTuple):
    """All that a decision rests on; `claimed_role` is the role of a `rooms` claim, a ticket or an invite."""

    policy: Policy
    membership: MembershipSnapshot
    claimed_role: Role | None

    @property
    def granted(self) -> Role | None:
        """The rule: a member record always wins, then the claimed role, then the room's default."""
        return self.membership.role or self.claimed_role or self.policy.default_role


class AdmissionRequest(NamedTuple):
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


def load_facts(room_id: str, user_id: str, claimed_role: Role | None) -> AdmissionFacts:
    """Gather the facts, with one read. Refuses with `room_not_found`."""
    membership = MembershipSnapshot.of(room_id, user_id)
    return AdmissionFacts(policy_at(room_id, membership.version), membership, claimed_role)


def admit_person(
    room_id: str, person: Person, admission_request: AdmissionRequest, now: datetime
) -> Admission:
    """Admit a person as what they are granted, or as less if they ask for less.

    Refuses with `room_ended`, `banned`, `region_denied`, `not_a_member` or `role_not_granted`. A verified
    name wins over one that was asked for.
    """
    facts = load_facts(room_id, person.user_id, person.offered_role(room_id))
    _check_open(facts, admission_request, now)
    granted = _granted(facts)
    role = admission_request.role or granted
    if not granted.covers(role):
        raise Refusal("role_not_granted", f"You are {granted.value} in this room, not {role.value}.")
    name, assistant = person.name or admission_request.name, facts.membership.assistant
    return Admission(
        facts.policy, person.user_id, name, role, admission_request.screen, person.label, assistant
    )


def admit_for_backend(
    room_id: str, user_id: str, admission_request: AdmissionRequest, now: datetime
) -> Admission:
    """Admit a user as whatever the app says, or without its word as what the room grants.

    Refuses with `room_ended`, `banned`, `region_denied` or, when there is no role to go by, `not_a_member`.
    """
    facts = load_facts(room_id, user_id, None)
    _check_open(facts, admission_request, now)
    role, assistant = admission_request.role or _granted(facts), facts.membership.assistant
    return Admission(
        facts.policy,
        user_id,
        admission_request.name,
        role,
        admission_request.screen,
        Backend.label,
        assistant,
    )


def readmit(ticket: PhotonTicket, now: datetime) -> Admission:
    """Admit somebody with a ticket for Photon, as what they are granted now.

    Refuses as `admit_person` does, and with `expired_credentials` if the room has another channel by now.
    """
    policy = load_facts(ticket.room_id, NOBODY, None).policy
    if policy.channel != ticket.channel:
        raise Refusal("expired_credentials", "The room has a new channel: fetch new credentials.")
    return admit_person(ticket.room_id, ticket.holder(policy.channel_secret), AdmissionRequest(), now)


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
    check_host(load_facts(room_id, caller.user_id, caller.offered_role(room_id)), now)


def check_host(facts: AdmissionFacts, now: datetime) -> None:
    """Refuse a person who is no host, as `require_host` does."""
    _check_not_banned(facts, now)
    if _granted(facts) is not Role.HOST:
        raise Refusal("host_only", "Only a host of this room may do this.")


def _check_open(facts: AdmissionFacts, admission_request: AdmissionRequest, now: datetime) -> None:
    policy = facts.policy
    if policy.is_over(now):
        raise _ended()
    _check_not_banned(facts, now)
    if (
        policy.region
        and not policy.cross_region
        and admission_request.client_region not in {None, policy.region}
    ):
        raise Refusal("region_denied", f"This room is only for clients in {policy.region}.")


def _check_not_banned(facts: AdmissionFacts, now: datetime) -> None:
    if facts.membership.is_banned(now):
        raise _banned()


def _granted(facts: AdmissionFacts) -> Role:
    if facts.granted is None:
        raise Refusal("not_a_member", "You are not a member of this room.")
    return facts.granted


def _ended() -> Refusal:
    return Refusal("room_ended", "This room has ended.")


def _banned() -> Refusal:
    return Refusal("banned", "You are banned from this room.")
