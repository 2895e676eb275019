"""Bans and roles that change elsewhere are reconciled by the next act or read."""

import pytest

from moderation import actions
from moderation.actions import seats
from moderation.leases import refresh
from moderation.rule import Medium, Override
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.noticing import Notice, notice, notice_all, participants_by_name
from tests.running_room import NOON, after, context, happened, log, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob", "carol")]

AUDIO = Medium.AUDIO


@notice_all
def test_ban_makes_its_user_leave(running: Room, notice: Notice) -> None:
    seats.request(context(running, "bob"), AUDIO)
    Member.objects.ban(running, "bob", None)
    notice(running)
    notice(running)
    banned = {"left": alias_of(running, "bob"), "enforcement": "advisory"}
    assert log(running, since=4) == [(5, "ban", None, "bob", banned)]
    assert participants_by_name(running).keys() == {"Alice", "Carol"}


@notice
def test_ban_that_is_over_does_nothing(running: Room, notice: Notice) -> None:
    Member.objects.ban(running, "bob", after(1))
    notice(running)
    assert happened(running, since=3) == []


@notice
def test_ban_of_somebody_who_is_not_there_is_no_event(running: Room, notice: Notice) -> None:
    actions.kick(context(running), alias_of(running, "bob"))
    Member.objects.ban(running, "bob", None)
    Member.objects.ban(running, "dave", None)
    notice(running)
    assert happened(running, since=4) == []


@notice
@pytest.mark.parametrize(
    ("user_id", "role", "action"),
    [
        ("bob", Role.HOST, "promote"),
        ("bob", Role.SUBSCRIBER, "demote"),
        ("carol", Role.PUBLISHER, "promote"),
        ("alice", Role.PUBLISHER, "demote"),
    ],
)
def test_role_changes_on_the_spot(
    running: Room, notice: Notice, user_id: str, role: Role, action: str
) -> None:
    Member.objects.appoint(running, user_id, role)
    notice(running)
    notice(running)
    shown = participant(running, user_id, role=role.value)
    assert log(running, since=3) == [(4, action, None, user_id, {"participant": shown})]
    assert participants_by_name(running)[user_id.title()] == shown


def test_demotion_frees_the_seats(running: Room) -> None:
    for medium in Medium:
        seats.request(context(running, "bob"), medium)
    Member.objects.appoint(running, "bob", Role.SUBSCRIBER)
    refresh(running.id, NOON)
    assert participants_by_name(running)["Bob"] == participant(running, "bob", role="subscriber")


def test_demoted_host_falls_under_the_mute(running: Room) -> None:
    seats.request(context(running, "alice"), AUDIO)
    actions.set_room(context(running), {"mute_everyone": True})
    Member.objects.appoint(running, "alice", Role.PUBLISHER)
    refresh(running.id, NOON)
    assert participants_by_name(running)["Alice"] == participant(
        running, "alice", role="publisher", may_publish_audio=False
    )


def test_promotion_keeps_seat_and_overrides(running: Room) -> None:
    seats.request(context(running, "bob"), AUDIO)
    actions.set_participant(context(running), alias_of(running, "bob"), {Medium.VIDEO: Override.DENY})
    Member.objects.appoint(running, "bob", Role.HOST)
    refresh(running.id, NOON)
    assert participants_by_name(running)["Bob"] == participant(
        running, "bob", role="host", audio_seat=True, video="deny", may_publish_video=False
    )


def test_promoted_user_may_moderate_with_the_old_ticket(running: Room) -> None:
    Member.objects.appoint(running, "bob", Role.HOST)
    actions.set_room(context(running, "bob"), {"mute_everyone": True})
    assert happened(running, since=3) == [("promote", None, "bob"), ("mute_everyone", "bob", None)]


@notice
def test_forgotten_member_is_what_the_ticket_says(running: Room, notice: Notice) -> None:
    Member.objects.appoint(running, "bob", Role.HOST)
    notice(running)
    Member.objects.remove(running, "bob")
    notice(running)
    assert happened(running, since=3) == [("promote", None, "bob"), ("demote", None, "bob")]
    assert participants_by_name(running)["Bob"] == participant(running, "bob")


def test_ban_that_is_over_of_somebody_without_a_role_leaves_the_tickets_role(running: Room) -> None:
    running.members.filter(user_id="bob").update(role=None, banned=True, until=NOON)
    Room.objects.bump_version([running.pk])
    refresh(running.id, after(1))
    assert happened(running, since=3) == []
