"""Admission by a ticket for one channel, and by an alias alone."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from rooms import tickets
from rooms.admission import Admission, admit_alias, readmit
from rooms.callers import TicketHolder
from rooms.models import Member, Room
from rooms.policy import policy_at
from rooms.roles import Role
from tests.cast import alias_of
from tests.refusals import refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)


def photon(room: Room, user_id: str, role: Role = Role.HOST) -> tickets.PhotonTicket:
    """A ticket for the room's current channel."""
    now, secret = int(time.time()), bytes(room.channel_secret)
    holder = TicketHolder(user_id, room.id, role, user_id.title())
    signed = tickets.sign_for_photon(holder, room.channel, secret, issued_at=now, expires_at=now + 60)
    return tickets.read_for_photon(signed)


def test_ticket_for_the_channel_admits_in_the_role_granted_now(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    admitted = Admission(policy, "bob", "Bob", Role.PUBLISHER, False, "participant", False)
    assert readmit(photon(room, "bob"), NOON) == admitted


def test_ticket_for_another_channel_is_out_of_date(room: Room) -> None:
    before = photon(room, "bob")
    room.rotate_channel()
    with refusal("expired_credentials"):
        readmit(before, NOON)
    assert readmit(photon(room, "bob"), NOON).policy.channel == room.channel


def test_ticket_of_somebody_banned_is_refused(room: Room) -> None:
    with refusal("banned"):
        readmit(photon(room, "mallory"), NOON)


def test_alias_is_admitted_to_the_room_of_the_channel(room: Room) -> None:
    for alias in (alias_of(room, "bob"), alias_of(room, "dave"), "of nobody"):
        assert admit_alias(room.channel, alias, room.id, NOON) == room
        assert admit_alias(room.channel, alias, None, NOON) == room


def test_alias_is_refused(room: Room) -> None:
    bob = alias_of(room, "bob")
    with refusal("room_not_found"):
        admit_alias("nothing", bob, room.id, NOON)
    with refusal("not_a_member"):
        admit_alias(room.channel, bob, Room.objects.create().id, NOON)
    with refusal("banned"):
        admit_alias(room.channel, alias_of(room, "mallory"), room.id, NOON)
    room.end(NOON)
    with refusal("room_ended"):
        admit_alias(room.channel, bob, room.id, NOON)


def test_ban_holds_until_its_end(room: Room) -> None:
    Member.objects.ban(room, "bob", LATER)
    bob = alias_of(room, "bob")
    with refusal("banned"):
        admit_alias(room.channel, bob, None, NOON)
    assert admit_alias(room.channel, bob, None, LATER) == room


@pytest.mark.parametrize("bans", [1, 3])
def test_alias_costs_two_reads_with_any_number_of_bans(
    room: Room, django_assert_num_queries: DjangoAssertNumQueries, bans: int
) -> None:
    for number in range(bans - 1):
        Member.objects.ban(room, f"troll-{number}", None)
    bob = alias_of(room, "bob")
    with django_assert_num_queries(2):
        admit_alias(room.channel, bob, room.id, NOON)
