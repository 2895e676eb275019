"""The admin as a whole: access, API keys, and the audit log."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework_api_key.models import APIKey

from rooms.models import Room
from tests.api import Api
from tests.rooms.admin.pages import log, messages, rows, send

LOG = "/admin/admin/logentry/"

LISTS = [
    "/admin/rooms/room/",
    "/admin/rooms/member/",
    "/admin/rooms/invite/",
    "/admin/rest_framework_api_key/apikey/",
    LOG,
]


@pytest.fixture
def entry(admin_user: User, room: Room) -> LogEntry:
    """The log entry after admin has ended a room."""
    LogEntry.objects.log_actions(admin_user.pk, [room], 2, "Ended the room.", single_object=True)
    return LogEntry.objects.get()


@pytest.mark.parametrize("path", LISTS)
def test_anonymous_visitor_is_sent_to_the_login(db: None, client: Client, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={path}")


@pytest.mark.parametrize("path", LISTS)
def test_staff_without_permissions_see_nothing(staff: Callable[..., Client], path: str) -> None:
    response = staff().get(path)

    assert response.status_code == 403
    assert response.json() == {
        "status": 403,
        "title": "Forbidden",
        "detail": response.json()["detail"],
        "code": "forbidden",
    }


def test_title_is_the_name_of_the_service(admin_client: Client) -> None:
    context = admin_client.get("/admin/").context

    assert {name: context[name] for name in ("site_header", "site_title", "site_url")} == {
        "site_header": "tokensvc",
        "site_title": "tokensvc",
        "site_url": None,
    }


def test_api_key_is_shown_once_and_works_until_it_is_revoked(admin_client: Client) -> None:
    response = send(admin_client, "/admin/rest_framework_api_key/apikey/add/", name="shop")

    key = APIKey.objects.get()
    (_, message), _ = messages(response)
    found = re.fullmatch(r"The API key for shop is: (\S+)\. Please store it .+", message)
    assert found is not None
    assert found[1] not in admin_client.get("/admin/rest_framework_api_key/apikey/").content.decode()
    shop = Api(f"Api-Key {found[1]}")
    assert shop.get("rooms/").json() == {"next": None, "previous": None, "results": []}

    send(admin_client, f"/admin/rest_framework_api_key/apikey/{key.pk}/change/", revoked="on")

    assert shop.get("rooms/").json()["code"] == "invalid_credentials"
    assert log() == [("admin", "apikey", "shop", "Added."), ("admin", "apikey", "shop", "Changed Revoked.")]


def test_log_shows_user_action_and_time(admin_client: Client, entry: LogEntry) -> None:
    LogEntry.objects.update(action_time=datetime(2026, 11, 2, 15, 0, tzinfo=UTC))

    assert rows(admin_client.get(LOG)) == [
        ["Nov. 2, 2026, 3 p.m.", "admin", "Change", "room", "Algebra 1", "Ended the room."]
    ]


def test_log_makes_as_many_queries_for_three_entries_as_for_one(
    admin_client: Client, entry: LogEntry
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(admin_client.get(LOG))
        return len(captured)

    with_one = queries()
    others = [Room.objects.create(name="Biology"), entry.user]
    LogEntry.objects.log_actions(entry.user_id, others, 2, "Seen.")

    assert queries() == with_one


@pytest.mark.parametrize(("search", "count"), [("algebra", 1), ("ended", 1), ("admin", 1), ("sam", 0)])
def test_log_is_searched_by_object_message_and_user(
    admin_client: Client, entry: LogEntry, search: str, count: int
) -> None:
    assert len(rows(admin_client.get(LOG, {"q": search}))) == count


def test_log_cannot_be_written(admin_client: Client, entry: LogEntry) -> None:
    before = LogEntry.objects.values().get()

    assert admin_client.get(f"{LOG}{entry.pk}/change/").context["adminform"].form.fields == {}
    for path in ("add/", f"{entry.pk}/change/", f"{entry.pk}/delete/"):
        assert admin_client.post(LOG + path, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"}
    admin_client.post(LOG, chosen)
    assert LogEntry.objects.values().get() == before


def test_log_outlives_the_accounts_in_it(
    admin_client: Client, staff: Callable[..., Client], room: Room
) -> None:
    send(staff("view_room", "change_room"), f"/admin/rooms/room/{room.pk}/change/", name="Algebra 2")
    sam = User.objects.get(username="sam")

    refused = admin_client.post(f"/admin/auth/user/{sam.pk}/delete/", {"post": "yes"})

    assert refused.status_code == 403
    assert log() == [("sam", "room", "Algebra 2", "Changed Name.")]
