"""Seats: leases on the room's places for publishing."""

from typing import Any

import pytest

from moderation import actions, presence
from moderation.actions import seats
from moderation.models import LiveProcess, ParticipantState
from moderation.rule import Medium, Override
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.refusals import refusal, refusal_of
from tests.running_room import (
    NOON,
    PROCESS,
    after,
    another_process_lives,
    come_in,
    connection_id,
    context,
    happened,
    log,
    participant,
)

pytestmark = pytest.mark.django_db

AUDIO, VIDEO = Medium.AUDIO, Medium.VIDEO


def answer(version: int, media: str, *, seat: bool, audio: int, video: int) -> dict[str, Any]:
    return {"version": version, "media": media, "seat": seat, "free": {"audio": audio, "video": video}}


def swarm(room: Room, count: int) -> list[str]:
    user_ids = [f"u-{number}" for number in range(count)]
    come_in(room, *user_ids, role=Role.PUBLISHER)
    return user_ids


def take(room: Room, user_id: str, medium: Medium = AUDIO, seconds: float = 0) -> Any:
    return seats.request(context(room, user_id, after(seconds)), medium)


def seated(medium: Medium = AUDIO) -> set[str | None]:
    rows = ParticipantState.objects.filter(**{f"{medium.value}_seat": True})
    return set(rows.values_list("user_id", flat=True))


def test_seat_is_taken_told_and_given_back(room: Room) -> None:
    come_in(room, "bob")
    assert take(room, "bob") == answer(2, "audio", seat=True, audio=11, video=10)
    assert take(room, "bob", VIDEO) == answer(3, "video", seat=True, audio=11, video=9)
    released = seats.release(context(room, "bob"), AUDIO)
    assert released == answer(4, "audio", seat=False, audio=12, video=9)
    sound, picture = {"audio_seat": True}, {"video_seat": True}
    assert log(room, since=1) == [
        (2, "take_audio_seat", "bob", "bob", {"participant": participant(room, "bob", **sound)}),
        (3, "take_video_seat", "bob", "bob", {"participant": participant(room, "bob", **sound, **picture)}),
        (4, "release_audio_seat", "bob", "bob", {"participant": participant(room, "bob", **picture)}),
    ]


def test_seat_that_is_had_already_raises_no_version(room: Room) -> None:
    come_in(room, "bob")
    assert take(room, "bob") == take(room, "bob")
    assert happened(room, since=2) == []


def test_seat_that_is_not_had_is_given_back_without_a_version(room: Room) -> None:
    come_in(room, "carol")
    nothing = seats.release(context(room, "carol"), VIDEO)
    assert nothing == answer(1, "video", seat=False, audio=12, video=10)


@pytest.mark.parametrize(("medium", "limit"), [(AUDIO, 12), (VIDEO, 10)])
def test_defaults_are_twelve_voices_and_ten_webcams(room: Room, medium: Medium, limit: int) -> None:
    *seatable, late, later = swarm(room, limit + 2)
    for number, user_id in enumerate(seatable, 1):
        assert take(room, user_id, medium)["free"][medium.value] == limit - number
    for user_id in (late, later):
        full = refusal_of(take, room, user_id, medium)
        assert (full.code, full.detail) == ("seats_full", f"All {limit} {medium.value} seats are taken.")
    assert seated(medium) == set(seatable)


def test_limit_of_one_is_one(db: None) -> None:
    room = Room.objects.create(audio_limit=1, video_limit=1)
    first, second = swarm(room, 2)
    assert take(room, first)["free"] == {"audio": 0, "video": 1}
    full = refusal_of(take, room, second)
    assert (full.code, full.status, full.members) == (
        "seats_full",
        409,
        {"free": {"audio": 0, "video": 1}},
    )
    assert take(room, first)["seat"]
    seats.release(context(room, first), AUDIO)
    assert take(room, second)["seat"]
    assert seated() == {second}


def test_limit_of_none_is_none(db: None) -> None:
    room = Room.objects.create(audio_limit=0)
    (first,) = swarm(room, 1)
    full = refusal_of(take, room, first)
    assert (full.code, full.members) == ("seats_full", {"free": {"audio": 0, "video": 10}})


