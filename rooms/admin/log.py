"""Who did what when in the admin, to be read only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest


@admin.register(LogEntry)
class LogEntryAdmin(admin.ModelAdmin[LogEntry]):
    """Nobody may change or delete an entry, so a user who has any can be deactivated but not deleted."""

    list_display = ["action_time", "user", "action_flag", "kind", "object_repr", "what"]
    list_filter = ["action_flag", ("content_type", admin.RelatedOnlyFieldListFilter), "action_time"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "=object_id", "=user__username", "change_message"]
    fields = ["action_time", "user", "action_flag", "kind", "object_id", "object_repr", "what"]
    show_full_result_count = False

    @admin.display(description="kind of object")
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
