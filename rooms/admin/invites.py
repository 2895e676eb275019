"""Invites. Staff create and withdraw them, and may grant any role."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from rooms.admin.audit_log import OfRoomAdmin
from rooms.admin.form_validation import check_future, check_open
from rooms.invites import hash_code, join_path, new_code
from rooms.models import Invite, Room

_SET_ONCE = ["room", "role", "expires_at", "max_uses"]
_RECORD = ["id", "uses", "created_at"]


class InviteForm(forms.ModelForm[Invite]):
    def clean_room(self) -> Room:
        return check_open(self.cleaned_data["room"])

    def clean_expires_at(self) -> Any:
        return check_future(self.cleaned_data["expires_at"])


@admin.register(Invite)
class InviteAdmin(OfRoomAdmin[Invite]):
    form = InviteForm
    autocomplete_fields = ["room"]
    list_display = ["__str__", "room", "role", "used", "expires_at", "created_at"]
    list_filter = ["role", "created_at", "expires_at"]
    search_fields = ["=id", "label", "=room__id", "room__name"]
    ordering = ["-created_at"]
    show_full_result_count = False

    @admin.display(description="uses")
    def used(self, invite: Invite) -> str:
        return f"{invite.uses} of {invite.max_uses or 'any number'}"

    def get_fields(self, request: HttpRequest, obj: Invite | None = None) -> list[Any]:
        return ["label", *_SET_ONCE] if obj is None else ["label", *_SET_ONCE, *_RECORD]

    def get_readonly_fields(self, request: HttpRequest, obj: Invite | None = None) -> list[str]:
        return [] if obj is None else [*_SET_ONCE, *_RECORD]

    def save_model(self, request: HttpRequest, obj: Invite, form: Any, change: bool) -> None:
        if change:
            # Only these fields: guests may redeem the invite meanwhile.
            obj.save(update_fields=form.changed_data)
            return
        code = new_code()
        obj.code_hash = hash_code(code)
        obj.save()
        messages.warning(request, _shown_once(code, request.build_absolute_uri(join_path(code))))


def _shown_once(code: str, link: str) -> str:
    return format_html(
        'The code is <code>{}</code>, the link <a href="{}">{}</a>. '
        "Hand it out now: you will not be able to see it again.",
        code,
        link,
        link,
    )
