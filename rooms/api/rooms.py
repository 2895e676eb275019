"""Rooms: create, list, read, change, rotate."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rooms.api.permissions import IsBackend
from rooms.api.serializers import RoomChangeSerializer, RoomSerializer
from rooms.models import Room
from tokensvc.web.openapi import refusals
from tokensvc.web.pagination import NewestFirst
from tokensvc.web.refusals import invalid


class RoomListView(ListAPIView[Room]):
    permission_classes = [IsBackend]
    pagination_class = NewestFirst
    serializer_class = RoomSerializer

    def get_queryset(self) -> QuerySet[Room]:
        rooms = Room.objects.all()
        if external_id := self.request.query_params.get("external_id"):
            if "\0" in external_id:
                raise invalid("external_id", "invalid", "Null characters are not allowed.")
            rooms = rooms.filter(external_id=external_id)
        return rooms

    @extend_schema(
        summary="List rooms, newest first",
        parameters=[
            OpenApiParameter("external_id", str, description="Only the room with this id of the app's.")
        ],
        responses={200: RoomSerializer(many=True), **refusals("backend_only")},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Create a room",
        description="Idempotent with `external_id`: the same id again answers 200 with the existing room.",
        request=RoomSerializer,
        responses={
            201: RoomSerializer,
            200: RoomSerializer,
            **refusals("backend_only", "unsupported_media_type"),
        },
    )
    def post(self, request: Request) -> Response:
        serializer = RoomSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        room, created = Room.objects.get_or_create_by_external_id(**serializer.validated_data)
        return Response(RoomSerializer(room).data, status=201 if created else 200)


class RoomView(APIView):
    permission_classes = [IsBackend]

    @extend_schema(
        summary="Read a room", responses={200: RoomSerializer, **refusals("backend_only", "room_not_found")}
    )
    def get(self, request: Request, room_id: str) -> Response:
        return Response(RoomSerializer(Room.objects.get_or_refuse(room_id)).data)

    @extend_schema(
        summary="Change a room",
        description="Changing `uid_type` or `encryption` also moves the room to a new channel.",
        request=RoomChangeSerializer,
        responses={
            200: RoomSerializer,
            **refusals("backend_only", "room_not_found", "unsupported_media_type"),
        },
    )
    @transaction.atomic
    def patch(self, request: Request, room_id: str) -> Response:
        room = Room.objects.select_for_update().get_or_refuse(room_id)
        serializer = RoomChangeSerializer(room, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        room.change(serializer.validated_data)
        return Response(RoomSerializer(room).data)


class RotateChannelView(APIView):
    permission_classes = [IsBackend]

    @extend_schema(
        summary="Move a room to a new channel",
        description="Tokens issued before are valid for the old channel only, which everybody has left.",
        request=None,
        responses={200: RoomSerializer, **refusals("backend_only", "room_not_found")},
    )
    @transaction.atomic
    def post(self, request: Request, room_id: str) -> Response:
        room = Room.objects.select_for_update().get_or_refuse(room_id)
        room.rotate_channel()
        return Response(RoomSerializer(room).data)
