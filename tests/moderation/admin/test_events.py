"""The event log in the admin."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from moderation import actions
from moderation.models import Action, Event
from rooms.models import Room
from tests.rooms.admin.pages import rows
from tests.running_room import BACKEND, context

EVENTS = "/admin/moderation/event/"


def add(room: Room, version: int, action: Action, **fields: Any) -> Event:
    given = {"at": datetime(2026, 11, 2, 15, 0, version, tzinfo=UTC), "change": {"room": {}}, **fields}
    return Event.objects.create(room=room, version=version, action=action, **given)


@pytest.fixture
def happened(room: Room) -> list[Event]:
    """Alice joined and muted bob, the app muted everyone; then another room ended."""
    other = Room.objects.create(name="Biology")
    return [
        add(room, 1, Action.JOIN, actor="alice", by="alias-of-alice", target="alice"),
        add(room, 2, Action.MUTE_AUDIO, actor="alice", by="alias-of-alice", target="bob"),
        add(room, 3, Action.MUTE_EVERYONE, change={"room": {"mute_everyone": True}}),
        add(other, 1, Action.END, at=datetime(2025, 11, 2, tzinfo=UTC)),
    ]


def listed(client: Client, path: str = EVENTS, **query: str) -> list[str]:
    """Return the actions of the list, in its order."""
    return [row[2] for row in rows(client.get(path, query or None))]


def test_list_shows_each_event_in_a_line_newest_first(admin_client: Client, happened: list[Event]) -> None:
    assert rows(admin_client.get(EVENTS)) == [
        ["Biology", "1", "End", "-", "-", "2025-11-02\xa000:00:00", "-"],
        ["Algebra 1", "3", "Mute Everyone", "-", "-", "2026-11-02\xa015:00:03", "-"],
        ["Algebra 1", "2", "Mute Audio", "alice", "bob", "2026-11-02\xa015:00:02", "-"],
        ["Algebra 1", "1", "Join", "alice", "alice", "2026-11-02\xa015:00:01", "-"],
    ]


def test_list_asks_no_more_for_three_events_than_for_one(admin_client: Client, room: Room) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rows(admin_client.get(EVENTS))
        return len(captured)

    add(room, 1, Action.JOIN)
    with_one = queries()
    for name in ("Biology", "Chemistry"):
        add(Room.objects.create(name=name), 1, Action.JOIN)

    assert queries() == with_one


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("action__exact", "join", ["Join"]),
        ("at__lt", "2026-01-01 00:00:00+00:00", ["End"]),
    ],
)
def test_filter_keeps_the_events_that_match(
    admin_client: Client, happened: list[Event], name: str, value: str, expected: list[str]
) -> None:
    assert listed(admin_client, **{name: value}) == expected


def test_search_finds_by_room_actor_and_target(admin_client: Client, happened: list[Event]) -> None:
    terms = [happened[3].room_id, "alice", "bob", "ali"]

    assert {term: listed(admin_client, q=term) for term in terms} == {
        happened[3].room_id: ["End"],
        "alice": ["Mute Audio", "Join"],
        "bob": ["Mute Audio"],
        "ali": [],
    }


def test_page_of_a_room_leads_to_its_events(admin_client: Client, happened: list[Event]) -> None:
    room = Room.objects.create(name="Chemistry")
    now = timezone.now()
    actions.set_room(context(room, BACKEND, now), {"mute_everyone": True})
    actions.end(context(room, BACKEND, now))

    page = admin_client.get(f"/admin/rooms/room/{room.pk}/change/").content.decode()

    link = page.partition(f'<a href="{EVENTS}')[2].partition('"')[0]
    assert listed(admin_client, EVENTS + link) == ["End", "Mute Everyone"]


def test_event_shows_all_that_is_known_of_it(admin_client: Client, room: Room) -> None:
    change = {"participant": {"name": "<script>Ångström</script>", "connected": True}}
    event = add(room, 1, Action.JOIN, actor="bob", by="alias-of-bob", target="bob", change=change)

    response = admin_client.get(f"{EVENTS}{event.pk}/change/")

    lines = [line for fieldset in response.context["adminform"] for line in fieldset]
    shown = {field.field["label"]: str(field.contents()) for line in lines for field in line}
    told = json.dumps(change, indent=2, ensure_ascii=False)
    told = told.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    assert shown == {
        "room": f'<a href="/admin/rooms/room/{room.pk}/change/">Algebra 1</a>',
        "version": "1",
        "action": "Join",
        "actor": "bob",
        "by": "alias-of-bob",
        "target": "bob",
        "at (UTC)": "2026-11-02\xa015:00:01",
        "enforcement": "-",
        "change": f"<pre>{told}</pre>",
    }
    assert "<script>Ång" not in response.content.decode()


def test_events_cannot_be_written(admin_client: Client, happened: list[Event]) -> None:
    before = list(Event.objects.order_by("pk").values())
    page = f"{EVENTS}{happened[0].pk}"

    assert admin_client.get(f"{page}/change/").context["adminform"].form.fields == {}
    for path in (f"{EVENTS}add/", f"{page}/delete/"):
        assert admin_client.get(path).status_code == 403
    for path in (f"{EVENTS}add/", f"{page}/change/", f"{page}/delete/"):
        assert admin_client.post(path, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": happened[0].pk, "post": "yes"}
    admin_client.post(EVENTS, chosen)
    assert list(Event.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(("permission", "status"), [("view_event", 200), ("view_room", 403)])
def test_events_are_seen_by_those_who_may_view_them(
    staff: Callable[..., Client], happened: list[Event], permission: str, status: int
) -> None:
    sam = staff(permission)

    paths = [EVENTS, f"{EVENTS}{happened[0].pk}/change/"]
    assert [sam.get(path).status_code for path in paths] == [status, status]


@pytest.mark.parametrize("model", ["roomstate", "participantstate", "liveprocess"])
def test_other_records_of_moderation_have_no_pages(admin_client: Client, model: str) -> None:
    assert admin_client.get(f"/admin/moderation/{model}/").status_code == 404
