"""Turns every failure into a response of type `application/problem+json` (RFC 9457)."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions as drf

from tokensvc.web.refusals import Refusal
from tokensvc.web.validation import refusal_of

_log = logging.getLogger(__name__)

RETRY_DATABASE_AFTER = 2
CHALLENGE = 'Api-Key realm="tokensvc", Bearer realm="tokensvc", Ticket realm="tokensvc"'
"""The `WWW-Authenticate` header of every 401 response."""


class ProblemMiddleware:
    """Handles exceptions of views that Django REST framework does not run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return problem_response(exception)


def handle_api_exception(exception: Exception, context: dict[str, Any]) -> HttpResponseBase | None:
    """The `EXCEPTION_HANDLER` of Django REST framework."""
    return problem_response(exception)


def problem_response(exception: Exception) -> HttpResponseBase | None:
    """Return the problem document for an exception, or None if it is a bug."""
    refusal = _refusal(exception)
    return None if refusal is None else _respond(refusal)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return _respond(Refusal("invalid", "This request cannot be understood."))


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponseBase:
    return _respond(Refusal("forbidden", "You may not do this."))


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _respond(Refusal("not_found", f"There is nothing at {request.path}."))


def server_error(request: HttpRequest) -> HttpResponseBase:
    return _respond(Refusal("internal_error", "This is our fault; it has been logged."))


def _respond(refusal: Refusal) -> JsonResponse:
    document = {
        "status": refusal.status,
        "title": HTTPStatus(refusal.status).phrase,
        "detail": refusal.detail,
        "code": refusal.code,
        **refusal.members,
    }
    response = JsonResponse(document, status=refusal.status, content_type="application/problem+json")
    if refusal.status == 401:
        response["WWW-Authenticate"] = CHALLENGE
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _refusal(exception: Exception) -> Refusal | None:
    if isinstance(exception, Refusal):
        return exception
    if isinstance(exception, OperationalError | InterfaceError):
        _log.error("database unavailable", exc_info=exception)
        return Refusal(
            "unavailable", "The database does not answer just now.", retry_after=RETRY_DATABASE_AFTER
        )
    if isinstance(exception, drf.ValidationError):
        return refusal_of(exception)
    for kind, code in _CODES.items():
        if isinstance(exception, kind):
            return Refusal(code, str(exception) or HTTPStatus(404).phrase)
    return None


_CODES: dict[type[Exception], str] = {
    drf.ParseError: "invalid",
    drf.MethodNotAllowed: "method_not_allowed",
    drf.NotAcceptable: "not_acceptable",
    drf.UnsupportedMediaType: "unsupported_media_type",
    drf.NotFound: "not_found",
    Http404: "not_found",
    drf.PermissionDenied: "forbidden",
    PermissionDenied: "forbidden",
    BadRequest: "invalid",
    RequestDataTooBig: "invalid",
}
