"""Endpoints for Photon's servers: custom authentication, and the room webhooks of both systems.

Each view answers in its caller's format whatever happens, bugs included: any failure is a refusal.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from rooms import photon, tickets
from rooms.admission import admit_alias, readmit
from rooms.channel_keys import alias
from rooms.photon import custom_authentication, fusion, realtime, secret
from tokensvc.web.refusals import Refusal
from tokensvc.web.throttling import count_auth_failure

_log = logging.getLogger(__name__)

RETRY_AFTER = 2

_ENTERING = {"before-join", "create", "join"}


@method_decorator(csrf_exempt, name="dispatch")
class PhotonView(View):
    """One request; `log_fields` holds no credentials and no personal names."""

    http_method_names = ["post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.log_fields: dict[str, object] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = super().dispatch(request, *args, **kwargs)
        except Exception as error:
            refusal = _refusal(error)
            self._log(logging.WARNING, "photon call refused", code=refusal.code)
            return self.refuse(refusal)
        self._log(logging.INFO, "photon call accepted")
        return answer

    def refuse(self, refusal: Refusal) -> HttpResponse:
        raise NotImplementedError

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
        raise photon.Malformed("The method is none of those that Photon uses here.")

    def _log(self, level: int, message: str, **more: object) -> None:
        _log.log(level, message, extra={"fields": {"call": self.request.path, **self.log_fields, **more}})


class AuthenticationView(PhotonView):
    http_method_names = ["get", "post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        key, token = custom_authentication.read(request.META.get("QUERY_STRING", ""), request.body)
        _authenticate(request, key, settings.PHOTON_AUTH_KEY if settings.PHOTON_APP_ID else "")
        if not token:
            raise photon.Malformed("The parameter token is missing.")
        photon_ticket = tickets.read_for_photon(token)
        self.log_fields["room"] = photon_ticket.room_id
        admission = readmit(photon_ticket, timezone.now())
        cookie = photon.Cookie(
            admission.policy.room_id,
            admission.role.value,
            alias(admission.policy.channel_secret, admission.user_id),
        )
        self.log_fields.update(cookie._asdict())
        return _answer(custom_authentication.admit(cookie, admission.name))

    get = post

    def refuse(self, refusal: Refusal) -> HttpResponse:
        malformed = refusal.code == "invalid"
        result_code = custom_authentication.BAD_PARAMETERS if malformed else custom_authentication.REFUSED
        return _answer(custom_authentication.refuse(result_code, refusal.detail))


class WebhookView(PhotonView):
    """A webhook. Only entering a room is decided; any other event is accepted with the secret."""

    hook = ""

    def post(self, request: HttpRequest) -> HttpResponse:
        _authenticate(request, request.META.get("HTTP_X_SECRETKEY", ""), settings.PHOTON_WEBHOOK_SECRET)
        if self.hook in _ENTERING:
            self._admit(self.read(photon.json_object(request.body)))
        return self.accept()

    def read(self, call: Mapping[str, Any]) -> photon.Entry:
        raise NotImplementedError

    def accept(self) -> HttpResponse:
        raise NotImplementedError

    def _admit(self, entry: photon.Entry) -> None:
        cookie = entry.cookie
        if cookie is not None:
            self.log_fields.update(room=cookie.room, alias=cookie.alias)
            if cookie.alias != entry.user:
                raise Refusal("invalid_credentials", "The cookie is another user's.")
        room = admit_alias(entry.room_name, entry.user, cookie and cookie.room, timezone.now())
        self.log_fields["room"] = room.id


class RealtimeView(WebhookView):
    def read(self, call: Mapping[str, Any]) -> photon.Entry:
        return realtime.entry(self.hook, call)

    def accept(self) -> HttpResponse:
        return _answer(realtime.answer())

    def refuse(self, refusal: Refusal) -> HttpResponse:
        return _answer(realtime.answer(refusal.detail))


class FusionView(WebhookView):
    def read(self, call: Mapping[str, Any]) -> photon.Entry:
        return fusion.entry(call)

    def accept(self) -> HttpResponse:
        return _answer({})

    def refuse(self, refusal: Refusal) -> HttpResponse:
        if refusal.code == "unavailable":
            headers = {"Retry-After": str(RETRY_AFTER)}
            return _answer(fusion.refusal(503, refusal.detail), status=503, headers=headers)
        return _answer(fusion.refusal(400, refusal.detail), status=400)


def _authenticate(request: HttpRequest, given: str, expected: str) -> None:
    """Refuse a caller without the secret, and throttle only those: Photon's servers share addresses."""
    if not secret.matches(given, expected):
        count_auth_failure(request)
        raise Refusal("invalid_credentials", "This call does not prove that it comes from Photon.")


def _answer(
    document: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    return HttpResponse(
        json.dumps(document, separators=(",", ":")),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def _refusal(error: Exception) -> Refusal:
    """Convert any failure to a refusal."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, photon.Malformed):
        return Refusal("invalid", str(error))
    if isinstance(error, RequestDataTooBig | UnreadablePostError):
        return Refusal("invalid", "The body is too long, or broken off.")
    if isinstance(error, OperationalError | InterfaceError):
        _log.error("database away", exc_info=error)
        return Refusal("unavailable", "The database does not answer just now.")
    _log.exception("photon call failed", exc_info=error)
    return Refusal("internal_error", "This is our fault; it has been logged.")
