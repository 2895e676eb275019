"""Notifications about channels from Agora's servers (docs.agora.io, notification centre)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from moderation import channel_presence
from rooms.agora.notifications import UnreadableNotification, is_signed, parse
from tokensvc.web.refusals import Refusal, invalid
from tokensvc.web.throttling import count_auth_failure
from tokensvc.web.views import LeanView


class NotificationView(LeanView):
    """Receives notifications. Agora repeats one up to three times unless it is answered with 200."""

    authentication_classes = []
    schema = None

    def post(self, request: HttpRequest) -> HttpResponse:
        if not settings.AGORA_NOTIFICATION_SECRET:
            raise Refusal("not_found", f"There is nothing at {request.path}.")
        _require_signatures(request)
        try:
            notification = parse(request.body)
        except UnreadableNotification as unreadable:
            raise invalid(unreadable.field, "invalid", str(unreadable)) from None
        if notification is not None:
            channel_presence.apply(notification, timezone.now())
        return JsonResponse({})


def _require_signatures(request: HttpRequest) -> None:
    signed = is_signed(
        request.body,
        settings.AGORA_NOTIFICATION_SECRET,
        sha1=request.headers.get("Agora-Signature", ""),
        sha256=request.headers.get("Agora-Signature-V2", ""),
    )
    if not signed:
        count_auth_failure(request)
        raise Refusal("invalid_credentials", "Both signatures have to be those of the body.")
