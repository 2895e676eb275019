"""The same acts by REST and by ticket, as the socket does them, give the same document and the same log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from moderation import actions
from moderation.rule import Medium, Override
from rooms.channel_keys import new_secret
from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.cast import alias_of
from tests.running_room import come_in, context, log

pytestmark = pytest.mark.django_db

Act = tuple[str, Any]

# What is done to whom; the room where there is nobody.
ACTS: list[Act] = [
    ("", {"mute_everyone": True}),
    ("", {"mute_everyone": True, "webcams_disabled": True}),
    ("bob", {"audio": "allow"}),
    ("bob", {"audio": "deny", "video": "allow"}),
    ("bob", {"audio": "inherit"}),
    ("", {"webcams_disabled": False}),
    ("carol kick", {}),
    ("carol", {"audio": "deny"}),
    ("bob kick", {"ban": True}),
    ("bob kick", {}),
    ("end", None),
]


def by_rest(room: Room, alice: Api, target: str, body: Any) -> None:
    user_id, _, kick = target.partition(" ")
    path = f"rooms/{room.id}/moderation/"
    if target == "end":
        response = alice.post(f"rooms/{room.id}/end/")
    elif not target:
        response = alice("PATCH", path, body)
    else:
        person = f"{path}participants/{alias_of(room, user_id)}/"
        response = alice.post(f"{person}kick/", body) if kick else alice("PATCH", person, body)
    assert response.status_code == 200, response.content


def by_ticket(room: Room, target: str, body: Any) -> None:
    user_id, _, kick = target.partition(" ")
    alice = context(room, "alice", timezone.now())
    if target == "end":
        actions.end(alice)
    elif not target:
        actions.set_room(alice, body)
    elif kick:
        actions.kick(alice, alias_of(room, user_id), **body)
    else:
        wanted = {Medium(medium): Override(override) for medium, override in body.items()}
        actions.set_participant(alice, alias_of(room, user_id), wanted)


def running_room(secret: bytes) -> Room:
    room = Room.objects.create(channel_secret=secret)
    for user_id, role in (("alice", Role.HOST), ("bob", Role.PUBLISHER), ("carol", Role.SUBSCRIBER)):
        Member.objects.appoint(room, user_id, role)
    come_in(room, "alice", "bob", "carol", now=timezone.now())
    return room


def test_same_acts_give_the_same_document_and_log(as_user: Callable[..., Api]) -> None:
    secret = new_secret()  # the same aliases in both
    one, other = running_room(secret), running_room(secret)
    for target, body in ACTS:
        by_rest(one, as_user("alice"), target, body)
        by_ticket(other, target, body)
        now = timezone.now()
        assert actions.read(one.id, now) == actions.read(other.id, now)
        assert log(one) == log(other)
    assert len(log(one)) == 14
