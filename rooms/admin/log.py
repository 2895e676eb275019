"""Who did what when in the admin."""

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from rooms.admin.records import RecordAdmin


@admin.register(LogEntry)
class LogEntryAdmin(RecordAdmin[LogEntry]):
    """Nobody may change or delete an entry, so a user who has any can be deactivated but not deleted."""

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
