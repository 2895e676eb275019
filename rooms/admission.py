"""Who may enter a room, and in which role: the granted-role rule."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from rooms.callers import Backend, Caller, Person
from rooms.channel_keys import alias
from rooms.models import MembershipSnapshot, Room
from rooms.models.membership_snapshot import NO_USER
from rooms.policy import Policy, policy_at
from rooms.refusals import banned, room_ended, room_not_found
from rooms.roles import Role
from rooms.tickets import PhotonTicket
from tokensvc.web.refusals import Refusal


class AdmissionFacts(NamedTuple):
    """The facts of one decision. `claimed_role` comes from a `rooms` claim, a ticket or an invite."""

    policy: Policy
    membership: MembershipSnapshot
    claimed_role: Role | None

    @property
    def granted_role(self) -> Role | None:
        """The rule: the member record wins, then the claimed role, then the room's default."""
        return self.membership.role or self.claimed_role or self.policy.default_role


class AdmissionRequest(NamedTuple):
    """What a caller asks for. `client_region` is empty for a client outside all regions, None if unknown."""

    role: Role | None = None
    name: str = ""
    screen: bool = False
    client_region: str | None = None


class Admission(NamedTuple):
    """The decision to let a user in."""

    policy: Policy
    user_id: str
    name: str
    role: Role
    screen: bool
    caller: str
    assistant: bool


def load_facts(room_id: str, user_id: str, claimed_role: Role | None) -> AdmissionFacts:
    """Load the facts, with one read when the policy is cached. Refuses with `room_not_found`."""
    membership = MembershipSnapshot.of(room_id, user_id)
    return AdmissionFacts(policy_at(room_id, membership.version), membership, claimed_role)


def admit_person(
    room_id: str, person: Person, admission_request: AdmissionRequest, now: datetime
) -> Admission:
    """Admit a person in the granted role, or in a lower one if they ask for it.

    Refuses with `room_not_found`, `room_ended`, `banned`, `region_denied`, `not_a_member` or
    `role_not_granted`. The name in the person's credential wins over the requested one.
    """
    facts = load_facts(room_id, person.user_id, person.claimed_role(room_id))
    _check_open(facts, admission_request, now)
    granted_role = _require_granted_role(facts)
    role = admission_request.role or granted_role
    if not granted_role.covers(role):
        raise Refusal("role_not_granted", f"You are {granted_role.value} in this room, not {role.value}.")
    return Admission(
        facts.policy,
        person.user_id,
        person.name or admission_request.name,
        role,
        admission_request.screen,
        person.label,
        facts.membership.assistant,
    )


def admit_for_backend(
    room_id: str, user_id: str, admission_request: AdmissionRequest, now: datetime
) -> Admission:
    """Admit a user in the role that the backend asks for, or else in the role that the room grants.

    Refuses with `room_not_found`, `room_ended`, `banned`, `region_denied` or, without any role,
    `not_a_member`.
    """
    facts = load_facts(room_id, user_id, None)
    _check_open(facts, admission_request, now)
    return Admission(
        facts.policy,
        user_id,
        admission_request.name,
        admission_request.role or _require_granted_role(facts),
        admission_request.screen,
        Backend.label,
        facts.membership.assistant,
    )


def readmit(photon_ticket: PhotonTicket, now: datetime) -> Admission:
    """Admit the holder of a ticket for Photon in the role granted now.

    Refuses as `admit_person` does, and with `expired_credentials` if the room has changed its channel.
    """
    policy = load_facts(photon_ticket.room_id, NO_USER, None).policy
    if policy.channel != photon_ticket.channel:
        raise Refusal("expired_credentials", "The room has a new channel: fetch new credentials.")
    holder = photon_ticket.holder(policy.channel_secret)
    return admit_person(photon_ticket.room_id, holder, AdmissionRequest(), now)


def admit_alias(channel: str, user_alias: str, room_id: str | None, now: datetime) -> Room:
    """Admit a user known only by their alias to the room that has this channel now.

    `room_id` is the room the user was admitted to, None if unknown. An alias does not reveal its member
    record, so only the room's end and its bans are checked. Refuses with `room_not_found`, `not_a_member`,
    `room_ended` or `banned`.
    """
    room = Room.objects.filter(channel=channel).first()
    if room is None:
        raise room_not_found()
    if room_id not in {None, room.id}:
        raise Refusal("not_a_member", "You were admitted to another room.")
    if room.is_over(now):
        raise room_ended()
    if user_alias in _banned_aliases(room, now):
        raise banned()
    return room


def _banned_aliases(room: Room, now: datetime) -> set[str]:
    in_force = room.members.filter(Q(until=None) | Q(until__gt=now), banned=True)
    secret = bytes(room.channel_secret)
    return {alias(secret, user_id) for user_id in in_force.values_list("user_id", flat=True)}


def require_host(room_id: str, caller: Caller, now: datetime) -> AdmissionFacts | None:
    """Refuse anybody but the backend and the room's hosts; return the facts read, None for the backend.

    Refuses with `room_not_found`, `host_only`, `banned` or `not_a_member`.
    """
    if isinstance(caller, Backend):
        return None
    facts = load_facts(room_id, caller.user_id, caller.claimed_role(room_id))
    check_host(facts, now)
    return facts


def check_host(facts: AdmissionFacts, now: datetime) -> None:
    """Refuse a person who is not a host, as `require_host` does."""
    _check_not_banned(facts, now)
    if _require_granted_role(facts) is not Role.HOST:
        raise Refusal("host_only", "Only a host of this room may do this.")


def _check_open(facts: AdmissionFacts, admission_request: AdmissionRequest, now: datetime) -> None:
    if facts.policy.is_over(now):
        raise room_ended()
    _check_not_banned(facts, now)
    _check_region(facts.policy, admission_request.client_region)


def _check_region(policy: Policy, client_region: str | None) -> None:
    if policy.region and not policy.cross_region and client_region not in {None, policy.region}:
        raise Refusal("region_denied", f"This room is only for clients in {policy.region}.")


def _check_not_banned(facts: AdmissionFacts, now: datetime) -> None:
    if facts.membership.is_banned(now):
        raise banned()


def _require_granted_role(facts: AdmissionFacts) -> Role:
    if facts.granted_role is None:
        raise Refusal("not_a_member", "You are not a member of this room.")
    return facts.granted_role
