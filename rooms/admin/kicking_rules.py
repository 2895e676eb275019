"""Agora's kicking rules."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from rooms.admin.records import RecordAdmin
from rooms.models import KickingRule


@admin.register(KickingRule)
class KickingRuleAdmin(RecordAdmin[KickingRule]):
    list_display = ["room", "user_id", "uid", "kind", "until", "progress", "attempts", "due_at", "error"]
    list_display_links = ["user_id"]
    list_filter = ["progress", "once"]
    list_select_related = ["room"]
    search_fields = ["=room__id", "=user_id", "=channel"]
    search_help_text = "The id of a room or a user, or a channel."
    fields = [
        *("room", "user_id", "channel", "uid", "kind", "until"),
        *("progress", "rule_id", "attempts", "due_at", "error"),
    ]
    ordering = ["-pk"]
    actions = ["try_again"]

    @admin.display(description="kind", ordering="once")
    def kind(self, rule: KickingRule) -> str:
        return "kick" if rule.once else "ban"

    @admin.action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[KickingRule]) -> None:
        now = timezone.now()
        rules = KickingRule.objects.given_up(now).filter(pk__in=chosen.values("pk"))
        for rule in rules:
            self.log_change(request, rule, "Tried again.")
        retried = rules.retry(now)
        counted = "1 rule is" if retried == 1 else f"{retried} rules are"
        self.message_user(request, f"{counted} tried again.", messages.SUCCESS)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rooms.change_kickingrule")
