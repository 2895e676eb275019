"""Invites, below the API."""

from datetime import UTC, datetime, timedelta

import pytest

from rooms import invites
from rooms.admission import AdmissionRequest
from rooms.callers import Backend, Caller, TicketHolder, User
from rooms.models import Invite, Room
from rooms.policy import Policy
from rooms.roles import Role
from tests.refusals import refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BACKEND = Backend("shop")


def test_create_keeps_the_hash_of_a_long_random_code(room: Room) -> None:
    one, other = (
        invites.create(Policy.of(room), BACKEND, NOON, role=Role.HOST, label="Ada") for _ in range(2)
    )
    assert len(one.code) == 22
    assert one.code != other.code
    assert one.invite.code_hash == invites.hash_code(one.code)
    assert (one.invite.room, one.invite.role, one.invite.label, one.invite.uses) == (room, "host", "Ada", 0)
    assert one.code not in repr(one)


@pytest.mark.parametrize("caller", [User("alice"), TicketHolder("alice", "x", Role.HOST)])
def test_person_invites_no_hosts(room: Room, caller: Caller) -> None:
    with refusal("role_not_granted"):
        invites.create(Policy.of(room), caller, NOON, role=Role.HOST)
    assert invites.create(Policy.of(room), caller, NOON, role=Role.PUBLISHER).invite.role == "publisher"


def test_room_that_is_over_invites_nobody(room: Room) -> None:
    room.end(NOON)
    with refusal("room_ended"):
        invites.create(Policy.of(room), BACKEND, NOON, role=Role.SUBSCRIBER)


def test_redeem_admits_a_guest_and_counts(room: Room) -> None:
    new = invites.create(Policy.of(room), BACKEND, NOON, role=Role.PUBLISHER, max_uses=1)
    admission = invites.redeem(new.code, AdmissionRequest(name="Ada"), NOON)
    assert admission.user_id.startswith("guest:")
    assert (admission.policy.room_id, admission.role, admission.name, admission.screen, admission.caller) == (
        room.id,
        Role.PUBLISHER,
        "Ada",
        False,
        "guest",
    )
    assert Invite.objects.get().uses == 1
    with refusal("invite_used_up"):
        invites.redeem(new.code, AdmissionRequest(), NOON)
    assert Invite.objects.get().uses == 1


def test_redeem_ends_on_time(room: Room) -> None:
    new = invites.create(Policy.of(room), BACKEND, NOON, role=Role.PUBLISHER, expires_at=NOON)
    invites.redeem(new.code, AdmissionRequest(), NOON - timedelta(seconds=1))
    with refusal("invite_used_up"):
        invites.redeem(new.code, AdmissionRequest(), NOON)


@pytest.mark.parametrize(
    ("admission_request", "code"),
    [
        (AdmissionRequest(client_region="NA"), "region_denied"),
        (AdmissionRequest(Role.HOST), "role_not_granted"),
    ],
)
def test_refused_guest_costs_no_use(room: Room, admission_request: AdmissionRequest, code: str) -> None:
    room.change({"region": "EU"})
    new = invites.create(Policy.of(room), BACKEND, NOON, role=Role.PUBLISHER, max_uses=1)
    with refusal(code):
        invites.redeem(new.code, admission_request, NOON)
    assert Invite.objects.get().uses == 0


@pytest.mark.parametrize("code", ["", "x", "🦊", "x" * 1000])
def test_unknown_code_is_refused(room: Room, code: str) -> None:
    with refusal("invite_not_found"):
        invites.redeem(code, AdmissionRequest(), NOON)
