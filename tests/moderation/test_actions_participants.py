"""Muting, allowing and resetting one participant."""

from typing import Any

import pytest

from moderation import actions
from moderation.actions import seats
from moderation.models import ParticipantState
from moderation.rule import Medium, Override
from rooms.callers import Caller, TicketHolder, User
from rooms.models import Member, Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.refusals import refusal, refusal_of
from tests.running_room import BACKEND, NOON, after, come_in, context, flags, happened, log, participant

pytestmark = [pytest.mark.django_db, pytest.mark.present("alice", "bob", "carol")]

AUDIO, VIDEO = Medium.AUDIO, Medium.VIDEO
INHERIT, ALLOW, DENY = Override.INHERIT, Override.ALLOW, Override.DENY


def tell(room: Room, user_id: str, wanted: dict[Medium, Override], by: Caller | str = "alice") -> Any:
    return actions.set_participant(context(room, by), alias_of(room, user_id), wanted)


@pytest.mark.parametrize(
    ("medium", "override", "action", "shown"),
    [
        (AUDIO, DENY, "mute_audio", {"audio": "deny", "may_publish_audio": False}),
        (AUDIO, ALLOW, "allow_audio", {"audio": "allow"}),
        (VIDEO, DENY, "mute_video", {"video": "deny", "may_publish_video": False}),
        (VIDEO, ALLOW, "allow_video", {"video": "allow"}),
    ],
)
def test_override_is_set_told_and_reset(
    running: Room, medium: Medium, override: Override, action: str, shown: dict[str, Any]
) -> None:
    changed, plain = participant(running, "bob", **shown), participant(running, "bob")
    assert tell(running, "bob", {medium: override}) == {"version": 4, "participant": changed}
    assert tell(running, "bob", {medium: INHERIT}) == {"version": 5, "participant": plain}
    assert log(running, since=3) == [
        (4, action, "alice", "bob", {"participant": changed}),
        (5, f"reset_{medium.value}", "alice", "bob", {"participant": plain}),
    ]


def test_both_media_at_once_are_two_versions(running: Room) -> None:
    answer = tell(running, "bob", {AUDIO: DENY, VIDEO: ALLOW})
    after_both = participant(running, "bob", audio="deny", may_publish_audio=False, video="allow")
    assert answer == {"version": 5, "participant": after_both}
    assert happened(running, since=3) == [("mute_audio", "alice", "bob"), ("allow_video", "alice", "bob")]


@pytest.mark.parametrize("medium", Medium)
def test_mute_frees_the_seat_of_that_medium_alone(running: Room, medium: Medium) -> None:
    for each in Medium:
        seats.request(context(running, "bob"), each)
    other = VIDEO if medium is AUDIO else AUDIO
    assert tell(running, "bob", {medium: DENY})["participant"] == participant(
        running,
        "bob",
        **{medium.value: "deny", f"may_publish_{medium.value}": False, f"{other.value}_seat": True},
    )


def test_what_is_so_already_raises_no_version(running: Room) -> None:
    unchanged = {"version": 3, "participant": participant(running, "bob")}
    assert tell(running, "bob", {AUDIO: INHERIT, VIDEO: INHERIT}) == unchanged
    assert happened(running, since=3) == []


def test_reset_follows_the_room_again(running: Room) -> None:
    tell(running, "bob", {AUDIO: ALLOW})
    actions.set_room(context(running), {"mute_everyone": True})
    seats.request(context(running, "bob"), AUDIO)
    assert tell(running, "bob", {AUDIO: INHERIT})["participant"] == participant(
        running, "bob", may_publish_audio=False
    )


def test_allowed_subscriber_still_only_listens(running: Room) -> None:
    shown = tell(running, "carol", {AUDIO: ALLOW, VIDEO: ALLOW})["participant"]
    assert shown == participant(running, "carol", audio="allow", video="allow")
    assert not shown["may_publish_audio"]


