"""Members, on pages of their own and within their room's page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from rooms.admin.audit_log import OfRoomAdmin
from rooms.admin.form_validation import check_future, check_open
from rooms.models import Member, Room


class MemberForm(forms.ModelForm[Member]):
    # Not stripped: like the API, the form keeps spaces at the ends of a user id.
    user_id = forms.CharField(max_length=255, strip=False, widget=AdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None and "user_id" in self.fields:
            self.fields["user_id"].disabled = True

    def clean_room(self) -> Room:
        return check_open(self.cleaned_data["room"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        fields = self.cleaned_data
        if not fields.get("banned") and fields.get("role", "unusable") is None:
            self.add_error("role", "Choose a role, or ban the user.")
        if fields.get("until") is not None:
            self._check_until()
        return fields

    def _check_until(self) -> None:
        if not self.cleaned_data.get("banned"):
            self.add_error("until", "Only a ban can have an end.")
        elif "until" in self.changed_data:  # an expired ban may stay unchanged
            try:
                check_future(self.cleaned_data["until"])
            except forms.ValidationError as error:
                self.add_error("until", error)


class MemberInline(admin.TabularInline[Member, Room]):
    """Members within the page of their room, read-only once it has ended."""

    model = Member
    form = MemberForm
    fields = ["user_id", "role", "assistant", "banned", "until"]
    ordering = ["user_id"]
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return _is_open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return _is_open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return _is_open(obj) and super().has_delete_permission(request, obj)


@admin.register(Member)
class MemberAdmin(OfRoomAdmin[Member]):
    form = MemberForm
    fields = ["room", "user_id", "role", "assistant", "banned", "until"]
    autocomplete_fields = ["room"]
    list_display = ["user_id", "room", "role", "assistant", "banned", "until"]
    list_filter = ["role", "assistant", "banned"]
    search_fields = ["user_id", "=room__id", "room__name"]
    ordering = ["user_id", "room_id"]
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Member | None = None) -> list[str]:
        return [] if obj is None else ["room", "user_id"]

    def has_change_permission(self, request: HttpRequest, obj: Member | None = None) -> bool:
        return _is_open(None if obj is None else obj.room) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        write_member(obj)

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        Member.objects.remove(obj.room, obj.user_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        Member.objects.filter(pk__in=queryset.values("pk")).remove_all()


def write_member(member: Member) -> None:
    """Save a member that a form has filled in."""
    fields = {name: getattr(member, name) for name in ("role", "assistant", "banned", "until")}
    member.pk = Member.objects.write(member.room, member.user_id, **fields).member.pk


def _is_open(room: Room | None) -> bool:
    return room is None or not room.is_over(timezone.now())
