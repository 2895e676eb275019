"""What a caller must be, before the room is even looked at."""

from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from rooms.admission import require_host
from rooms.api.authentication import caller_of
from rooms.callers import Backend
from tokensvc.web.refusals import Refusal

if TYPE_CHECKING:  # the views' module reads these classes while it is being imported
    from rest_framework.views import APIView


class IsBackend(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(caller_of(request), Backend):
            raise Refusal("backend_only", "Only the app's backend may do this, with its API key.")
        return True


class IsBackendOrHost(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        require_host(view.kwargs["room_id"], caller_of(request), timezone.now())
        return True
