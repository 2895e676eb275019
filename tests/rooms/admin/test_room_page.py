"""The page of one room."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.utils import timezone

from rooms.admin.rooms import MAX_INLINE_MEMBERS, RoomAdmin
from rooms.models import Member, Room
from rooms.roles import Role
from tests.rooms.admin.pages import Page, errors, log, messages, room_page, rows, send

ADD = "/admin/rooms/room/add/"

EDITABLE = {
    "name",
    "default_role",
    "ends_at",
    "region",
    "cross_region",
    "audio_limit",
    "video_limit",
    "token_ttl",
}


def stored_room(room: Room) -> dict[str, object]:
    return {**Room.objects.filter(pk=room.pk).values().get()}


def shown(response: Any) -> dict[str, str]:
    """Return the read-only part of the page."""
    form = response.context["adminform"]
    fields = [field for fieldset in form for line in fieldset for field in line if field.is_readonly]
    return {field.field["name"]: str(field.contents()) for field in fields}


def editable(response: Any) -> set[str]:
    return set(response.context["adminform"].form.fields)


def test_room_is_created_as_filled_in(admin_client: Client) -> None:
    given = {
        "name": "Biology",
        "external_id": "lesson-42",
        "default_role": "publisher",
        "ends_at_0": "2099-12-31",
        "ends_at_1": "18:00",
        "region": "EU",
        "cross_region": "on",
        "audio_limit": "3",
        "video_limit": "2",
        "token_ttl": "600",
        "uid_type": "uid",
        "encryption": "aes-256-gcm2",
    }

    response = send(admin_client, ADD, **given)

    room = Room.objects.get()
    assert stored_room(room) == {
        "id": room.id,
        "external_id": "lesson-42",
        "name": "Biology",
        "channel": room.channel,
        "channel_secret": room.channel_secret,
        "region": "EU",
        "cross_region": True,
        "default_role": "publisher",
        "token_ttl": 600,
        "audio_limit": 3,
        "video_limit": 2,
        "uid_type": "uid",
        "encryption": "aes-256-gcm2",
        "ends_at": datetime(2099, 12, 31, 18, 0, tzinfo=UTC),
        "ended_at": None,
        "created_at": room.created_at,
        "version": 1,
    }
    assert [level for level, _ in messages(response)] == ["success"]
    assert log() == [("admin", "room", "Biology", "Added.")]


def test_rooms_without_an_external_id_are_no_duplicates(admin_client: Client, room: Room) -> None:
    send(admin_client, ADD, name="Biology", default_role="")

    created = Room.objects.get(name="Biology")
    assert (created.external_id, created.default_role) == (None, None)


REFUSED = [
    ({"external_id": "taken"}, ["Room with this External id already exists."]),
    ({"ends_at_0": "2020-01-01", "ends_at_1": "00:00"}, ["This must be in the future."]),
    ({"token_ttl": "60"}, ["Ensure this value is greater than or equal to 120."]),
    ({"token_ttl": "86401"}, ["Ensure this value is less than or equal to 86400."]),
]


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_room_is_not_created_with(admin_client: Client, given: dict[str, str], expected: list[str]) -> None:
    taken = Room.objects.create(external_id="taken")

    assert errors(send(admin_client, ADD, **given)) == expected
    assert list(Room.objects.all()) == [taken]
    assert log() == []


def test_change_raises_the_version_by_one_and_is_logged(admin_client: Client, room: Room) -> None:
    before = stored_room(room)

    send(admin_client, room_page(room), name="Algebra 2", token_ttl="600")

    assert stored_room(room) == before | {"name": "Algebra 2", "token_ttl": 600, "version": room.version + 1}
    assert log() == [("admin", "room", "Algebra 2", "Changed Name and Token ttl.")]


def test_change_ignores_what_cannot_be_changed(admin_client: Client, room: Room) -> None:
    before = stored_room(room)
    fixed = [
        "id",
        "channel",
        "channel_secret",
        "version",
        "ended_at_0",
        "external_id",
        "uid_type",
        "encryption",
    ]

    send(admin_client, room_page(room), **dict.fromkeys(fixed, "1"), name="Algebra 2")

    assert stored_room(room) == before | {"name": "Algebra 2", "version": room.version + 1}


def test_change_does_not_undo_a_concurrent_end(admin_user: User, room: Room) -> None:
    request = RequestFactory().post("/")
    request.user = admin_user
    before = room.version
    rooms = RoomAdmin(Room, admin.site)
    opened = Room.objects.get(pk=room.pk)
    unchanged = {"audio_limit": 12, "video_limit": 10, "token_ttl": 86400}
    form = rooms.get_form(request, opened, change=True)({"name": "Algebra 2", **unchanged}, instance=opened)
    saved = form.save(commit=False)
    room.end(timezone.now())

    rooms.save_model(request, saved, form, change=True)

    assert stored_room(room)["ended_at"] == room.ended_at
    assert (stored_room(room)["name"], stored_room(room)["version"]) == ("Algebra 2", before + 2)


def test_page_shows_the_record_but_never_the_secret(admin_client: Client, room: Room) -> None:
    response = admin_client.get(room_page(room))

    link = f'<a href="/admin/rooms/member/?room__id__exact={room.id}">4 in the list of members</a>'
    assert shown(response) == {
        "external_id": "-",
        "uid_type": "Account",
        "encryption": "None",
        "id": room.id,
        "status": "open",
        "channel": room.channel,
        "version": str(room.version),
        "all_members": link,
        "created_at": shown(response)["created_at"],
        "ended_at": "-",
    }
    html = response.content.decode()
    assert "secret" not in html
    assert bytes(room.channel_secret).hex() not in html


@pytest.mark.parametrize("change", [{"ended_at": timezone.now()}, {"ends_at": timezone.now()}])
def test_page_of_an_ended_room_is_read_only(admin_client: Client, room: Room, change: dict[str, Any]) -> None:
    assert editable(admin_client.get(room_page(room))) == EDITABLE
    room.change(change)
    before = stored_room(room)

    response = admin_client.get(room_page(room))
    refused = admin_client.post(room_page(room), {"name": "Algebra 2"})

    assert editable(response) == set()
    sent = {name for name in Page(response).fields if name.startswith("members-0")}
    assert sent == {"members-0-id", "members-0-room"}
    assert refused.status_code == 403
    assert stored_room(room) == before
    assert log() == []


def test_page_of_a_room_with_many_members_links_to_their_list(admin_client: Client, room: Room) -> None:
    swarm = [Member(room=room, user_id=f"u-{n}", role=Role.HOST) for n in range(MAX_INLINE_MEMBERS)]
    Member.objects.bulk_create(swarm[4:])
    assert "members-99-role" in Page(admin_client.get(room_page(room))).fields
    Member.objects.appoint(room, "dave", Role.HOST)

    response = send(admin_client, room_page(room), name="Algebra 2")

    assert [level for level, _ in messages(response)] == ["success"]
    assert "members-0-role" not in Page(admin_client.get(room_page(room))).fields
    listed = admin_client.get("/admin/rooms/member/", {"room__id__exact": room.id, "all": ""})
    assert len(rows(listed)) == MAX_INLINE_MEMBERS + 1
