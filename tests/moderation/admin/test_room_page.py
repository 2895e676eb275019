"""The live section of a room's page: flags, seats and participants."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from moderation import actions, channel_presence, presence
from moderation.actions import seats
from moderation.admin.participants_table import MAX_ROWS
from moderation.models import ParticipantState
from moderation.rule import Medium, Override
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.cast import alias_of
from tests.moderation.agora import entered
from tests.rooms.admin.pages import messages, room_page, send
from tests.running_room import PROCESS, come_in, connection_id, context

HEAD = ["user id", "name", "alias", "role", "connected", "in channel", "audio", "video", "seats"]
# Somebody whom only Agora has told of.
STRANGER = ["-", "", "&lt;b&gt;nobody&lt;/b&gt;", "Publisher", "False", "True", "Inherit", "Inherit", "-"]


def live(response: Any) -> dict[str, Any]:
    """Return the fields of the section "Live"."""
    assert response.status_code == 200
    fieldsets = [fieldset for fieldset in response.context["adminform"] if fieldset.name == "Live"]
    lines = [line for fieldset in fieldsets for line in fieldset]
    return {field.field["label"]: str(field.contents()) for line in lines for field in line}


def cells(table: str) -> list[list[str]]:
    """Return the table of participants, with icons as True and False."""
    shown = re.sub(r'<img [^>]*alt="(\w+)">', r"\1", table)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line) for line in shown.split("<tr>")[1:]]


def events_of(room: Room) -> str:
    return f"/admin/moderation/event/?room__id__exact={room.pk}"


def test_page_shows_who_is_there_and_what_the_room_says(admin_client: Client, room: Room) -> None:
    now = timezone.now()
    come_in(room, "alice", "bob", "carol", now=now)
    for medium in Medium:
        seats.request(context(room, "bob", now), medium)
    seats.request(context(room, "alice", now), Medium.AUDIO)
    actions.set_participant(
        context(room, now=now),
        alias_of(room, "carol"),
        {Medium.AUDIO: Override.DENY, Medium.VIDEO: Override.ALLOW},
    )
    presence.disconnect(room.pk, [connection_id("carol")], now)
    channel_presence.apply(entered(room, alias_of(room, "bob")), now)
    channel_presence.apply(entered(room, "<b>nobody</b>"), now)
    actions.set_room(context(room, now=now), {"webcams_disabled": True})

    shown = live(admin_client.get(room_page(room)))

    assert shown | {"people": cells(shown["people"])} == {
        "mute everyone": "off",
        "webcams disabled": "on",
        "seats taken": "2 of 12 for audio, 0 of 10 for video",
        "people": [
            HEAD,
            [
                "alice",
                "Alice",
                alias_of(room, "alice"),
                "Host",
                "True",
                "False",
                "Inherit",
                "Inherit",
                "Audio",
            ],
            ["bob", "Bob", alias_of(room, "bob"), "Publisher", "True", "True", "Inherit", "Inherit", "Audio"],
            ["carol", "Carol", alias_of(room, "carol"), "Subscriber", "False", "False", "Deny", "Allow", "-"],
            STRANGER,
        ],
        "moderation version": f'12 (<a href="{events_of(room)}">events</a>)',
    }


def test_page_escapes_what_people_call_themselves(admin_client: Client) -> None:
    now = timezone.now()
    room = Room.objects.create(default_role=Role.PUBLISHER)
    come_in(room, now=now)
    eve = TicketHolder("<b>eve</b>", room.pk, Role.PUBLISHER, "<script>alert(1)</script>")
    presence.join(eve, "a-socket", PROCESS, now)

    response = admin_client.get(room_page(room))

    _, (user_id, name, *_) = cells(live(response)["people"])
    assert (user_id, name) == ("&lt;b&gt;eve&lt;/b&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;")
    html = response.content.decode()
    assert "<b>eve" not in html
    assert "<script>alert" not in html


def test_page_says_nothing_of_a_room_that_never_went_live(admin_client: Client, room: Room) -> None:
    assert live(admin_client.get(room_page(room))) == {}
    assert live(admin_client.get("/admin/rooms/room/add/")) == {}


def test_page_of_an_ended_room_still_tells_how_it_was(admin_client: Client, room: Room) -> None:
    now = timezone.now()
    come_in(room, "alice", "bob", now=now)
    actions.set_room(context(room, now=now), {"mute_everyone": True})
    actions.end(context(room, now=now))

    assert live(admin_client.get(room_page(room))) == {
        "mute everyone": "on",
        "webcams disabled": "off",
        "seats taken": "0 of 12 for audio, 0 of 10 for video",
        "people": "Nobody is there.",
        "moderation version": f'4 (<a href="{events_of(room)}">events</a>)',
    }


def test_page_shows_the_same_to_those_who_may_only_view(
    admin_client: Client, staff: Callable[..., Client], room: Room
) -> None:
    come_in(room, "alice", "bob", now=timezone.now())

    assert live(staff("view_room").get(room_page(room))) == live(admin_client.get(room_page(room))) != {}


def test_page_counts_seats_against_the_limits_as_just_saved(admin_client: Client, room: Room) -> None:
    now = timezone.now()
    come_in(room, "alice", now=now)
    seats.request(context(room, "alice", now), Medium.AUDIO)

    response = send(admin_client, room_page(room), audio_limit="3", video_limit="0")

    assert [level for level, _ in messages(response)] == ["success"]
    assert live(admin_client.get(room_page(room)))["seats taken"] == "1 of 3 for audio, 0 of 0 for video"


def swarm(room: Room, count: int) -> None:
    """Let this many users join."""
    come_in(room, "alice", now=timezone.now())
    ParticipantState.objects.bulk_create(
        ParticipantState(
            room=room,
            user_id=f"u-{n:03}",
            alias=f"alias-{n}",
            role=Role.PUBLISHER,
            ticket_role=Role.PUBLISHER,
            audio_seat=True,
            present=True,
            connection=f"socket-{n}",
            process_id=PROCESS,
        )
        for n in range(count - 1)
    )


def test_page_counts_those_it_does_not_show(admin_client: Client, room: Room) -> None:
    swarm(room, MAX_ROWS)
    full = live(admin_client.get(room_page(room)))["people"]
    come_in(room, "bob", now=timezone.now())

    over_full = live(admin_client.get(room_page(room)))

    assert len(cells(full)) == 1 + MAX_ROWS
    assert full.endswith("</table>")
    shown = [row[0] for row in cells(over_full["people"])[1:]]
    assert shown == ["alice", "bob", *(f"u-{n:03}" for n in range(MAX_ROWS - 2))]
    assert over_full["people"].endswith("</table>200 of 201 are shown.")
    assert over_full["seats taken"] == "199 of 12 for audio, 0 of 10 for video"


def test_page_asks_no_more_for_thirty_people_than_for_one(admin_client: Client, room: Room) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(room_page(room))
        return len(captured)

    before = queries()
    come_in(room, "bob", now=timezone.now())
    with_one = queries()
    swarm(room, 29)

    assert (with_one - before, queries() - with_one) == (2, 0)
