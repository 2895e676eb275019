"""Token requests: admission, and all credentials in one answer."""

import json
import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError

from rooms import invites
from rooms.admission import Admission, AdmissionRequest, admit_for_backend, admit_person
from rooms.api.authentication import identify
from rooms.api.responses import Credentials
from rooms.api.serializers import BackendTokenSerializer, PersonTokenSerializer, RedeemSerializer
from rooms.callers import Backend, Caller
from rooms.credentials import issue
from rooms.regions import region_of
from rooms.roles import Role
from tokensvc.web.openapi import refusals
from tokensvc.web.refusals import Refusal, invalid
from tokensvc.web.throttling import throttle, throttle_address
from tokensvc.web.validation import StrictSerializer
from tokensvc.web.views import LeanView

_log = logging.getLogger(__name__)
_encode = json.JSONEncoder(separators=(",", ":")).encode

# Built once: building a serializer takes five times as long as validating with it.
_person_serializer, _backend_serializer, _redeem_serializer = (
    PersonTokenSerializer(),
    BackendTokenSerializer(),
    RedeemSerializer(),
)


class TokenView(LeanView):
    @extend_schema(
        summary="Enter a room: get all its credentials",
        description="Call again to renew. Tokens are never revoked; they end at `expires_at`.",
        request=PolymorphicProxySerializer(
            "TokenRequest", [PersonTokenSerializer, BackendTokenSerializer], None
        ),
        responses={
            200: Credentials,
            **refusals(
                "not_a_member",
                "role_not_granted",
                "banned",
                "region_denied",
                "room_not_found",
                "room_ended",
                "unsupported_media_type",
            ),
        },
    )
    def post(self, request: HttpRequest, room_id: str) -> HttpResponse:
        try:
            now, live_url = timezone.now(), _live_url(request)
            caller = identify(request)
            _throttle(caller)
            return _answer(_admit(request, caller, room_id, now), now, live_url)
        except (Refusal, ValidationError) as denial:
            _log_denial(denial, room_id)
            raise


class RedeemView(LeanView):
    authentication_classes = []

    @extend_schema(
        summary="Enter a room as a guest, with an invite's code",
        description="Every call is a new guest and uses up one of the invite's uses; renew with the ticket.",
        request=RedeemSerializer,
        responses={
            200: Credentials,
            **refusals(
                "region_denied",
                "invite_not_found",
                "invite_used_up",
                "room_ended",
                "unsupported_media_type",
                anonymous=True,
            ),
        },
    )
    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            now, live_url = timezone.now(), _live_url(request)
            throttle_address("redeem", request, settings.REDEEM_RATE)
            fields = _read(request, _redeem_serializer)
            admission_request = AdmissionRequest(
                name=fields.get("name", ""), client_region=_client_region(request)
            )
            return _answer(invites.redeem(fields["code"], admission_request, now), now, live_url)
        except (Refusal, ValidationError) as denial:
            _log_denial(denial, None)
            raise


def _throttle(caller: Caller) -> None:
    """Throttle users. The app's backend is not limited."""
    if not isinstance(caller, Backend):
        throttle("token", caller.user_id, settings.TOKEN_RATE)


def _admit(request: HttpRequest, caller: Caller, room_id: str, now: datetime) -> Admission:
    fields = _read(request, _backend_serializer if isinstance(caller, Backend) else _person_serializer)
    admission_request = AdmissionRequest(
        role=Role(fields["role"]) if "role" in fields else None,
        name=fields.get("name", ""),
        screen=fields.get("screen", False),
        client_region=fields.get("client_region") if isinstance(caller, Backend) else _client_region(request),
    )
    if isinstance(caller, Backend):
        return admit_for_backend(room_id, fields["user_id"], admission_request, now)
    return admit_person(room_id, caller, admission_request, now)


def _live_url(request: HttpRequest) -> str:
    """Return the live socket's origin. Called first, so that a disallowed `Host` uses up no invite."""
    return settings.LIVE_URL or f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"


def _answer(admission: Admission, now: datetime, live_url: str) -> HttpResponse:
    answer = issue(admission, now=now, live_url=live_url)
    return HttpResponse(
        _encode(answer).encode(), content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _read(request: HttpRequest, serializer: StrictSerializer) -> dict[str, Any]:
    """Return the validated body; an empty body is an empty object."""
    body: Any = {}
    if _has_body(request) and (text := request.body):
        if request.content_type != "application/json":
            raise Refusal("unsupported_media_type", "Send JSON, as application/json.")
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise invalid("", "parse_error", "The body is not JSON.") from None
    if not body and serializer is _person_serializer and isinstance(body, dict):
        return {}
    fields: dict[str, Any] = serializer.run_validation(body)
    return fields


def _has_body(request: HttpRequest) -> bool:
    """Tell whether there may be a body; under WSGI, CONTENT_LENGTH says so."""
    return "wsgi.input" not in request.META or request.META.get("CONTENT_LENGTH", "") not in {"", "0"}


def _client_region(request: HttpRequest) -> str | None:
    """Return the client's region from the trusted proxy's header, empty if that names no region.

    None, for unknown, unless `CLIENT_COUNTRY_HEADER` is set.
    """
    if not settings.CLIENT_COUNTRY_HEADER:
        return None
    return region_of(request.headers.get(settings.CLIENT_COUNTRY_HEADER, ""))


def _log_denial(denial: Refusal | ValidationError, room_id: str | None) -> None:
    code = denial.code if isinstance(denial, Refusal) else "invalid"
    _log.warning("token denied", extra={"fields": {"room": room_id, "code": code}})
