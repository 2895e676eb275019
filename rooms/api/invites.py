"""Invites: create, list, withdraw."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from rooms import invites
from rooms.api.authentication import caller_of
from rooms.api.host_view import HostView
from rooms.api.serializers import InviteSerializer, NewInviteSerializer
from rooms.models import Invite
from rooms.roles import Role
from tokensvc.web.openapi import refusals
from tokensvc.web.pagination import NewestFirst
from tokensvc.web.refusals import Refusal

_INVITE_REFUSALS = ("role_not_granted", "room_ended", "unsupported_media_type")
_HOST_REFUSALS = ("host_only", "not_a_member", "banned", "room_not_found")


class InviteListView(HostView, ListAPIView[Invite]):
    pagination_class = NewestFirst
    serializer_class = InviteSerializer

    def get_queryset(self) -> QuerySet[Invite]:
        return Invite.objects.filter(room_id=self.policy().room_id)

    @extend_schema(
        summary="List a room's invites, newest first",
        responses={200: InviteSerializer(many=True), **refusals(*_HOST_REFUSALS)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Invite guests",
        description="The code is shown once. A host's invites never grant more than publisher.",
        request=InviteSerializer,
        responses={
            201: NewInviteSerializer,
            **refusals(*_HOST_REFUSALS, *_INVITE_REFUSALS),
        },
    )
    def post(self, request: Request, room_id: str) -> Response:
        policy = self.policy()
        serializer = InviteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        now = timezone.now()
        fields = dict(serializer.validated_data)
        if (seconds := fields.pop("expires_in", None)) is not None:
            fields["expires_at"] = now + timedelta(seconds=seconds)
        role = Role(fields.pop("role", Role.SUBSCRIBER))
        new = invites.create(policy, caller_of(request), now, role=role, **fields)
        url = request.build_absolute_uri(invites.join_path(new.code))
        answer = InviteSerializer(new.invite).data | {"code": new.code, "url": url}
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})


class InviteView(HostView):
    @extend_schema(
        summary="Withdraw an invite",
        description="Guests it has let in stay.",
        responses={204: None, **refusals(*_HOST_REFUSALS, "invite_not_found")},
    )
    def delete(self, request: Request, room_id: str, invite_id: str) -> Response:
        invite = Invite.objects.filter(room_id=self.policy().room_id, pk=invite_id)
        if "\0" in invite_id or not invite.delete()[0]:
            raise Refusal("invite_not_found", "This room has no invite with this id.")
        return Response(status=204)
