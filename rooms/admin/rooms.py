"""Rooms, with their members."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from rooms.admin.form_validation import check_future
from rooms.admin.members import MemberInline, write_member
from rooms.models import Member, Room
from rooms.refusals import room_ended
from tokensvc.web.refusals import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# Django accepts 1000 fields in one form, and a member has up to nine.
MAX_INLINE_MEMBERS = 100

_SET_ONCE = ["external_id", "uid_type", "encryption"]
_RECORD = ["id", "status", "channel", "version", "all_members", "created_at", "ended_at"]


class RoomForm(forms.ModelForm[Room]):
    def clean_ends_at(self) -> Any:
        return check_future(self.cleaned_data["ends_at"])


class StatusFilter(admin.SimpleListFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "open"), ("ended", "ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        over = Q(ended_at__isnull=False) | Q(ends_at__isnull=False, ends_at__lte=timezone.now())
        wanted = {"open": ~over, "ended": over}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


class MemberCount(TypedDict):
    member_count: int


@admin.register(Room)
class RoomAdmin(admin.ModelAdmin[Room]):
    form = RoomForm
    fieldsets = [
        (None, {"fields": ["name", "external_id", "default_role", "ends_at"]}),
        ("Where", {"fields": ["region", "cross_region"]}),
        ("Media", {"fields": ["uid_type", "encryption", "audio_limit", "video_limit", "token_ttl"]}),
    ]
    list_display = ["name", "id", "external_id", "region", "status", "members", "created_at"]
    list_display_links = ["name", "id"]
    list_filter = [StatusFilter, "region", "uid_type", "encryption", "created_at"]
    search_fields = ["id", "external_id", "name", "channel"]
    ordering = ["-created_at"]
    show_full_result_count = False
    actions = ["rotate_channels"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        # A subquery counts members for the rooms of one page; a join would count for all rooms first.
        counts = Member.objects.filter(room=OuterRef("pk")).values("room").annotate(count=Count("pk"))
        return (
            super().get_queryset(request).annotate(member_count=Coalesce(Subquery(counts.values("count")), 0))
        )

    @admin.display(description="members")
    def members(self, room: "WithAnnotations[Room, MemberCount]") -> int:
        return room.member_count

    @admin.display(description="members")
    def all_members(self, room: "WithAnnotations[Room, MemberCount]") -> str:
        address = reverse("admin:rooms_member_changelist", query={"room__id__exact": room.pk})
        return format_html('<a href="{}">{} in the list of members</a>', address, room.member_count)

    @admin.display
    def status(self, room: Room) -> str:
        return "ended" if room.is_over(timezone.now()) else "open"

    def get_fieldsets(self, request: HttpRequest, obj: Room | None = None) -> Any:
        fieldsets = [*super().get_fieldsets(request, obj)]
        return fieldsets if obj is None else [*fieldsets, ("Record", {"fields": _RECORD})]

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> list[str]:
        return [] if obj is None else [*_SET_ONCE, *_RECORD]

    def get_inlines(self, request: HttpRequest, obj: Room | None) -> list[type[InlineModelAdmin[Any, Any]]]:
        crowded = obj is not None and obj.members.count() > MAX_INLINE_MEMBERS
        return [] if crowded else [MemberInline]

    def has_change_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        """A room that has ended is read-only."""
        over = obj is not None and obj.is_over(timezone.now())
        return not over and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif form.changed_data:
            # Only these fields: others may have changed since the form was loaded.
            obj.change({name: form.cleaned_data[name] for name in form.changed_data})
        else:
            Room.objects.bump_version([obj.pk])

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the changed members, and remove those marked for deletion."""
        changed = formset.save(commit=False)
        Member.objects.filter(pk__in=[member.pk for member in formset.deleted_objects]).remove_all()
        for member in changed:
            write_member(member)

    @admin.action(description="Rotate channel of selected rooms", permissions=["change"])
    def rotate_channels(self, request: HttpRequest, chosen: QuerySet[Room]) -> None:
        self.act_on(request, chosen, "Rotated the channel of", _rotate_channel)

    def act_on(
        self, request: HttpRequest, chosen: QuerySet[Room], did: str, act: Callable[[Room], object]
    ) -> None:
        """Act on one room after the other, log each, and report the count.

        `act` runs in a transaction of its own. Rooms that it refuses, because they have ended, are skipped.
        """
        done = skipped = 0
        for room in chosen.order_by("pk"):
            try:
                act(room)
            except Refusal:
                skipped += 1
                continue
            self.log_change(request, room, f"{did} the room.")
            done += 1
        self.message_user(request, f"{did} {_rooms(done)}.", messages.SUCCESS)
        if skipped:
            self.message_user(request, f"Skipped {_rooms(skipped)}, already ended.", messages.WARNING)


@transaction.atomic
def _rotate_channel(room: Room) -> None:
    locked = Room.objects.select_for_update().get_or_refuse(room.pk)
    if locked.is_over(timezone.now()):
        raise room_ended()
    locked.rotate_channel()


def _rooms(count: int) -> str:
    return "1 room" if count == 1 else f"{count} rooms"
