"""The enforcement shown for kicks and bans, while Agora's rules are requested, placed and lifted."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as Staff
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from moderation.document import updates_since
from moderation.models import Event
from rooms.kicking import worker
from rooms.models import KickingRule, Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.cast import alias_of
from tests.rooms.admin.pages import rows
from tests.rooms.kicking.agora_rest import AgoraRest, fails
from tests.rooms.kicking.rules import Clock, by_number, numbers, rules, work_until_settled
from tests.running_room import come_in

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]


@pytest.fixture
def uid_room(room: Room, agora: AgoraRest) -> Room:
    """A `uid` room with alice, bob and carol; bob shares a screen."""
    by_number(room, "alice", "carol")
    by_number(room, "bob", screens=True)
    come_in(room, "alice", "bob", "carol", now=timezone.now())
    return room


def kick(room: Room, backend: Api, user_id: str = "bob", **body: Any) -> None:
    path = f"rooms/{room.id}/moderation/participants/{alias_of(room, user_id)}/kick/"
    assert backend.post(path, body).status_code == 200


def shown(room: Room, backend: Api) -> list[tuple[str, str]]:
    """The enforcement of removals in the log."""
    events = backend.get(f"rooms/{room.id}/moderation/events/").json()["results"]
    return [(event["action"], event["enforcement"]) for event in events if "enforcement" in event]


def told(room: Room) -> list[tuple[str, str]]:
    """The enforcement of removals in the updates."""
    frames = [json.loads(frame) for _, frame in updates_since(room.id, 0)]
    return [(frame["action"], frame["enforcement"]) for frame in frames if "enforcement" in frame]


@pytest.mark.parametrize(("body", "action"), [({}, "kick"), ({"ban": True, "seconds": 600}, "ban")])
def test_kick_is_answered_before_agora_is_called(
    uid_room: Room, agora: AgoraRest, backend: Api, body: dict[str, Any], action: str
) -> None:
    agora.open.clear()
    kick(uid_room, backend, **body)
    assert (agora.calls, rules("progress")) == ([], ["requested"] * 2)
    assert shown(uid_room, backend) == told(uid_room) == [(action, "requested")]
    agora.open.set()
    worker.work()
    assert sorted(rule["uid"] for rule in agora.made) == sorted(numbers(uid_room, "bob"))
    assert shown(uid_room, backend) == [(action, "provider")]
    assert told(uid_room) == [(action, "requested")]


def root() -> Client:
    client = Client()
    client.force_login(Staff.objects.create_superuser("root"))
    return client


def by_members(room: Room, backend: Api) -> None:
    assert backend("PUT", f"rooms/{room.id}/members/bob/", {"role": "banned"}).status_code == 200


def by_kick(room: Room, backend: Api) -> None:
    kick(room, backend, ban=True)


def by_admin(room: Room, backend: Api) -> None:
    member, client = Member.objects.get(room=room, user_id="bob"), root()
    fields = {"room": room.id, "user_id": "bob", "role": "publisher", "banned": "on"}
    assert client.post(f"/admin/rooms/member/{member.pk}/change/", fields).status_code == 302


@pytest.mark.parametrize("ban", [by_members, by_kick, by_admin])
def test_ban_by_any_path_is_enforced_once(
    uid_room: Room, agora: AgoraRest, backend: Api, ban: Callable[[Room, Api], None]
) -> None:
    ban(uid_room, backend)
    assert shown(uid_room, backend) == [("ban", "requested")]
    worker.work()
    assert agora.blocked == sorted((uid_room.channel, uid) for uid in numbers(uid_room, "bob"))
    assert shown(uid_room, backend) == [("ban", "provider")]


def lifted_by_members(room: Room, backend: Api) -> None:
    assert backend("PUT", f"rooms/{room.id}/members/bob/", {"role": "publisher"}).status_code == 200


def lifted_by_deletion(room: Room, backend: Api) -> None:
    assert backend("DELETE", f"rooms/{room.id}/members/bob/").status_code == 204


def lifted_by_admin(room: Room, backend: Api) -> None:
    member, client = Member.objects.get(room=room, user_id="bob"), root()
    page = f"/admin/rooms/member/{member.pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("lift", [lifted_by_members, lifted_by_deletion, lifted_by_admin])
def test_lifting_by_any_path_removes_the_rules(
    uid_room: Room, agora: AgoraRest, backend: Api, lift: Callable[[Room, Api], None]
) -> None:
    kick(uid_room, backend, ban=True)
    worker.work()
    lift(uid_room, backend)
    worker.work()
    assert (agora.rules, rules("progress")) == ({}, ["lifted"] * 2)
    assert shown(uid_room, backend) == [("ban", "provider")]


def test_one_failed_rule_shows(uid_room: Room, agora: AgoraRest, backend: Api) -> None:
    kick(uid_room, backend)
    agora.faults.append(fails(403))
    worker.work()
    assert sorted(rules("progress")) == ["failed", "provider"]
    assert shown(uid_room, backend) == [("kick", "failed")]


def test_one_rule_still_to_be_placed_shows(uid_room: Room, agora: AgoraRest, backend: Api) -> None:
    kick(uid_room, backend)
    agora.faults.append(fails(500))
    worker.work()
    assert shown(uid_room, backend) == [("kick", "requested")]
    work_until_settled(Clock())
    assert shown(uid_room, backend) == [("kick", "provider")]


def test_lifting_that_fails_shows(uid_room: Room, agora: AgoraRest, backend: Api) -> None:
    kick(uid_room, backend, ban=True)
    KickingRule.objects.update(progress="stuck", due_at=None)
    assert shown(uid_room, backend) == [("ban", "failed")]


def test_ban_lifted_before_agora_heard_of_it_was_advisory(uid_room: Room, backend: Api) -> None:
    kick(uid_room, backend, ban=True)
    Member.objects.appoint(uid_room, "bob", Role.PUBLISHER)
    assert (rules("pk"), shown(uid_room, backend)) == ([], [("ban", "advisory")])


def test_account_room_and_unconfigured_service_are_advisory(
    room: Room, agora: AgoraRest, backend: Api, settings: Any
) -> None:
    come_in(room, "bob", now=timezone.now())
    kick(room, backend)
    assert shown(room, backend) == [("kick", "advisory")]
    settings.AGORA_CUSTOMER_ID = ""
    by_number(room, "carol")
    come_in(room, "carol", now=timezone.now())
    kick(room, backend, "carol")
    assert shown(room, backend) == [("kick", "advisory")] * 2
    assert rules("pk") == []


def test_log_asks_no_more_for_three_removals_than_for_one(uid_room: Room, backend: Api) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            backend.get(f"rooms/{uid_room.id}/moderation/events/")
        return len(captured)

    kick(uid_room, backend)
    with_one = queries()
    kick(uid_room, backend, "carol")
    kick(uid_room, backend, "alice", ban=True)
    queries()  # catches up with the ban
    assert (queries(), len(shown(uid_room, backend))) == (with_one, 3)


def test_admin_shows_how_far_it_has_come(uid_room: Room, backend: Api, admin_client: Client) -> None:
    kick(uid_room, backend)
    worker.work()
    kick(uid_room, backend, "carol", ban=True)
    listed = [(row[2], row[6]) for row in rows(admin_client.get("/admin/moderation/event/"))]
    assert listed[:3] == [("Ban", "requested"), ("Kick", "provider"), ("Join", "-")]
    event = Event.objects.get(action="kick")
    page = admin_client.get(f"/admin/moderation/event/{event.pk}/change/").content.decode()
    assert '<div class="readonly">provider</div>' in page
