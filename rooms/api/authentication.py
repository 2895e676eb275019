"""Authentication by the three schemes of the `Authorization` header."""

from collections.abc import Callable, Mapping
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework_api_key.models import APIKey

from rooms import identity, tickets
from rooms.callers import Backend, Caller
from tokensvc.web.networks import lies_in
from tokensvc.web.problems import CHALLENGE
from tokensvc.web.refusals import Refusal
from tokensvc.web.throttling import count_auth_failure


def identify(request: HttpRequest) -> Caller:
    """Authenticate the caller.

    Refuses with `not_authenticated`, `invalid_credentials`, `expired_credentials`, or `throttled` after too
    many bad credentials from one address.
    """
    scheme, _, credential = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    authenticate = _SCHEMES.get(scheme.lower())
    if authenticate is None or not credential:
        raise Refusal("not_authenticated", "Send an Authorization header with an Api-Key, Bearer or Ticket.")
    try:
        return authenticate(request, credential)
    except Refusal as refusal:
        if refusal.status == 401:
            count_auth_failure(request)
        raise


def caller_of(request: Request) -> Caller:
    """Return the caller that `CallerAuthentication` has authenticated."""
    return cast("Caller", request.user)


class CallerAuthentication(BaseAuthentication):
    """`identify` for Django REST framework's views; `request.user` is the caller."""

    def authenticate(self, request: Request) -> tuple[Caller, None]:
        return identify(request._request), None  # noqa: SLF001 (DRF offers no other way to the request)

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _backend(request: HttpRequest, key: str) -> Backend:
    networks = settings.BACKEND_NETWORKS
    if networks and not lies_in(request.META.get("REMOTE_ADDR", ""), networks):
        raise Refusal("invalid_credentials", "API keys are not accepted from this address.")
    try:
        api_key = APIKey.objects.get_from_key(key)
    except APIKey.DoesNotExist:
        raise Refusal("invalid_credentials", "The API key is unknown or revoked.") from None
    if api_key.has_expired:
        raise Refusal("expired_credentials", "The API key has expired.")
    return Backend(api_key.name)


_SCHEMES: Mapping[str, Callable[[HttpRequest, str], Caller]] = {
    "bearer": lambda _request, token: identity.read(token),
    "ticket": lambda _request, ticket: tickets.read(ticket),
    "api-key": _backend,
}
