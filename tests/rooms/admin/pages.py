"""Admin pages as a browser shows them: tables, forms, messages, and the log."""

from html.parser import HTMLParser
from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client

from rooms.models import Room

SAVE = {"_save": "Save"}

ROOMS = "/admin/rooms/room/"


class Page(HTMLParser):
    """Parses the cells of the list, and the fields that a browser would submit."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.fields: dict[str, str] = {}
        self._in_list = self._in_cell = False
        self._select = ""
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if given.get("id") == "result_list":
            self._in_list = True
        elif tag == "tr" and self._in_list:
            self.rows.append([])
        elif tag in {"td", "th"} and self._in_list and "action-checkbox" not in given.get("class", ""):
            self._in_cell = True
            self.rows[-1].append("")
        elif self._in_cell and tag == "img":  # a tick or a cross
            self.rows[-1][-1] += given["alt"]
        else:
            self._collect(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}
        self._in_list = self._in_list and tag != "table"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data.strip()

    def _collect(self, tag: str, given: dict[str, str]) -> None:
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given["value"]
        elif tag == "input" and "name" in given and "disabled" not in given and _is_sent(given):
            self.fields[given["name"]] = given.get("value", "on" if "checked" in given else "")


def _is_sent(given: dict[str, str]) -> bool:
    return "checked" in given or given["type"] not in {"checkbox", "radio", "submit"}


def rows(response: Any) -> list[list[str]]:
    """Return the list's cells, without its head and its checkboxes."""
    assert response.status_code == 200
    return Page(response).rows[1:]


def send(client: Any, path: str, **changes: str) -> Any:
    """Open a page, change some of its fields, save, and follow the redirect."""
    opened = client.get(path)
    assert opened.status_code == 200
    return client.post(path, Page(opened).fields | SAVE | changes, follow=True)


def act(client: Client, action: str, *rooms: Room) -> Any:
    """Run an action on rooms chosen in the list, and follow the redirect."""
    chosen = {"action": action, "_selected_action": [room.pk for room in rooms]}
    return client.post(ROOMS, chosen, follow=True)


def messages(response: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in response.context["messages"]]


def errors(response: Any) -> list[str]:
    """Return the errors of the form and its inlines."""
    return [str(error) for listed in response.context["errors"] for error in _texts(listed)]


def _texts(listed: Any) -> list[Any]:
    return [listed] if isinstance(listed, str) else list(listed)


def log() -> list[tuple[str, str, str, str]]:
    """Return the log, oldest first: user, kind of object, object, and message."""
    entries = LogEntry.objects.select_related("user", "content_type").order_by("pk")
    return [
        (
            entry.user.get_username(),
            entry.content_type.model if entry.content_type else "",
            entry.object_repr,
            entry.get_change_message() or entry.get_action_flag_display(),
        )
        for entry in entries
    ]


def room_page(room: Room) -> str:
    return f"/admin/rooms/room/{room.pk}/change/"


def stored_rooms(*rooms: Room) -> list[dict[str, object]]:
    """The rooms' rows in the database."""
    chosen = Room.objects.filter(pk__in=[room.pk for room in rooms]).order_by("pk")
    return [{**row} for row in chosen.values()]
