"""Limits, channel and end that change elsewhere, and how many queries reconciling takes."""

import pytest

from moderation import actions
from moderation.actions import seats
from moderation.leases import refresh
from moderation.models import Event, ParticipantState, RoomState
from moderation.rule import Medium, Override
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.noticing import Notice, act, notice, notice_all, participants_by_name
from tests.moderation.queries import asked, written
from tests.refusals import refusal, refusal_of
from tests.running_room import NOON, after, come_in, context, flags, happened, log, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob", "carol")]

AUDIO = Medium.AUDIO


@notice
def test_limits_are_told(running: Room, notice: Notice) -> None:
    running.change({"audio_limit": 2, "video_limit": 0})
    notice(running)
    notice(running)
    changed = {"room": {"audio_limit": 2, "video_limit": 0}}
    assert log(running, since=3) == [(4, "change_limits", None, None, changed)]
    assert actions.read(running.id, NOON)["room"] == flags(audio_limit=2, video_limit=0)


def test_one_limit_is_told_alone(running: Room) -> None:
    running.change({"video_limit": 11})
    refresh(running.id, NOON)
    assert log(running, since=3) == [(4, "change_limits", None, None, {"room": {"video_limit": 11}})]


@notice_all
def test_other_facts_are_no_event(running: Room, notice: Notice) -> None:
    running.change({"name": "Geometry", "token_ttl": 600})
    Member.objects.appoint(running, "dave", Role.HOST)
    notice(running)
    running.refresh_from_db()
    state = RoomState.objects.get()
    assert (state.version, state.reconciled_version) == (3, running.version)
    assert happened(running, since=3) == []


@notice
def test_new_channel_gives_new_aliases_and_keeps_the_rest(running: Room, notice: Notice) -> None:
    seats.request(context(running, "bob"), AUDIO)
    actions.set_participant(context(running), alias_of(running, "carol"), {AUDIO: Override.DENY})
    actions.kick(context(running), alias_of(running, "carol"))
    old = alias_of(running, "bob")

    running.rotate_channel()
    notice(running)
    notice(running)

    assert log(running, since=6) == [(7, "rotate_channel", None, None, {"room": {}})]
    assert participants_by_name(running) == {
        "Alice": participant(running, "alice", connected=False),
        "Bob": participant(running, "bob", connected=False, audio_seat=True),
    }
    assert alias_of(running, "bob") != old
    carol = ParticipantState.objects.get(user_id="carol")
    assert (carol.alias, carol.audio, carol.gone_at) == (alias_of(running, "carol"), "deny", None)


def test_gone_keep_their_lease_when_the_channel_changes(running: Room) -> None:
    ParticipantState.objects.filter(user_id="bob").update(connection=None, process=None, gone_at=after(-20))
    running.rotate_channel()
    refresh(running.id, NOON)
    assert ParticipantState.objects.get(user_id="bob").gone_at == after(-20)


@notice
@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_end_makes_everybody_leave(running: Room, notice: Notice, field: str) -> None:
    running.change({field: after(1)})
    if notice is act:
        with refusal("room_ended"):
            notice(running)
    else:
        notice(running)
        notice(running)
    assert log(running, since=3) == [(4, "end", None, None, {"room": {}})]
    assert participants_by_name(running) == {}


def test_end_to_come_is_no_event_until_then(running: Room) -> None:
    running.change({"ends_at": after(10)})
    refresh(running.id, after(9))
    assert happened(running, since=3) == []
    refresh(running.id, after(10))
    assert happened(running, since=3) == [("end", None, None)]


def test_room_whose_end_was_put_off_opens_again(running: Room) -> None:
    running.change({"ends_at": NOON})
    refresh(running.id, after(1))
    running.change({"ends_at": after(60)})
    come_in(running, "bob", now=after(2))
    assert happened(running, since=3) == [("end", None, None), ("join", "bob", "bob")]
    refresh(running.id, after(60))
    assert happened(running, since=5) == [("end", None, None)]


def test_many_changes_at_once_are_each_an_event(running: Room) -> None:
    Member.objects.ban(running, "bob", None)
    Member.objects.appoint(running, "carol", Role.HOST)
    running.change({"audio_limit": 1})
    running.rotate_channel()
    refresh(running.id, NOON)
    versions = [version for version, *_ in log(running, since=3)]
    assert versions == [4, 5, 6, 7]
    assert sorted(happened(running, since=3), key=str) == [
        ("ban", None, "bob"),
        ("change_limits", None, None),
        ("promote", None, "carol"),
        ("rotate_channel", None, None),
    ]


def test_refused_act_keeps_what_it_caught_up_with(running: Room) -> None:
    Member.objects.appoint(running, "bob", Role.HOST)
    conflict = refusal_of(actions.set_room, context(running, expected=3), {"mute_everyone": True})
    assert conflict.code == "version_conflict"
    assert conflict.members["document"]["version"] == 4  # type: ignore[index]  # it is a document
    assert happened(running, since=3) == [("promote", None, "bob")]
    assert actions.read(running.id, NOON)["room"] == flags()


def test_failed_act_keeps_nothing(running: Room) -> None:
    Member.objects.appoint(running, "bob", Role.HOST)
    with pytest.raises(AttributeError):
        actions.set_room(context(running), {"no_such_flag": True})
    assert (RoomState.objects.get().version, Event.objects.count()) == (3, 3)


def test_look_at_an_unchanged_room_writes_nothing(running: Room) -> None:
    statements = asked(refresh, running.id, NOON)
    assert 0 < len(statements) <= 10
    assert written(statements) == []


def test_facts_are_followed_at_the_same_cost_in_a_crowd(room: Room) -> None:
    def cost(count: int, host: str) -> int:
        come_in(room, *(f"u-{number}" for number in range(count)), role=Role.PUBLISHER)
        Member.objects.appoint(room, host, Role.HOST)
        statements = asked(refresh, room.id, NOON)
        assert written(statements) != []
        return len(statements)

    assert cost(1, "dave") == cost(30, "erin") <= 15


def test_unknown_room_is_refused(db: None) -> None:
    with refusal("room_not_found"):
        refresh("nothing", NOON)
