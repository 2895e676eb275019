"""Invites in the admin."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rooms.admin.invites import InviteAdmin
from rooms.invites import hash_code
from rooms.models import Invite, Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.admin.pages import errors, log, messages, rows, send

INVITES = "/admin/rooms/invite/"
ADD = "/admin/rooms/invite/add/"


def invite_page(invite: Invite) -> str:
    return f"/admin/rooms/invite/{invite.pk}/change/"


def told(code: str) -> str:
    link = f"http://testserver/join/#{code}"
    return (
        f'The code is <code>{code}</code>, the link <a href="{link}">{link}</a>. '
        "Hand it out now: you will not be able to see it again."
    )


def create(client: Client, room: Room, **given: str) -> tuple[Invite, str]:
    """Create an invite, and return the code that the page shows."""
    (_, message), _ = messages(send(client, ADD, room=room.pk, **given))
    found = re.search("<code>(.+)</code>", message)
    assert found is not None
    return Invite.objects.get(), found[1]


def stored_invite(invite: Invite) -> dict[str, object]:
    return {**Invite.objects.filter(pk=invite.pk).values().get()}


@pytest.fixture
def invite(room: Room) -> Invite:
    """An invite that somebody has used once."""
    return Invite.objects.create(
        room=room,
        role=Role.PUBLISHER,
        label="Parents",
        code_hash=hash_code("the-code"),
        expires_at=datetime(2099, 12, 31, 18, 0, tzinfo=UTC),
        max_uses=5,
        uses=1,
        created_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC),
    )


def test_code_and_link_are_shown_exactly_once(admin_client: Client, room: Room) -> None:
    response = send(admin_client, ADD, room=room.pk, label="Parents", role="host")

    invite = Invite.objects.get()
    (level, message), (added, _) = messages(response)
    code = message.partition("<code>")[2].partition("</code>")[0]
    assert (level, message, added) == ("warning", told(code), "success")
    assert message in response.content.decode()
    for path in (INVITES, invite_page(invite)):
        again = admin_client.get(path).content.decode()
        assert code not in again
        assert invite.code_hash not in again


def test_invite_is_created_as_filled_in_and_logged(admin_client: Client, room: Room) -> None:
    limits = {"max_uses": "5", "expires_at_0": "2099-12-31", "expires_at_1": "18:00"}
    started = timezone.now()

    invite, code = create(admin_client, room, label="Parents", role="publisher", **limits)

    assert started <= invite.created_at <= timezone.now()
    assert stored_invite(invite) == {
        "id": invite.id,
        "room_id": room.id,
        "role": "publisher",
        "label": "Parents",
        "code_hash": hash_code(code),
        "expires_at": datetime(2099, 12, 31, 18, 0, tzinfo=UTC),
        "max_uses": 5,
        "uses": 0,
        "created_at": invite.created_at,
    }
    assert log() == [("admin", "invite", "Parents", "Added.")]


@pytest.mark.parametrize("role", Role.values)
def test_code_admits_a_guest_as(admin_client: Client, anonymous: Api, room: Room, role: str) -> None:
    _, code = create(admin_client, room, role=role)

    answer = anonymous.post("invites/redeem/", {"code": code, "name": "Grace"})

    assert answer.status_code == 200
    assert (answer.json()["room"]["id"], answer.json()["user"]["role"]) == (room.id, role)


REFUSED = [
    ({"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}, ["This must be in the future."]),
    ({"max_uses": "0"}, ["Ensure this value is greater than or equal to 1."]),
    ({"role": "king"}, ["Select a valid choice. king is not one of the available choices."]),
    ({"room": ""}, ["This field is required."]),
]


@pytest.mark.parametrize(("given", "expected"), REFUSED)
def test_invite_is_not_created_with(
    admin_client: Client, room: Room, given: dict[str, str], expected: list[str]
) -> None:
    assert errors(send(admin_client, ADD, **{"room": room.pk} | given)) == expected
    assert not Invite.objects.exists()
    assert log() == []


def test_invite_is_not_created_for_a_room_that_has_ended(admin_client: Client, room: Room) -> None:
    room.end(timezone.now())

    assert errors(send(admin_client, ADD, room=room.pk)) == ["This room has ended."]
    assert not Invite.objects.exists()


def test_only_the_label_can_be_changed_afterwards(admin_client: Client, invite: Invite) -> None:
    before = stored_invite(invite)
    fixed = ["role", "room", "max_uses", "uses", "code_hash", "expires_at_0", "id"]

    response = send(admin_client, invite_page(invite), label="Pupils", **dict.fromkeys(fixed, "host"))

    assert stored_invite(invite) == before | {"label": "Pupils"}
    assert [level for level, _ in messages(response)] == ["success"]
    assert log() == [("admin", "invite", "Pupils", "Changed Label.")]


def test_new_label_does_not_undo_a_concurrent_use(admin_user: User, invite: Invite) -> None:
    request = RequestFactory().post("/")
    request.user = admin_user
    invites = InviteAdmin(Invite, admin.site)
    opened = Invite.objects.get()
    form = invites.get_form(request, opened, change=True)({"label": "Pupils"}, instance=opened)
    saved = form.save(commit=False)
    Invite.objects.update(uses=2)

    invites.save_model(request, saved, form, change=True)

    assert (stored_invite(invite)["label"], stored_invite(invite)["uses"]) == ("Pupils", 2)


def test_withdrawn_invite_admits_nobody(admin_client: Client, anonymous: Api, invite: Invite) -> None:
    admin_client.post(f"/admin/rooms/invite/{invite.pk}/delete/", {"post": "yes"})

    answer = anonymous.post("invites/redeem/", {"code": "the-code"})
    assert (answer.status_code, answer.json()["code"]) == (404, "invite_not_found")
    assert log() == [("admin", "room", "Algebra 1", "Deleted invite “Parents”.")]


def test_list_shows_one_row_per_invite(admin_client: Client, invite: Invite) -> None:
    other = Invite.objects.create(
        room=invite.room, code_hash="0" * 64, created_at=datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
    )

    assert rows(admin_client.get(INVITES)) == [
        [other.id, "Algebra 1", "Subscriber", "0 of any number", "-", "Nov. 2, 2026, 3 p.m."],
        ["Parents", "Algebra 1", "Publisher", "1 of 5", "Dec. 31, 2099, 6 p.m.", "Nov. 1, 2026, 9:30 a.m."],
    ]
    assert [row[0] for row in rows(admin_client.get(INVITES, {"q": "pare"}))] == ["Parents"]


def test_list_makes_as_many_queries_for_three_invites_as_for_one(
    admin_client: Client, invite: Invite
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(admin_client.get(INVITES))
        return len(captured)

    with_one = queries()
    for digit in "12":
        Invite.objects.create(room=Room.objects.create(), code_hash=digit * 64)

    assert queries() == with_one


def test_page_of_an_invite_that_has_expired_still_takes_a_label(admin_client: Client, invite: Invite) -> None:
    Invite.objects.update(expires_at=timezone.now() - timedelta(hours=1))

    send(admin_client, invite_page(invite), label="Pupils")

    assert stored_invite(invite)["label"] == "Pupils"


def test_invites_are_not_created_by_those_who_may_only_view(staff: Callable[..., Client], room: Room) -> None:
    sam = staff("view_invite", "view_room", "change_room")

    assert sam.get(INVITES).status_code == 200
    assert sam.get(ADD).status_code == 403
    assert sam.post(ADD, {"room": room.pk, "role": "host"}).status_code == 403
    assert not Invite.objects.exists()
