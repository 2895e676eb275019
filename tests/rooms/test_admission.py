"""The granted-role rule."""

from datetime import UTC, datetime, timedelta

import pytest

from rooms.admission import (
    Admission,
    AdmissionFacts,
    AdmissionRequest,
    admit_for_backend,
    admit_person,
    load_facts,
    require_host,
)
from rooms.callers import Backend, TicketHolder, User
from rooms.models import Member, MembershipSnapshot, Room
from rooms.policy import Policy, policy_at
from rooms.roles import Role
from tests.refusals import refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)

H, P, S = Role.HOST, Role.PUBLISHER, Role.SUBSCRIBER


@pytest.mark.parametrize(
    ("member", "claimed_role", "default", "granted"),
    [
        (None, None, None, None),
        (None, None, S, S),
        (None, None, P, P),
        (None, S, None, S),
        (None, H, None, H),
        (None, H, S, H),
        (None, S, P, S),
        (S, None, None, S),
        (S, H, P, S),
        (H, S, S, H),
        (P, None, S, P),
    ],
)
def test_granted_role(
    member: Role | None, claimed_role: Role | None, default: Role | None, granted: Role | None
) -> None:
    policy = Policy.of(Room(default_role=default))
    assert AdmissionFacts(policy, MembershipSnapshot(1, member), claimed_role).granted_role is granted


@pytest.mark.parametrize(("role", "covered"), [(H, {H, P, S}), (P, {P, S}), (S, {S})])
def test_role_covers_itself_and_lower_roles(role: Role, covered: set[Role]) -> None:
    assert {other for other in Role if role.covers(other)} == covered


@pytest.mark.parametrize(
    ("banned", "until", "out"),
    [
        (False, None, False),
        (True, None, True),
        (True, AFTER, True),
        (True, NOON, False),
        (True, BEFORE, False),
    ],
)
def test_membership_snapshot_and_member_agree_on_a_ban(
    banned: bool, until: datetime | None, out: bool
) -> None:
    assert MembershipSnapshot(1, S, banned, until).is_banned(NOON) == out
    assert Member(banned=banned, until=until).is_banned(NOON) == out


def test_load_facts_reads_the_membership(room: Room) -> None:
    Member.objects.ban(room, "bob", NOON)
    now_at = room.version + 1
    policy = policy_at(room.id, now_at)
    assert load_facts(room.id, "alice", S) == AdmissionFacts(policy, MembershipSnapshot(now_at, H), S)
    assert load_facts(room.id, "bob", None) == AdmissionFacts(
        policy, MembershipSnapshot(now_at, P, banned=True, until=NOON), None
    )
    assert load_facts(room.id, "mallory", None) == AdmissionFacts(
        policy, MembershipSnapshot(now_at, None, banned=True), None
    )
    assert load_facts(room.id, "dave", H) == AdmissionFacts(policy, MembershipSnapshot(now_at), H)


def test_person_is_admitted_as_granted(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    bob = User("bob", "Bob")
    admission_request = AdmissionRequest(name="The teacher", screen=True)
    assert admit_person(room.id, bob, admission_request, NOON) == Admission(
        policy, "bob", "Bob", P, True, "user", False
    )
    ticket = TicketHolder("bob", room.id, S)
    assert admit_person(room.id, ticket, AdmissionRequest(S, "Bobby"), NOON) == Admission(
        policy, "bob", "Bobby", S, False, "participant", False
    )


@pytest.mark.parametrize("assistant", [True, False])
def test_assistant_follows_the_member_record(room: Room, assistant: bool) -> None:
    Member.objects.appoint(room, "bob", P, assistant=not assistant)
    Member.objects.appoint(room, "bob", P, assistant=assistant)
    for person in (User("bob"), TicketHolder("bob", room.id, S)):
        assert admit_person(room.id, person, AdmissionRequest(), NOON).assistant is assistant
    assert admit_for_backend(room.id, "bob", AdmissionRequest(H), NOON).assistant is assistant


@pytest.mark.parametrize(
    ("user_id", "admission_request", "code"),
    [
        ("dave", AdmissionRequest(), "not_a_member"),
        ("dave", AdmissionRequest(S), "not_a_member"),
        ("carol", AdmissionRequest(P), "role_not_granted"),
        ("bob", AdmissionRequest(H), "role_not_granted"),
        ("mallory", AdmissionRequest(S), "banned"),
        ("bob", AdmissionRequest(client_region=""), "region_denied"),
        ("bob", AdmissionRequest(client_region="NA"), "region_denied"),
        ("mallory", AdmissionRequest(client_region="NA"), "banned"),
    ],
)
def test_person_is_refused(room: Room, user_id: str, admission_request: AdmissionRequest, code: str) -> None:
    room.change({"region": "EU"})
    with refusal(code):
        admit_person(room.id, User(user_id), admission_request, NOON)


def test_backend_may_ask_for_any_role_unless_banned(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    admission_request = AdmissionRequest(H, "Dave")
    assert admit_for_backend(room.id, "dave", admission_request, NOON) == Admission(
        policy, "dave", "Dave", H, False, "backend", False
    )
    assert admit_for_backend(room.id, "carol", AdmissionRequest(), NOON).role is S
    with refusal("banned"):
        admit_for_backend(room.id, "mallory", admission_request, NOON)
    with refusal("not_a_member"):
        admit_for_backend(room.id, "dave", AdmissionRequest(), NOON)


@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_room_that_is_over_admits_nobody(room: Room, field: str) -> None:
    room.change({field: NOON})
    for user_id in ("alice", "mallory", "dave"):
        with refusal("room_ended"):
            admit_person(room.id, User(user_id), AdmissionRequest(), NOON)
        with refusal("room_ended"):
            admit_for_backend(room.id, user_id, AdmissionRequest(H), NOON)


def test_host_is_required(room: Room) -> None:
    for passing in (
        Backend("shop"),
        User("alice"),
        User("dave", grants={room.id: H}),
        TicketHolder("erin", room.id, H),
    ):
        require_host(room.id, passing, NOON)
    for caller, code in (
        (User("bob"), "host_only"),
        (User("carol", grants={room.id: H}), "host_only"),
        (User("dave"), "not_a_member"),
        (User("mallory", grants={room.id: H}), "banned"),
        (TicketHolder("alice", "another", H), "not_a_member"),
        (TicketHolder("dave", room.id, P), "host_only"),
    ):
        with refusal(code):
            require_host(room.id, caller, NOON)


@pytest.mark.parametrize("room_id", ["nothing", "a\0b"])
def test_unknown_room_is_refused(db: None, room_id: str) -> None:
    with refusal("room_not_found"):
        admit_person(room_id, User("bob"), AdmissionRequest(), NOON)
    with refusal("room_not_found"):
        admit_for_backend(room_id, "bob", AdmissionRequest(H), NOON)
