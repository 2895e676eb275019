"""What a purge deletes, and what remains."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from pytest_django import Settings

from moderation import actions, presence
from moderation.models import Event, ParticipantState, RoomState, Webhook
from moderation.retention.purge import BATCH, KINDS, preview, purge
from rooms.models import Invite, KickingRule, Member, Room, Uid
from rooms.roles import Role
from tests.api import Api, problem, refused
from tests.cast import alias_of, ticket_holder
from tests.moderation.database import contents, found
from tests.moderation.listening import heard
from tests.rooms.admin.pages import log, send
from tests.running_room import BACKEND, NOON, PROCESS, after, come_in, context, happened

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTHING = dict.fromkeys(("ended", "forgotten", *KINDS, "webhooks", "log_entries"), 0)


def ended(**fields: Any) -> Room:
    room = Room.objects.create(**fields)
    room.end(NOON)
    return room


@pytest.fixture
def _app_is_told(settings: Settings) -> None:
    settings.WEBHOOK_URL = "https://app.example/hook"


@pytest.fixture
def _bans_are_enforced(settings: Settings) -> None:
    settings.AGORA_CUSTOMER_ID = settings.AGORA_CUSTOMER_SECRET = "customer"


def school(name: str, people: str) -> Room:
    """A room with every kind of record, of users whose ids have this prefix."""
    room = Room.objects.create(name=name, external_id=f"{name} outside", uid_type="uid", default_role=None)
    host, pupil, troll = (f"{people}-{who}" for who in ("host", "pupil", "troll"))
    for user_id, role in ((host, Role.HOST), (pupil, Role.PUBLISHER), (troll, Role.PUBLISHER)):
        Member.objects.appoint(room, user_id, role)
        Uid.objects.numbers(room.pk, room.channel, user_id, [False, True])
        come_in(room, user_id, role=role)
    actions.set_room(context(room, BACKEND), {"mute_everyone": True})
    actions.kick(context(room, ticket_holder(room, host, Role.HOST)), alias_of(room, troll), ban=True)
    return room


def words_of(room: Room, people: str) -> set[str]:
    """Names and ids of the room and its users: none may remain anywhere."""
    room.refresh_from_db()
    users = {f"{people}-{who}" for who in ("host", "pupil", "troll")}
    titles = {user_id.title() for user_id in users}
    return {room.name, str(room.external_id), room.channel, people, people.title()} | users | titles | {
        alias_of(room, user_id) for user_id in users
    }  # fmt: skip


def work_of_staff(admin: Client, room: Room, people: str) -> set[str]:
    """Edit the room, its members and invites as staff; return the new names."""
    page = f"/admin/rooms/room/{room.pk}/change/"
    inline = {"members-TOTAL_FORMS": "4", "members-3-user_id": f"{people}-inline", "members-3-role": "host"}
    send(admin, page, name=f"{room.name} renamed", **inline)
    add = {"room": room.pk, "user_id": f"{people}-staff", "role": "publisher"}
    send(admin, "/admin/rooms/member/add/", **add)
    removed = Member.objects.appoint(room, f"{people}-removed", Role.HOST).member
    admin.post(f"/admin/rooms/member/{removed.pk}/delete/", {"post": "yes"})
    for label in ("kept", "withdrawn"):
        send(admin, "/admin/rooms/invite/add/", room=room.pk, role="publisher", label=f"{people}-{label}")
    withdrawn = Invite.objects.get(label=f"{people}-withdrawn")
    admin.post(f"/admin/rooms/invite/{withdrawn.pk}/delete/", {"post": "yes"})
    rotated = {"action": "rotate_channels", "_selected_action": [room.pk]}
    admin.post("/admin/rooms/room/", rotated, follow=True)
    return {f"{people}-{word}" for word in ("inline", "staff", "removed", "kept", "withdrawn")}


def guest_of(room: Room, anonymous: Api, backend: Api, name: str) -> set[str]:
    """Let a guest redeem an invite and join; return what is stored about them."""
    invite = backend.post(f"rooms/{room.pk}/invites/", {"label": f"{name} label"}).json()
    answer = anonymous.post("invites/redeem/", {"code": invite["code"], "name": name}).json()
    guest = ticket_holder(room, answer["user"]["id"], Role.SUBSCRIBER)
    presence.join(guest, "socket-of-a-guest", PROCESS, NOON)
    return {f"{name} label", guest.user_id, alias_of(room, guest.user_id)}


@pytest.mark.usefixtures("_app_is_told", "_bans_are_enforced")
def test_nothing_in_the_database_names_anybody_of_a_forgotten_room(
    admin_client: Client, backend: Api, anonymous: Api
) -> None:
    room, other = school("Algebra of old", "ada771"), school("Biology of now", "eve992")
    words = guest_of(room, anonymous, backend, "Gast8836") | words_of(room, "ada771")
    words |= work_of_staff(admin_client, room, "ada771")
    come_in(room, "ada771-pupil")  # everybody follows to the new channel
    words |= words_of(room, "ada771")
    Uid.objects.numbers(room.pk, room.channel, "ada771-pupil", [True])
    others = words_of(other, "eve992")
    assert found(words | others) == words | others
    assert [model.__name__ for model in KINDS.values() if not model._base_manager.exists()] == []
    actions.end(context(room, BACKEND))

    report = purge(after(3600), HOUR)

    assert found(words) == set()
    assert found([room.pk]) == {room.pk}  # in the log, and in what the app is still to be told
    assert found(others) == others
    assert {kind for kind, number in report.items() if not number} == {"ended"}


def test_report_says_how_many_of_each_there_were(admin_client: Client, settings: Settings) -> None:
    room = school("Algebra", "ada")
    settings.WEBHOOK_URL = "https://app.example/hook"
    Invite.objects.create(room=room, code_hash="a")
    send(admin_client, f"/admin/rooms/room/{room.pk}/change/", name="Geometry")
    actions.end(context(room, BACKEND))

    assert purge(after(3600), HOUR) == {
        "ended": 0,
        "forgotten": 1,
        "members": 3,
        "invites": 1,
        "uids": 6,
        "kicking_rules": 0,
        "participants": 3,
        "events": 6,
        "webhooks": 2,
        "log_entries": 1,
    }
    assert purge(after(3600), HOUR) == NOTHING


@pytest.mark.usefixtures("_app_is_told", "_bans_are_enforced")
def test_other_rooms_are_left_as_they_were(admin_client: Client) -> None:
    room, staying = school("Algebra", "ada"), school("Biology", "eve")
    work_of_staff(admin_client, staying, "eve")
    ParticipantState.objects.filter(room=staying).update(name="Eve")
    purge(NOON, HOUR)
    before = contents()
    actions.end(context(room, BACKEND))
    purge(after(3600), HOUR)
    now = contents()
    for table, rows in before.items():
        kept = [row for row in rows if staying.pk in row]
        assert [row for row in now[table] if staying.pk in row] == kept
    assert any(staying.pk in row for row in now["moderation_event"])


@pytest.mark.parametrize(
    ("retention", "seconds", "stays"),
    [(HOUR, 3599, True), (HOUR, 3600, False), (HOUR, 3601, False), (timedelta(), 0, False)],
)
def test_room_stays_for_the_retention(retention: timedelta, seconds: int, *, stays: bool) -> None:
    room = ended()
    assert purge(after(seconds), retention) == NOTHING | {"forgotten": 0 if stays else 1}
    assert Room.objects.filter(pk=room.pk).exists() == stays


@pytest.mark.parametrize("ends_at", [None, after(7201)])
def test_room_that_goes_on_stays(ends_at: datetime | None) -> None:
    Room.objects.create(ends_at=ends_at)
    before = contents()
    assert purge(after(7200), timedelta()) == NOTHING
    assert contents() == before


def test_room_whose_time_is_over_has_ended_when_it_was_to() -> None:
    room = Room.objects.create(ends_at=NOON)
    assert purge(after(3599), HOUR) == NOTHING | {"ended": 1}
    room.refresh_from_db()
    assert (room.ended_at, room.version) == (NOON, 2)
    assert happened(room) == [("end", None, None)]
    assert purge(after(3599), HOUR) == NOTHING


def test_room_whose_time_has_long_been_over_is_forgotten_at_once() -> None:
    Room.objects.create(ends_at=NOON)
    assert purge(after(3600), HOUR) == NOTHING | {"ended": 1, "forgotten": 1, "events": 1}


@pytest.mark.usefixtures("_app_is_told")
@pytest.mark.django_db(transaction=True)
def test_end_of_a_room_is_told_sockets_and_the_app(room: Room) -> None:
    come_in(room, "alice", "bob")
    Webhook.objects.all().delete()
    room.change({"ends_at": after(5)})
    (message,) = heard(room, lambda: purge(after(10), HOUR))
    ((version, _, closes),) = message["updates"]
    assert (message["room"], version, closes) == (room.pk, 3, {"*": 4410})
    assert not ParticipantState.objects.present().exists()
    told = Webhook.objects.order_by("pk").values_list("type", flat=True)
    assert list(told) == ["participant.left", "participant.left", "room.ended"]


@pytest.mark.usefixtures("_app_is_told")
def test_end_is_told_the_app_even_of_a_forgotten_room(room: Room) -> None:
    come_in(room, "alice")
    actions.end(context(room, "alice"))
    assert purge(after(3600), HOUR)["webhooks"] == 2
    assert list(Webhook.objects.values_list("room_id", "type")) == [(room.pk, "room.ended")]


def test_forgotten_room_is_as_if_it_had_never_been(backend: Api, room: Room) -> None:
    Room.objects.filter(pk=room.pk).update_with_version(external_id="lesson-7")
    wanted = {"user_id": "alice"}
    assert backend.post(f"rooms/{room.pk}/tokens/", wanted).status_code == 200
    Room.objects.get().end(NOON)
    purge(after(3600), HOUR)
    gone = problem(404, "room_not_found", "There is no room with this id.")
    assert refused(backend.post(f"rooms/{room.pk}/tokens/", wanted)) == gone
    assert refused(backend.get(f"rooms/{room.pk}/")) == gone
    again = backend.post("rooms/", {"external_id": "lesson-7"})
    assert (again.status_code, again.json()["id"] == room.pk) == (201, False)


def test_log_of_staff_keeps_who_did_what_kind_of_thing_when(admin_client: Client, room: Room) -> None:
    work_of_staff(admin_client, room, "ada")
    kept = ("action_time", "user", "content_type", "object_id", "action_flag")
    before = list(LogEntry.objects.values_list(*kept))
    Room.objects.get().end(NOON)
    assert purge(after(3600), HOUR)["log_entries"] == len(before) == 7
    assert list(LogEntry.objects.values_list(*kept)) == before
    assert {(name, LogEntry(change_message=told).get_change_message()) for name, told in written()} == {
        ("forgotten", "")
    }
    assert purge(after(3600), HOUR)["log_entries"] == 0


def written() -> list[tuple[str, str]]:
    return list(LogEntry.objects.values_list("object_repr", "change_message"))


def test_log_of_staff_is_left_alone_while_the_room_is_there(admin_client: Client, room: Room) -> None:
    send(admin_client, f"/admin/rooms/room/{room.pk}/change/", name="Geometry")
    bob = Member.objects.get(user_id="bob")
    send(admin_client, f"/admin/rooms/member/{bob.pk}/change/", role="host")
    send(admin_client, "/admin/rooms/invite/add/", room=room.pk, role="publisher", label="Parents")
    send(admin_client, "/admin/rest_framework_api_key/apikey/add/", name="shop")
    before = log()
    assert len(before) == 4
    assert purge(after(3600), HOUR) == NOTHING
    assert log() == before


@pytest.mark.usefixtures("_app_is_told")
def test_what_staff_deleted_is_forgotten_too(admin_client: Client, room: Room) -> None:
    come_in(room, "alice")
    send(admin_client, f"/admin/rooms/room/{room.pk}/change/", name="Geometry", **{"members-1-DELETE": "on"})
    admin_client.post(f"/admin/rooms/room/{room.pk}/delete/", {"post": "yes"})
    assert found(["bob", "Alice", "Geometry"]) == {"bob", "Alice", "Geometry"}
    assert preview(NOON, HOUR) == NOTHING | {"webhooks": 1, "log_entries": 2}
    assert purge(NOON, HOUR) == NOTHING | {"webhooks": 1, "log_entries": 2}
    assert found(["bob", "Alice", "Geometry"]) == set()


def test_removal_of_a_member_stays_in_the_log_as_long_as_the_room(admin_client: Client, room: Room) -> None:
    bob = room.members.get(user_id="bob")
    admin_client.post(f"/admin/rooms/member/{bob.pk}/delete/", {"post": "yes"})
    assert purge(NOON, HOUR) == NOTHING
    assert found(["bob"]) == {"bob"}
    actions.end(context(room, BACKEND))
    purge(after(3600), HOUR)
    assert found(["bob"]) == set()


@pytest.mark.usefixtures("_app_is_told", "_bans_are_enforced")
def test_foresight_is_what_happens_then_and_changes_nothing(admin_client: Client) -> None:
    room = school("Algebra", "ada")
    work_of_staff(admin_client, room, "ada")
    actions.end(context(room, BACKEND))
    ended()
    Room.objects.create(ends_at=after(3599))
    before = contents()
    foreseen = preview(after(3600), HOUR)
    assert contents() == before
    assert foreseen["ended"] == 1
    assert foreseen["forgotten"] == 2
    assert purge(after(3600), HOUR) == foreseen


def test_room_that_is_to_end_and_be_forgotten_is_foreseen() -> None:
    Room.objects.create(ends_at=NOON)
    assert preview(after(3600), HOUR) == NOTHING | {"ended": 1, "forgotten": 1}


def test_more_rooms_than_go_at_once_all_go() -> None:
    count = 2 * BATCH + 1
    rooms = Room.objects.bulk_create(Room(ended_at=NOON) for _ in range(count))
    Member.objects.bulk_create(Member(room=room, user_id="bob", role=Role.HOST) for room in rooms)
    assert purge(after(3600), HOUR) == NOTHING | {"forgotten": count, "members": count}
    assert not Member.objects.exists()


def test_all_that_hangs_on_a_room_is_counted() -> None:
    hanging = {relation.related_model for relation in Room._meta.related_objects}
    assert hanging == {*KINDS.values(), RoomState}
    assert not any(
        relation.related_model in hanging
        for model in (Member, Invite, Uid, KickingRule, ParticipantState, Event, RoomState)
        for relation in model._meta.related_objects
    )
