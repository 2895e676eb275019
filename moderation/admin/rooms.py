"""Rooms with their live state, and moderation as bulk actions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from moderation import actions
from moderation.act_context import ActContext
from moderation.admin.participants_table import people, seats
from rooms.admin.rooms import RoomAdmin
from rooms.callers import Backend
from rooms.models import Room
from rooms.refusals import room_ended

_LIVE = ["everyone_muted", "webcams_off", "seats", "people", "moderation_version"]

admin.site.unregister(Room)


@admin.register(Room)
class LiveRoomAdmin(RoomAdmin):
    actions = [
        "mute_everyone",
        "unmute_everyone",
        "disable_webcams",
        "enable_webcams",
        "rotate_channels",
        "end_rooms",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return super().get_queryset(request).select_related("state")

    def get_fieldsets(self, request: HttpRequest, obj: Room | None = None) -> Any:
        first, *rest = super().get_fieldsets(request, obj)
        live = [("Live", {"fields": _LIVE})] if hasattr(obj, "state") else []
        return [first, *live, *rest]

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *_LIVE]

    @admin.display(description="mute everyone")
    def everyone_muted(self, room: Room) -> str:
        return _on_or_off(room.state.mute_everyone)

    @admin.display(description="webcams disabled")
    def webcams_off(self, room: Room) -> str:
        return _on_or_off(room.state.webcams_disabled)

    @admin.display(description="seats taken")
    def seats(self, room: Room) -> str:
        return seats(room)

    @admin.display(description="people")
    def people(self, room: Room) -> str:
        return people(room)

    @admin.display(description="moderation version")
    def moderation_version(self, room: Room) -> str:
        events = reverse("admin:moderation_event_changelist", query={"room__id__exact": room.pk})
        return format_html('{} (<a href="{}">events</a>)', room.state.version, events)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List the rooms alone: events and kicking rules are deleted with them, and may be many."""
        named, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        rooms = [name for name in named if not isinstance(name, list)]
        return rooms, counts, forbidden - {"event", "kicking rule"}, protected

    @admin.action(description="Mute everyone in selected rooms", permissions=["change"])
    def mute_everyone(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self._set(request, chosen, "Muted everyone in", mute_everyone=True)

    @admin.action(description="Lift the mute in selected rooms", permissions=["change"])
    def unmute_everyone(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self._set(request, chosen, "Lifted the mute in", mute_everyone=False)

    @admin.action(description="Disable webcams in selected rooms", permissions=["change"])
    def disable_webcams(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self._set(request, chosen, "Disabled webcams in", webcams_disabled=True)

    @admin.action(description="Enable webcams in selected rooms", permissions=["change"])
    def enable_webcams(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self._set(request, chosen, "Enabled webcams in", webcams_disabled=False)

    @admin.action(description="End selected rooms", permissions=["change"])
    def end_rooms(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self.act_on(request, chosen, "Ended", _end)

    def _set(self, request: HttpRequest, chosen: QuerySet[Room], did: str, **wanted: bool) -> None:
        self.act_on(request, chosen, did, lambda room: actions.set_room(_context(room), wanted))


def _on_or_off(flag: bool) -> str:
    return "on" if flag else "off"


def _context(room: Room) -> ActContext:
    return ActContext(room.pk, Backend("admin"), timezone.now())


def _end(room: Room) -> None:
    context = _context(room)
    # `end` accepts a room that has ended; here it is to be counted as skipped.
    if room.is_over(context.now):
        raise room_ended()
    actions.end(context)
