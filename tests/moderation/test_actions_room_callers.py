"""Who may change a room, at which version, and with how many queries."""

import pytest

from moderation import actions
from moderation.rule import Medium, Override
from rooms.callers import Caller, TicketHolder, User
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.queries import asked
from tests.refusals import refusal, refusal_of
from tests.running_room import BACKEND, NOON, after, come_in, context, document, flags, happened, participant

pytestmark = pytest.mark.django_db

AUDIO, VIDEO = Medium.AUDIO, Medium.VIDEO


HOSTS = [BACKEND, User("alice")]
OTHERS = [
    (User("bob"), "host_only"),
    (User("carol"), "host_only"),
    (User("mallory"), "banned"),
    (User("dave"), "not_a_member"),
    (TicketHolder("alice", "another", Role.HOST), "not_a_member"),
]


@pytest.mark.parametrize("caller", HOSTS)
def test_backend_and_hosts_may_mute(room: Room, caller: Caller) -> None:
    assert actions.set_room(context(room, caller), {"mute_everyone": True})["version"] == 1


def test_host_by_claim_or_by_ticket_may_mute(room: Room) -> None:
    by_claim = User("dave", grants={room.id: Role.HOST})
    by_ticket = TicketHolder("erin", room.id, Role.HOST)
    actions.set_room(context(room, by_claim), {"mute_everyone": True})
    actions.set_room(context(room, by_ticket), {"mute_everyone": False})
    assert happened(room) == [("mute_everyone", "dave", None), ("unmute_everyone", "erin", None)]


@pytest.mark.parametrize(("caller", "code"), OTHERS)
def test_others_may_not_mute(room: Room, caller: Caller, code: str) -> None:
    with refusal(code):
        actions.set_room(context(room, caller), {"mute_everyone": True})
    assert actions.read(room.id, NOON) == document(0, flags())


def test_demotion_holds_for_a_host_with_an_old_ticket(room: Room) -> None:
    come_in(room, "alice")
    Member.objects.appoint(room, "alice", Role.PUBLISHER)
    with refusal("host_only"):
        actions.set_room(context(room, "alice"), {"mute_everyone": True})


@pytest.mark.parametrize("caller", HOSTS)
@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_room_that_is_over_is_not_changed(room: Room, caller: Caller, field: str) -> None:
    room.change({field: NOON})
    with refusal("room_ended"):
        actions.set_room(context(room, caller, after(1)), {"mute_everyone": True})
    assert happened(room) == [("end", None, None)]


def test_right_version_is_accepted(room: Room) -> None:
    come_in(room, "alice")
    answer = actions.set_room(context(room, expected=1), {"mute_everyone": True})
    assert answer == {"version": 2, "room": flags(mute_everyone=True)}


@pytest.mark.parametrize("expected", [0, 2, 10**30])
def test_other_version_is_refused_with_the_document(room: Room, expected: int) -> None:
    come_in(room, "alice")
    refused_ = refusal_of(actions.set_room, context(room, expected=expected), {"mute_everyone": True})
    assert (refused_.code, refused_.detail) == (
        "version_conflict",
        f"The room is at version 1, not {expected}.",
    )
    assert refused_.members == {"document": document(1, flags(), participant(room, "alice"))}
    assert actions.read(room.id, NOON)["version"] == 1


def swarm(room: Room, count: int) -> None:
    come_in(room, "alice", *(f"u-{number}" for number in range(count)), role=Role.PUBLISHER)
    actions.set_participant(context(room), alias_of(room, "alice"), {AUDIO: Override.ALLOW})


def test_mute_asks_as_much_of_the_database_in_a_crowd(room: Room) -> None:
    def cost(count: int) -> int:
        swarm(room, count)
        actions.set_room(context(room), {"mute_everyone": False})
        return len(asked(actions.set_room, context(room), {"mute_everyone": True}))

    assert cost(1) == cost(30) <= 15


def test_reading_asks_as_much_of_the_database_of_a_crowd(room: Room) -> None:
    def cost(count: int) -> int:
        swarm(room, count)
        return len(asked(actions.read, room.id, NOON))

    assert cost(1) == cost(30) <= 12
