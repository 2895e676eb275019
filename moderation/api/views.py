"""Moderation: the room document, what hosts change in it, and the log of what has happened."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moderation import actions
from moderation.api.responses import ChangedParticipant, EventSerializer, RemovedParticipant, RoomDocument
from moderation.api.schema import CONFLICT
from moderation.locked_room import ActContext
from moderation.models import Event
from moderation.reconcile import refresh
from moderation.rule import Medium, Override
from moderation.serializers import Kick, ParticipantChange, RoomChange
from rooms.api.authentication import caller_of
from rooms.api.permissions import IsBackendOrHost
from rooms.api.serializers import EndedRoomSerializer
from rooms.models import Room
from tokensvc.web.openapi import refusals
from tokensvc.web.pagination import SinceVersion
from tokensvc.web.validation import StrictSerializer

_HOST_ONLY = ("host_only", "not_a_member", "banned", "room_not_found")
_ACT = (*_HOST_ONLY, "room_ended", "unsupported_media_type")


def _context(request: Request, room_id: str, expected_version: int | None = None) -> ActContext:
    return ActContext(room_id, caller_of(request), timezone.now(), expected_version)


def _validated(wanted: StrictSerializer) -> dict[str, Any]:
    wanted.is_valid(raise_exception=True)
    fields: dict[str, Any] = wanted.validated_data
    return fields


class ModerationView(APIView):
    permission_classes = [IsBackendOrHost]

    @extend_schema(
        summary="Read the room document",
        description="What the live socket sends first: flags, limits, and everybody who is there.",
        responses={200: RoomDocument, **refusals(*_HOST_ONLY)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        return Response(actions.read(room_id, timezone.now()))

    @extend_schema(
        summary="Mute everyone, disable webcams, or lift either",
        description="Overrides of single participants stay. Answers the room document.",
        request=RoomChange,
        responses={200: RoomDocument, **refusals(*_ACT), **CONFLICT},
    )
    def patch(self, request: Request, room_id: str) -> Response:
        wanted = _validated(RoomChange(data=request.data))
        expected = wanted.pop("expected_version", None)
        actions.set_room(_context(request, room_id, expected), wanted)
        return Response(actions.read(room_id, timezone.now()))


class ParticipantView(APIView):
    permission_classes = [IsBackendOrHost]

    @extend_schema(
        summary="Mute, allow or reset one participant, per medium",
        description="Works on whoever is or was in the room, and stays when they come back.",
        request=ParticipantChange,
        responses={200: ChangedParticipant, **refusals(*_ACT, "participant_not_found"), **CONFLICT},
    )
    def patch(self, request: Request, room_id: str, alias: str) -> Response:
        wanted = _validated(ParticipantChange(data=request.data))
        expected = wanted.pop("expected_version", None)
        overrides = {Medium(medium): Override(override) for medium, override in wanted.items()}
        return Response(actions.set_participant(_context(request, room_id, expected), alias, overrides))


class KickView(APIView):
    permission_classes = [IsBackendOrHost]

    @extend_schema(
        summary="Make somebody leave, and with `ban` keep them out",
        description="A kick alone lets them come back. A ban also means that no further token is issued.",
        request=Kick,
        responses={200: RemovedParticipant, **refusals(*_ACT, "participant_not_found", "forbidden")},
    )
    def post(self, request: Request, room_id: str, alias: str) -> Response:
        wanted = _validated(Kick(data=request.data))
        return Response(actions.kick(_context(request, room_id), alias, **wanted))


class EventListView(ListAPIView[Event]):
    permission_classes = [IsBackendOrHost]
    pagination_class = SinceVersion
    serializer_class = EventSerializer

    def get_queryset(self) -> Any:
        refresh(self.kwargs["room_id"], timezone.now())
        return Event.objects.filter(room_id=self.kwargs["room_id"]).with_enforcement()

    @extend_schema(
        summary="List what has happened, oldest first",
        responses={200: EventSerializer(many=True), **refusals(*_HOST_ONLY)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class EndView(APIView):
    permission_classes = [IsBackendOrHost]

    @extend_schema(
        summary="End a room",
        description="No more tokens, and all live sockets close. Ending it again changes nothing.",
        request=None,
        responses={200: EndedRoomSerializer, **refusals(*_HOST_ONLY)},
    )
    def post(self, request: Request, room_id: str) -> Response:
        actions.end(_context(request, room_id))
        return Response(EndedRoomSerializer(Room.objects.get_or_refuse(room_id)).data)
