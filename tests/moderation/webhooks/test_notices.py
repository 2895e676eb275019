"""Which acts put which notices into the outbox."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from moderation import actions, presence
from moderation.leases import refresh
from moderation.models import LEASE, Webhook
from rooms.models import Room
from rooms.roles import Role
from tests.api import Api
from tests.cast import alias_of, ticket_holder
from tests.moderation.webhooks.app_backend import SECRET, AppBackend
from tests.rooms.management.commands import output_of
from tests.running_room import (
    BACKEND,
    NOON,
    PROCESS,
    after,
    another_process_lives,
    come_in,
    connection_id,
    context,
)
from tests.serving import serving
from tokensvc.web.refusals import Refusal

pytestmark = pytest.mark.django_db
LAPSED = LEASE.total_seconds() + 1


@pytest.fixture(autouse=True)
def _told(settings: Any) -> None:
    settings.WEBHOOK_URL = "https://app.example/hooks"
    settings.WEBHOOK_SECRET = SECRET


def told(room: Room) -> list[Any]:
    """Return a room's notices in order: type, user id if any, reason if any."""
    notices = []
    for webhook in Webhook.objects.filter(room_id=room.id).order_by("pk"):
        body = json.loads(webhook.payload)
        assert (body["type"], body["data"]["room"]) == (webhook.type, {"id": room.id})
        about = [body["data"].get("user", {}).get("id"), body["data"].get("reason")]
        notices.append((webhook.type, *(value for value in about if value)))
    return notices


def told_since(room: Room, act: Callable[[], object]) -> list[Any]:
    before = len(told(room))
    act()
    return told(room)[before:]


def test_body_says_what_of_whom_where_and_when(room: Room) -> None:
    come_in(room, "bob", now=after(0.25))
    webhook = Webhook.objects.get()
    assert json.loads(webhook.payload) == {
        "type": "participant.joined",
        "timestamp": "2026-11-22T12:00:00.250000Z",
        "data": {
            "room": {"id": room.id},
            "user": {"id": "bob", "alias": alias_of(room, "bob"), "name": "Bob", "role": "publisher"},
        },
    }
    assert (webhook.room_id, webhook.attempts, webhook.error) == (room.id, 0, "")
    assert webhook.message_id.startswith("msg_")


def test_ids_of_notices_differ(room: Room) -> None:
    come_in(room, "alice", "bob", "carol")
    assert Webhook.objects.values("message_id").distinct().count() == 3


def test_coming_in_is_told(room: Room) -> None:
    assert told_since(room, lambda: come_in(room, "alice", "bob")) == [
        ("participant.joined", "alice"),
        ("participant.joined", "bob"),
    ]


def test_coming_back_within_the_lease_is_not_told(room: Room) -> None:
    come_in(room, "bob")

    def reconnect() -> None:
        presence.disconnect(room.id, [connection_id("bob")], after(1))
        refresh(room.id, after(20))
        come_in(room, "bob", now=after(29))

    assert told_since(room, reconnect) == []


def test_newer_socket_of_the_same_user_is_not_told(room: Room) -> None:
    come_in(room, "bob")
    assert (
        told_since(room, lambda: presence.join(ticket_holder(room, "bob"), "newer", PROCESS, after(1))) == []
    )


def test_staying_away_is_told_as_leaving_and_coming_back_as_coming(room: Room) -> None:
    come_in(room, "bob")
    presence.disconnect(room.id, [connection_id("bob")], NOON)
    another_process_lives(LAPSED)
    left = told_since(room, lambda: refresh(room.id, after(LAPSED)))
    assert left == [("participant.left", "bob", "left")]
    back = told_since(room, lambda: come_in(room, "bob", now=after(LAPSED + 1)))
    assert back == [("participant.joined", "bob")]


def test_death_of_a_process_is_told_as_leaving(room: Room) -> None:
    come_in(room, "bob", "carol")
    another_process_lives(60)
    assert sorted(told_since(room, lambda: refresh(room.id, after(60)))) == [
        ("participant.left", "bob", "left"),
        ("participant.left", "carol", "left"),
    ]


def test_kick_is_told_as_leaving(room: Room) -> None:
    come_in(room, "alice", "bob")
    kick = told_since(room, lambda: actions.kick(context(room), alias_of(room, "bob")))
    assert kick == [("participant.left", "bob", "kicked")]
    assert told_since(room, lambda: actions.kick(context(room), alias_of(room, "bob"))) == []


