"""Moderation over HTTP: the operations of the verbs, and the event log."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from moderation.act_context import ActContext
from moderation.actions.verb import HOST_REFUSALS, Operation
from moderation.enforcement import with_enforcement
from moderation.leases import refresh
from moderation.models import Event
from moderation.responses import EventSerializer, VersionConflictProblem
from rooms.admission import require_host
from rooms.api.authentication import caller_of
from rooms.api.host_view import HostView
from tokensvc.web.openapi import refusals
from tokensvc.web.pagination import SinceVersion

_CONFLICT = {(409, "application/problem+json"): OpenApiResponse(VersionConflictProblem, "`version_conflict`")}


class OperationView(APIView):
    """The operations at one path. Each act checks that its caller is a host, under the room's lock."""

    permission_classes = []


def operation_views(operations: Iterable[Operation]) -> Mapping[str, type[OperationView]]:
    """Return a view for each path below `rooms/{room_id}/`."""
    path = attrgetter("path")
    return {
        route: type("OperationView", (OperationView,), {one.method: _handler(one) for one in group})
        for route, group in groupby(sorted(operations, key=path), key=path)
    }


def _handler(operation: Operation) -> Callable[..., Response]:
    @extend_schema(
        summary=operation.summary,
        description=operation.description,
        request=operation.body,
        responses={200: operation.response, **refusals(*operation.refusals), **_conflict(operation)},
    )
    def handle(view: OperationView, request: Request, room_id: str, **parameters: str) -> Response:
        context = ActContext(room_id, caller_of(request), timezone.now())
        fields = _fields(operation, request, context)
        context = context._replace(expected_version=fields.pop("expected_version", None))
        return Response(operation.act(context, {**fields, **parameters}))

    return handle


def _conflict(operation: Operation) -> Mapping[tuple[int, str], OpenApiResponse]:
    takes_version = operation.body is not None and "expected_version" in operation.body().fields
    return _CONFLICT if takes_version else {}


def _fields(operation: Operation, request: Request, context: ActContext) -> dict[str, Any]:
    """Return the validated body. A caller who is no host is refused for that, whatever the body holds."""
    if operation.body is None:
        return {}
    try:
        serializer = operation.body(data=request.data)
        serializer.is_valid(raise_exception=True)
    except APIException:
        require_host(context.room_id, context.caller, context.now)
        raise
    return dict(serializer.validated_data)


class EventListView(HostView, ListAPIView[Event]):
    pagination_class = SinceVersion
    serializer_class = EventSerializer

    def get_queryset(self) -> Any:
        refresh(self.kwargs["room_id"], timezone.now())
        return with_enforcement(Event.objects.filter(room_id=self.kwargs["room_id"]))

    @extend_schema(
        summary="List what has happened, oldest first",
        responses={200: EventSerializer(many=True), **refusals(*HOST_REFUSALS)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)
