"""The outbox of the app's webhook."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from moderation.models import Webhook
from rooms.admin.records import RecordAdmin


@admin.register(Webhook)
class WebhookAdmin(RecordAdmin[Webhook]):
    list_display = ["message_id", "type", "room_id", "attempts", "due_at", "error"]
    list_filter = ["type", "due_at"]
    search_fields = ["=room_id", "=message_id"]
    search_help_text = "The id of a room, or of a webhook."
    # The order of delivery within a room.
    ordering = ["pk"]
    # Without the payload, which names people.
    fields = [
        "message_id",
        "type",
        "room_id",
        "created_at",
        "attempts",
        "due_at",
        "claimed_until",
        "error",
    ]
    actions = ["send_now"]

    @admin.action(description="Send now what waits in the rooms of selected webhooks", permissions=["send"])
    def send_now(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        room_ids = set(chosen.values_list("room_id", flat=True))
        Webhook.objects.send_now(room_ids, timezone.now())
        for webhook in chosen:
            self.log_change(request, webhook, "Had it sent now.")
        self.message_user(request, "They are sent at once, in their order.", messages.SUCCESS)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("moderation.change_webhook")
