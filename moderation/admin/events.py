"""The event log in the admin."""

import json
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from moderation.enforcement import Enforced, with_enforcement
from moderation.models import REMOVALS, Event
from rooms.admin.records import RecordAdmin

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@admin.register(Event)
class EventAdmin(RecordAdmin[Event]):
    list_display = ["room", "version", "action", "actor", "target", "time", "enforced"]
    list_display_links = ["version", "action"]
    list_filter = ["action", "at"]
    list_select_related = ["room"]
    search_fields = ["=room__id", "=actor", "=target"]
    search_help_text = "The id of a room, or of a user who acted or was acted on."
    # The log is long: this is the order in which it was written, and it has an index.
    ordering = ["-pk"]
    fields = ["room", "version", "action", "actor", "by", "target", "time", "enforced", "changed"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return with_enforcement(super().get_queryset(request))

    @admin.display(description="enforcement")
    def enforced(self, event: "WithAnnotations[Event, Enforced]") -> str:
        return event.enforcement if event.action in REMOVALS else "-"

    @admin.display(description="at (UTC)", ordering="at")
    def time(self, event: Event) -> str:
        return f"{event.at:%Y-%m-%d\u00a0%H:%M:%S}"

    @admin.display(description="change")
    def changed(self, event: Event) -> str:
        return format_html("<pre>{}</pre>", json.dumps(event.change, indent=2, ensure_ascii=False))