def test_ban_is_told_and_that_the_user_left(room: Room) -> None:
    come_in(room, "alice", "bob")
    assert told_since(room, lambda: actions.kick(context(room), alias_of(room, "bob"), ban=True)) == [
        ("participant.banned", "bob"),
        ("participant.left", "bob", "banned"),
    ]


def test_ban_of_somebody_who_left_is_told_alone(room: Room) -> None:
    come_in(room, "alice", "bob")
    actions.kick(context(room), alias_of(room, "bob"))
    ban = told_since(room, lambda: actions.kick(context(room), alias_of(room, "bob"), ban=True))
    assert ban == [("participant.banned", "bob")]


def test_ban_by_member_record_is_told_of_whoever_is_there(backend: Api, room: Room) -> None:
    come_in(room, "alice", "bob")

    def ban() -> None:
        for user in ("bob", "carol"):  # carol has never come
            answer = backend("PUT", f"rooms/{room.id}/members/{user}/", {"role": "banned"})
            assert answer.status_code == 200
        refresh(room.id, after(1))
        refresh(room.id, after(2))

    assert told_since(room, ban) == [("participant.banned", "bob"), ("participant.left", "bob", "banned")]


def end_by_rest(room: Room, backend: Api) -> None:
    assert backend.post(f"rooms/{room.id}/end/").status_code == 200


def end_by_act(room: Room, backend: Api) -> None:
    actions.end(context(room))


def end_by_command(room: Room, backend: Api) -> None:
    output_of("end_room", room.id)


def end_by_time(room: Room, backend: Api) -> None:
    Room.objects.filter(pk=room.pk).update_with_version(ends_at=after(1))
    room.refresh_from_db()
    room.change({"ends_at": after(1)})
    refresh(room.id, after(2))


@pytest.mark.parametrize("end", [end_by_rest, end_by_act, end_by_command, end_by_time])
def test_end_is_told_once_after_everybody_has_left(
    room: Room, backend: Api, end: Callable[[Room, Api], None]
) -> None:
    come_in(room, "alice", "bob")
    notices = told_since(room, lambda: end(room, backend))
    assert sorted(notices[:-1]) == [
        ("participant.left", "alice", "room_ended"),
        ("participant.left", "bob", "room_ended"),
    ]
    assert notices[-1] == ("room.ended",)
    assert told_since(room, lambda: refresh(room.id, after(3600))) == []


def test_end_of_a_room_without_anybody_is_told(room: Room, backend: Api) -> None:
    assert told_since(room, lambda: end_by_rest(room, backend)) == [("room.ended",)]


def test_end_by_staff_is_told(admin_client: Any, room: Room) -> None:
    chosen = {"action": "end_rooms", "_selected_action": [room.pk]}
    act = told_since(room, lambda: admin_client.post("/admin/rooms/room/", chosen))
    assert act == [("room.ended",)]


def test_other_acts_are_not_told(room: Room) -> None:
    come_in(room, "alice", "bob")

    def moderate() -> None:
        actions.set_room(context(room), {"mute_everyone": True})
        room.rotate_channel()
        refresh(room.id, after(1))

    assert told_since(room, moderate) == []


def test_refused_act_is_not_told(room: Room) -> None:
    come_in(room, "alice", "bob")

    def kick() -> None:
        with pytest.raises(Refusal):
            actions.kick(context(room, "bob"), alias_of(room, "alice"))

    assert told_since(room, kick) == []


def test_act_that_is_rolled_back_is_not_told(room: Room) -> None:
    with transaction.atomic():
        come_in(room, "bob")
        actions.end(context(room, BACKEND))
        transaction.set_rollback(True)
    assert not Webhook.objects.exists()


def test_nothing_is_written_when_nobody_listens(room: Room, settings: Any) -> None:
    settings.WEBHOOK_URL = ""
    come_in(room, "alice", "bob")
    actions.kick(context(room), alias_of(room, "bob"), ban=True)
    actions.end(context(room))
    assert not Webhook.objects.exists()


def test_no_act_calls_the_endpoint(room: Room, settings: Any) -> None:
    over = threading.Event()

    def hang(_notice: object) -> int:
        over.wait(60)
        return 200

    with serving(AppBackend()) as hanging:
        hanging.decide = hang
        settings.WEBHOOK_URL = hanging.url
        come_in(room, "alice", "bob", role=Role.HOST)
        actions.end(context(room))
        over.set()
    assert (len(told(room)), hanging.calls) == (5, [])