def test_lowered_limit_throws_nobody_out(db: None) -> None:
    room = Room.objects.create()
    one, two, three = swarm(room, 3)
    for user_id in (one, two):
        take(room, user_id)
    room.change({"audio_limit": 1})
    full = refusal_of(take, room, three)
    assert (full.code, full.detail, full.members) == (
        "seats_full",
        "All 1 audio seats are taken.",
        {"free": {"audio": 0, "video": 10}},
    )
    assert seated() == {one, two}
    assert seats.release(context(room, one), AUDIO)["free"] == {"audio": 0, "video": 10}
    with refusal("seats_full"):
        take(room, three)
    seats.release(context(room, two), AUDIO)
    assert take(room, three)["free"] == {"audio": 0, "video": 10}


def test_raised_limit_gives_places(db: None) -> None:
    room = Room.objects.create(audio_limit=0)
    (first,) = swarm(room, 1)
    room.change({"audio_limit": 2})
    assert take(room, first)["free"] == {"audio": 1, "video": 10}


def test_subscriber_gets_none(room: Room) -> None:
    come_in(room, "carol")
    assert refusal_of(take, room, "carol").code == "role_not_granted"
    actions.set_participant(context(room), alias_of(room, "carol"), {AUDIO: Override.ALLOW})
    assert refusal_of(take, room, "carol").code == "role_not_granted"


def test_host_says_who_gets_one(room: Room) -> None:
    come_in(room, "alice", "bob")
    actions.set_room(context(room), {"mute_everyone": True})
    no = refusal_of(take, room, "bob")
    assert (no.code, no.detail) == ("not_allowed_by_host", "A host does not let you publish audio now.")
    assert take(room, "bob", VIDEO)["seat"]
    assert take(room, "alice")["seat"]
    actions.set_participant(context(room), alias_of(room, "bob"), {AUDIO: Override.ALLOW})
    assert take(room, "bob")["seat"]
    actions.set_participant(context(room), alias_of(room, "alice"), {AUDIO: Override.DENY})
    with refusal("not_allowed_by_host"):
        take(room, "alice")
    assert seated() == {"bob"}


@pytest.mark.parametrize("act", [seats.request, seats.release])
def test_seats_are_for_those_who_are_there(room: Room, act: Any) -> None:
    no = refusal_of(act, context(room, "bob"), AUDIO)
    assert (no.code, no.detail) == ("participant_not_found", "You are not in this room.")
    come_in(room, "bob")
    actions.kick(context(room), alias_of(room, "bob"))
    assert refusal_of(act, context(room, "bob"), AUDIO).code == "participant_not_found"


@pytest.mark.parametrize("act", [seats.request, seats.release])
def test_room_that_is_over_has_none(room: Room, act: Any) -> None:
    come_in(room, "bob")
    room.end(NOON)
    assert refusal_of(act, context(room, "bob", after(1)), AUDIO).code == "room_ended"
    assert not ParticipantState.objects.present().exists()


def test_full_room_gives_the_seat_of_a_lapsed_lease(db: None) -> None:
    room = Room.objects.create(audio_limit=1)
    gone, waiting = swarm(room, 2)
    take(room, gone)
    presence.disconnect(room.id, [connection_id(gone)], NOON)
    LiveProcess.objects.update(seen_at=after(30))
    with refusal("seats_full"):
        take(room, waiting, seconds=30)
    assert take(room, waiting, seconds=30.1)["free"] == {"audio": 0, "video": 10}
    assert happened(room, since=4) == [("leave", None, gone), ("take_audio_seat", waiting, waiting)]


def test_seat_goes_to_nobody_whose_own_lease_has_lapsed(db: None) -> None:
    """The sockets of a process without a recent heartbeat have expired."""
    room = Room.objects.create(audio_limit=1)
    first, second = swarm(room, 2)
    take(room, first)
    assert LiveProcess.objects.get().pk == PROCESS
    another_process_lives(60)
    with refusal("participant_not_found"):
        take(room, second, seconds=60)
    assert not ParticipantState.objects.present().exists()
