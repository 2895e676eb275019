"""Kicks and bans of participants who are in the channel."""

import pytest

from moderation import actions
from moderation.close_codes import CloseCode
from moderation.leases import refresh
from moderation.live.replay import replay_since
from moderation.rule import Medium, Override
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.agora import entered, follow, ghost, left, participants
from tests.running_room import after, connection_id, context, happened, log

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob")]


@pytest.mark.parametrize("ban", [False, True])
def test_removed_person_is_shown_until_agora_says_they_left(running: Room, *, ban: bool) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob))
    assert actions.kick(context(running), bob, ban=ban) == {"version": 4, "left": bob}
    assert participants(running) == [ghost(running)]
    follow(left(running, bob))
    assert participants(running) == []
    ((_, action, actor, target, change), gone) = log(running, since=3)
    assert (action, actor, target) == ("ban" if ban else "kick", "alice", "bob")
    assert change == {"participant": ghost(running), "enforcement": "advisory"}
    assert gone == (5, "leave_channel", None, "bob", {"left": bob})


def test_socket_of_a_kicked_person_is_closed_as_such_whatever_comes_after(running: Room) -> None:
    """The close code of a process that reads the kick from the event log."""
    bob = alias_of(running, "bob")
    follow(entered(running, bob))
    actions.kick(context(running), bob)
    actions.set_participant(context(running), bob, {Medium.AUDIO: Override.DENY})
    follow(left(running, bob))
    last = replay_since(running.id, 3, {connection_id("bob"): "bob"})[-1]
    assert (last.version, last.closes) == (6, {connection_id("bob"): CloseCode.REMOVED})


def test_kick_of_a_ghost_is_recorded_each_time(running: Room) -> None:
    bob = alias_of(running, "bob")
    follow(entered(running, bob))
    for version in (4, 5):
        assert actions.kick(context(running), bob)["version"] == version
    follow(left(running, bob))
    assert actions.kick(context(running), bob) == {"version": 6, "left": bob}


def test_ban_by_a_member_record_reaches_a_ghost_once(running: Room) -> None:
    follow(entered(running, alias_of(running, "bob")))
    actions.kick(context(running), alias_of(running, "bob"))
    Member.objects.ban(running, "bob", None)
    for name in ("Algebra 2", "Algebra 3"):
        refresh(running.id, after(1))
        running.change({"name": name})
    refresh(running.id, after(1))
    assert happened(running, since=4) == [("ban", None, "bob")]
    assert participants(running) == [ghost(running)]


def test_ban_by_a_host_of_a_ghost_is_told_once(running: Room) -> None:
    follow(entered(running, alias_of(running, "bob")))
    actions.kick(context(running), alias_of(running, "bob"), ban=True)
    refresh(running.id, after(1))
    actions.kick(context(running), alias_of(running, "bob"))
    Member.objects.appoint(running, "dave", Role.HOST)
    refresh(running.id, after(1))
    assert happened(running, since=3) == [("ban", "alice", "bob"), ("kick", "alice", "bob")]


def test_ban_after_a_ban_was_lifted_is_news(running: Room) -> None:
    follow(entered(running, alias_of(running, "bob")))
    for _ in range(2):
        Member.objects.ban(running, "bob", None)
        refresh(running.id, after(1))
        Member.objects.appoint(running, "bob", Role.PUBLISHER)
        refresh(running.id, after(1))
    assert happened(running, since=3) == [("ban", None, "bob")] * 2


def test_banned_person_who_enters_with_an_old_token_is_seen_and_not_banned_again(running: Room) -> None:
    actions.kick(context(running), alias_of(running, "bob"), ban=True)
    follow(entered(running, alias_of(running, "bob")))
    running.change({"name": "Algebra 2"})
    assert participants(running) == [ghost(running)]
    assert happened(running, since=3) == [("enter_channel", None, "bob")]


def test_role_of_a_ghost_follows_its_member_record(running: Room) -> None:
    follow(entered(running, alias_of(running, "bob")))
    actions.kick(context(running), alias_of(running, "bob"))
    Member.objects.appoint(running, "bob", Role.SUBSCRIBER)
    assert participants(running) == [ghost(running, role="subscriber")]
    assert happened(running, since=4) == [("demote", None, "bob")]