def test_host_may_mute_another_host_and_reset_themselves(running: Room) -> None:
    come_in(running, "erin", role=Role.HOST)
    denied = participant(running, "alice", audio="deny", may_publish_audio=False)
    erin = TicketHolder("erin", running.id, Role.HOST)
    assert tell(running, "alice", {AUDIO: DENY}, erin)["participant"] == denied
    assert tell(running, "alice", {AUDIO: INHERIT})["participant"] == participant(running, "alice")


def test_backend_acts_without_a_name(running: Room) -> None:
    tell(running, "bob", {AUDIO: DENY}, BACKEND)
    assert happened(running, since=3) == [("mute_audio", None, "bob")]


def test_somebody_who_left_can_be_muted_for_when_they_come_back(running: Room) -> None:
    actions.kick(context(running), alias_of(running, "bob"))
    muted = participant(running, "bob", connected=False, audio="deny", may_publish_audio=False)
    assert tell(running, "bob", {AUDIO: DENY}) == {"version": 5, "participant": muted}
    assert log(running, since=4) == [(5, "mute_audio", "alice", "bob", {"left": alias_of(running, "bob")})]
    come_in(running, "bob")
    assert ParticipantState.objects.get(user_id="bob").audio == "deny"


def test_overrides_survive_leaving_and_a_ticket_with_another_role(running: Room) -> None:
    tell(running, "bob", {AUDIO: DENY})
    Member.objects.remove(running, "bob")
    actions.kick(context(running), alias_of(running, "bob"))
    come_in(running, "bob", role=Role.HOST)
    people = actions.read(running.id, NOON)["participants"]
    back = participant(running, "bob", role="host", audio="deny", may_publish_audio=False)
    assert back in people


@pytest.mark.parametrize("unknown", ["", "nobody", "a\0b", "x" * 300, "alice"])
def test_alias_of_nobody_is_refused(running: Room, unknown: str) -> None:
    found = refusal_of(actions.set_participant, context(running), unknown, {AUDIO: DENY})
    assert (found.code, found.detail) == ("participant_not_found", "Nobody in this room has this alias.")


def test_participant_of_another_room_is_not_found(running: Room) -> None:
    other = Room.objects.create()
    come_in(other, "bob", role=Role.PUBLISHER)
    with refusal("participant_not_found"):
        actions.set_participant(context(running), alias_of(other, "bob"), {AUDIO: DENY})
    assert ParticipantState.objects.get(room=other).audio == "inherit"


def test_member_who_never_came_is_not_found(room: Room) -> None:
    with refusal("participant_not_found"):
        tell(room, "bob", {AUDIO: DENY})


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (User("bob"), "host_only"),
        (User("carol"), "host_only"),
        (User("mallory"), "banned"),
        (User("dave"), "not_a_member"),
        (TicketHolder("alice", "another", Role.HOST), "not_a_member"),
    ],
)
def test_others_may_not_mute(running: Room, caller: Caller, code: str) -> None:
    with refusal(code):
        tell(running, "bob", {AUDIO: DENY}, caller)
    assert happened(running, since=3) == []


def test_nobody_may_reset_themselves_who_is_no_host(running: Room) -> None:
    tell(running, "bob", {AUDIO: DENY})
    with refusal("host_only"):
        tell(running, "bob", {AUDIO: INHERIT}, "bob")


@pytest.mark.parametrize("caller", [BACKEND, User("alice")])
def test_room_that_is_over_is_not_changed(running: Room, caller: Caller) -> None:
    running.end(NOON)
    with refusal("room_ended"):
        actions.set_participant(context(running, caller, after(1)), alias_of(running, "bob"), {AUDIO: DENY})


def test_expected_version_is_checked_before_anything_is_done(running: Room) -> None:
    bob = alias_of(running, "bob")
    conflict = refusal_of(actions.set_participant, context(running, expected=2), bob, {AUDIO: DENY})
    assert conflict.code == "version_conflict"
    assert conflict.members == {"document": actions.read(running.id, NOON)}
    assert conflict.members["document"]["room"] == flags()  # type: ignore[index]  # it is a document
    right = actions.set_participant(context(running, expected=3), bob, {AUDIO: DENY})
    assert right["version"] == 4
