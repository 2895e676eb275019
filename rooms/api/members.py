"""Members: list, set or ban, remove."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rooms.api.permissions import IsBackend
from rooms.api.serializers import BANNED, MemberSerializer
from rooms.models import Member, Room, user_id_pattern
from rooms.roles import Role
from tokensvc.web.openapi import refusals
from tokensvc.web.pagination import ByUserId
from tokensvc.web.refusals import Refusal, invalid


class MemberListView(ListAPIView[Member]):
    permission_classes = [IsBackend]
    pagination_class = ByUserId
    serializer_class = MemberSerializer

    def get_queryset(self) -> QuerySet[Member]:
        return Room.objects.get_or_refuse(self.kwargs["room_id"]).members.in_force(timezone.now())

    @extend_schema(
        summary="List a room's members",
        responses={200: MemberSerializer(many=True), **refusals("backend_only", "room_not_found")},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


@extend_schema(
    parameters=[
        OpenApiParameter(
            "user_id",
            {"type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]{1,255}$"},
            OpenApiParameter.PATH,
            description="The app's own id for the person.",
        )
    ]
)
class MemberView(APIView):
    permission_classes = [IsBackend]

    @extend_schema(
        summary="Make somebody a member, change their role, or ban them",
        description="The role is kept during a ban and holds again after it.",
        request=MemberSerializer,
        responses={
            200: MemberSerializer,
            201: MemberSerializer,
            **refusals("backend_only", "room_not_found", "unsupported_media_type"),
        },
    )
    @transaction.atomic
    def put(self, request: Request, room_id: str, user_id: str) -> Response:
        room = Room.objects.get_or_refuse(room_id)
        if not user_id_pattern.match(user_id):
            raise invalid("user_id", "invalid", "Use 1 to 255 characters, none of them a control character.")
        serializer = MemberSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        fields = serializer.validated_data
        if fields["role"] == BANNED:
            change = Member.objects.ban(room, user_id, fields["until"])
        else:
            role, assistant = Role(fields["role"]), fields["assistant"]
            change = Member.objects.appoint(room, user_id, role, assistant=assistant)
        return Response(MemberSerializer(change.member).data, status=201 if change.created else 200)

    @extend_schema(
        summary="Forget a member",
        description="Whoever still holds a ticket keeps its role: to keep somebody out, ban them.",
        responses={204: None, **refusals("backend_only", "room_not_found", "member_not_found")},
    )
    def delete(self, request: Request, room_id: str, user_id: str) -> Response:
        room = Room.objects.get_or_refuse(room_id)
        if not (user_id_pattern.match(user_id) and Member.objects.remove(room, user_id)):
            raise Refusal("member_not_found", "This room has no member with this user id.")
        return Response(status=204)
