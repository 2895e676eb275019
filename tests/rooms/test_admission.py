"""The granted-role rule, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from rooms.admission import Admission, Case, Wish, admit_for_backend, admit_person, consider, require_host
from rooms.callers import Backend, Participant, User
from rooms.errors import Refusal
from rooms.models import Member, Room, Standing
from rooms.policy import Policy, policy_at
from rooms.roles import Role

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)

H, P, S = Role.HOST, Role.PUBLISHER, Role.SUBSCRIBER


@pytest.mark.parametrize(
    ("member", "brought", "default", "granted"),
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
    member: Role | None, brought: Role | None, default: Role | None, granted: Role | None
) -> None:
    policy = Policy.of(Room(default_role=default))
    assert Case(policy, Standing(1, member), brought).granted is granted


@pytest.mark.parametrize(("role", "covered"), [(H, {H, P, S}), (P, {P, S}), (S, {S})])
def test_role_covers_itself_and_what_is_less(role: Role, covered: set[Role]) -> None:
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
def test_standing_and_member_agree_on_a_ban(banned: bool, until: datetime | None, out: bool) -> None:
    assert Standing(1, S, banned, until).is_banned(NOON) == out
    assert Member(banned=banned, until=until).is_banned(NOON) == out


def test_consider_reads_where_the_user_stands(room: Room) -> None:
    Member.objects.ban(room, "bob", NOON)
    now_at = room.version + 1
    policy = policy_at(room.id, now_at)
    assert consider(room.id, "alice", S) == Case(policy, Standing(now_at, H), S)
    assert consider(room.id, "bob", None) == Case(policy, Standing(now_at, P, banned=True, until=NOON), None)
    assert consider(room.id, "mallory", None) == Case(policy, Standing(now_at, None, banned=True), None)
    assert consider(room.id, "dave", H) == Case(policy, Standing(now_at), H)


def refusal(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda error: error.code == code)


def test_person_is_admitted_as_granted(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    bob = User("bob", "Bob")
    wish = Wish(name="The teacher", screen=True)
    assert admit_person(room.id, bob, wish, NOON) == Admission(policy, "bob", "Bob", P, True, "user", False)
    ticket = Participant("bob", room.id, S)
    assert admit_person(room.id, ticket, Wish(S, "Bobby"), NOON) == Admission(
        policy, "bob", "Bobby", S, False, "participant", False
    )


@pytest.mark.parametrize("assistant", [True, False])
def test_assistant_is_who_the_member_record_says_now(room: Room, assistant: bool) -> None:
    Member.objects.appoint(room, "bob", P, assistant=not assistant)
    Member.objects.appoint(room, "bob", P, assistant=assistant)
    for person in (User("bob"), Participant("bob", room.id, S)):
        assert admit_person(room.id, person, Wish(), NOON).assistant is assistant
    assert admit_for_backend(room.id, "bob", Wish(H), NOON).assistant is assistant


@pytest.mark.parametrize(
    ("user_id", "wish", "code"),
    [
        ("dave", Wish(), "not_a_member"),
        ("dave", Wish(S), "not_a_member"),
        ("carol", Wish(P), "role_not_granted"),
        ("bob", Wish(H), "role_not_granted"),
        ("mallory", Wish(S), "banned"),
        ("bob", Wish(client_region=""), "region_denied"),
        ("bob", Wish(client_region="NA"), "region_denied"),
        ("mallory", Wish(client_region="NA"), "banned"),
    ],
)
def test_person_is_refused(room: Room, user_id: str, wish: Wish, code: str) -> None:
    room.change({"region": "EU"})
    with refusal(code):
        admit_person(room.id, User(user_id), wish, NOON)


def test_backend_decides_but_for_a_ban(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    wish = Wish(H, "Dave")
    assert admit_for_backend(room.id, "dave", wish, NOON) == Admission(
        policy, "dave", "Dave", H, False, "backend", False
    )
    assert admit_for_backend(room.id, "carol", Wish(), NOON).role is S
    with refusal("banned"):
        admit_for_backend(room.id, "mallory", wish, NOON)
    with refusal("not_a_member"):
        admit_for_backend(room.id, "dave", Wish(), NOON)


@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_room_that_is_over_admits_nobody(room: Room, field: str) -> None:
    room.change({field: NOON})
    for user_id in ("alice", "mallory", "dave"):
        with refusal("room_ended"):
            admit_person(room.id, User(user_id), Wish(), NOON)
        with refusal("room_ended"):
            admit_for_backend(room.id, user_id, Wish(H), NOON)


def test_host_is_required(room: Room) -> None:
    for passing in (
        Backend("shop"),
        User("alice"),
        User("dave", grants={room.id: H}),
        Participant("erin", room.id, H),
    ):
        require_host(room.id, passing, NOON)
    for caller, code in (
        (User("bob"), "host_only"),
        (User("carol", grants={room.id: H}), "host_only"),
        (User("dave"), "not_a_member"),
        (User("mallory", grants={room.id: H}), "banned"),
        (Participant("alice", "another", H), "not_a_member"),
        (Participant("dave", room.id, P), "host_only"),
    ):
        with refusal(code):
            require_host(room.id, caller, NOON)


@pytest.mark.parametrize("room_id", ["nothing", "a\0b"])
def test_unknown_room_is_refused(db: None, room_id: str) -> None:
    with refusal("room_not_found"):
        admit_person(room_id, User("bob"), Wish(), NOON)
    with refusal("room_not_found"):
        admit_for_backend(room_id, "bob", Wish(H), NOON)
