"""The log of what staff did in the admin."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpRequest

from rooms.admin.records import RecordAdmin

OfRoom = TypeVar("OfRoom", bound=Model)


class OfRoomAdmin(admin.ModelAdmin[OfRoom]):
    """Admin of a room's objects. Deletions are logged as changes of the room, and purged with it."""

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> list[LogEntry]:
        kind = str(self.opts.verbose_name)
        return [
            self.log_change(request, deleted.room, [{"deleted": {"name": kind, "object": str(deleted)}}])
            for deleted in queryset
        ]


@admin.register(LogEntry)
class LogEntryAdmin(RecordAdmin[LogEntry]):
    """Entries are read-only, so a staff user who has any can be deactivated but not deleted."""

    list_display = ["action_time", "user", "action_flag", "kind", "object_repr", "what"]
    list_filter = ["action_flag", ("content_type", admin.RelatedOnlyFieldListFilter), "action_time"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "=object_id", "=user__username", "change_message"]
    fields = ["action_time", "user", "action_flag", "kind", "object_id", "object_repr", "what"]

    @admin.display(description="kind of object")
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()
