"""The base of endpoints for a room's hosts."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from rooms.admission import AdmissionFacts, require_host
from rooms.api.authentication import caller_of
from rooms.policy import Policy, load_policy


class HostView(APIView):
    """An endpoint of one room for the app's backend and the room's hosts."""

    permission_classes = []
    _facts: AdmissionFacts | None

    def check_permissions(self, request: Request) -> None:
        self._facts = require_host(self.kwargs["room_id"], caller_of(request), timezone.now())

    def policy(self) -> Policy:
        """Return the room as the host check read it; for the backend, read it now.

        Refuses with `room_not_found`.
        """
        return load_policy(self.kwargs["room_id"]) if self._facts is None else self._facts.policy
