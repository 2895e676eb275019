"""Muting everyone, disabling webcams, lifting both, and reading the document."""

import pytest

from moderation import actions
from moderation.actions import seats
from moderation.rule import Medium, Override
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.refusals import refusal
from tests.running_room import BACKEND, NOON, come_in, context, document, flags, happened, log, participant

pytestmark = pytest.mark.django_db

AUDIO, VIDEO = Medium.AUDIO, Medium.VIDEO


def test_document_of_a_room_nobody_was_in(room: Room) -> None:
    assert actions.read(room.id, NOON) == document(0, flags())
    assert log(room) == []


def test_document_has_the_limits_of_the_room(db: None) -> None:
    room = Room.objects.create(audio_limit=3, video_limit=0)
    assert actions.read(room.id, NOON) == document(0, flags(audio_limit=3, video_limit=0))


def test_document_shows_everybody_by_alias(room: Room) -> None:
    come_in(room, "carol", "bob", "alice")
    everybody = (participant(room, user_id) for user_id in ("alice", "bob", "carol"))
    assert actions.read(room.id, NOON) == document(3, flags(), *everybody)


@pytest.mark.parametrize("room_id", ["nothing", "a\0b", ""])
def test_unknown_room_is_refused(db: None, room_id: str) -> None:
    with refusal("room_not_found"):
        actions.read(room_id, NOON)


def test_mute_everyone_takes_permission_and_seats_but_not_from_hosts(room: Room) -> None:
    come_in(room, "alice", "bob", "carol")
    for user_id in ("alice", "bob"):
        seats.request(context(room, user_id), AUDIO)
    seats.request(context(room, "bob"), VIDEO)

    answer = actions.set_room(context(room), {"mute_everyone": True})

    assert answer == {"version": 7, "room": flags(mute_everyone=True)}
    assert actions.read(room.id, NOON) == document(
        7,
        flags(mute_everyone=True),
        participant(room, "alice", audio_seat=True),
        participant(room, "bob", may_publish_audio=False, video_seat=True),
        participant(room, "carol"),
    )
    assert log(room, since=6) == [(7, "mute_everyone", "alice", None, {"room": {"mute_everyone": True}})]


def test_disabled_webcams_take_permission_and_seats_but_not_from_hosts(room: Room) -> None:
    come_in(room, "alice", "bob")
    for user_id in ("alice", "bob"):
        seats.request(context(room, user_id), VIDEO)
    seats.request(context(room, "bob"), AUDIO)

    actions.set_room(context(room), {"webcams_disabled": True})

    assert actions.read(room.id, NOON) == document(
        6,
        flags(webcams_disabled=True),
        participant(room, "alice", video_seat=True),
        participant(room, "bob", may_publish_video=False, audio_seat=True),
    )
    assert log(room, since=5) == [(6, "disable_webcams", "alice", None, {"room": {"webcams_disabled": True}})]


def test_mute_leaves_those_who_are_allowed_in_their_seats(room: Room) -> None:
    come_in(room, "bob", "frank", role=Role.PUBLISHER)
    for user_id in ("bob", "frank"):
        seats.request(context(room, user_id), AUDIO)
    actions.set_participant(context(room), alias_of(room, "bob"), {AUDIO: Override.ALLOW})

    actions.set_room(context(room), {"mute_everyone": True})

    assert actions.read(room.id, NOON)["participants"] == sorted(
        [
            participant(room, "bob", audio="allow", audio_seat=True),
            participant(room, "frank", may_publish_audio=False),
        ],
        key=lambda shown: str(shown["alias"]),
    )


def test_lifting_gives_permission_but_no_seat(room: Room) -> None:
    come_in(room, "bob")
    seats.request(context(room, "bob"), AUDIO)
    actions.set_room(context(room), {"mute_everyone": True})
    actions.set_room(context(room), {"mute_everyone": False})
    assert actions.read(room.id, NOON) == document(4, flags(), participant(room, "bob"))
    assert happened(room, since=2) == [("mute_everyone", "alice", None), ("unmute_everyone", "alice", None)]


def test_lifting_and_setting_again_keeps_overrides(room: Room) -> None:
    come_in(room, "bob", "erin", role=Role.PUBLISHER)
    actions.set_participant(context(room), alias_of(room, "bob"), {AUDIO: Override.ALLOW})
    actions.set_participant(context(room), alias_of(room, "erin"), {AUDIO: Override.DENY})
    for muted in (True, False, True):
        actions.set_room(context(room), {"mute_everyone": muted})
    bob = participant(room, "bob", audio="allow")
    erin = participant(room, "erin", audio="deny", may_publish_audio=False)
    assert actions.read(room.id, NOON) == document(7, flags(mute_everyone=True), bob, erin)
    actions.set_room(context(room), {"mute_everyone": False})
    assert actions.read(room.id, NOON) == document(8, flags(), bob, erin)


def test_both_flags_at_once_are_two_versions(room: Room) -> None:
    answer = actions.set_room(context(room), {"webcams_disabled": True, "mute_everyone": True})
    assert answer == {"version": 2, "room": flags(mute_everyone=True, webcams_disabled=True)}
    assert sorted(action for action, _, _ in happened(room)) == ["disable_webcams", "mute_everyone"]
    actions.set_room(context(room, BACKEND), {"webcams_disabled": False})
    assert log(room, since=2) == [(3, "enable_webcams", None, None, {"room": {"webcams_disabled": False}})]


def test_what_is_so_already_raises_no_version(room: Room) -> None:
    assert actions.set_room(context(room), {"mute_everyone": False}) == {"version": 0, "room": flags()}
    actions.set_room(context(room), {"mute_everyone": True})
    again = actions.set_room(context(room), {"mute_everyone": True, "webcams_disabled": False})
    assert again == {"version": 1, "room": flags(mute_everyone=True)}
    assert happened(room) == [("mute_everyone", "alice", None)]


def test_late_joiner_is_muted_unless_allowed(room: Room) -> None:
    come_in(room, "alice", "erin", role=None)
    actions.set_participant(context(room), alias_of(room, "erin"), {AUDIO: Override.ALLOW})
    actions.kick(context(room), alias_of(room, "erin"))
    actions.set_room(context(room), {"mute_everyone": True})
    come_in(room, "bob", "erin")
    assert actions.read(room.id, NOON) == document(
        7,
        flags(mute_everyone=True),
        participant(room, "alice"),
        participant(room, "bob", may_publish_audio=False),
        participant(room, "erin", audio="allow"),
    )
