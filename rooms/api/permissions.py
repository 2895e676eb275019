"""The permission of endpoints for the app's backend only."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from rooms.api.authentication import caller_of
from rooms.callers import Backend
from tokensvc.web.refusals import Refusal

if TYPE_CHECKING:  # rest_framework.views imports this module, through the settings
    from rest_framework.views import APIView


class IsBackend(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(caller_of(request), Backend):
            raise Refusal("backend_only", "Only the app's backend may do this, with its API key.")
        return True
