"""Middleware that only browsers need, kept from costing the API's other callers anything."""

from typing import Any, cast

from corsheaders.middleware import CorsMiddleware as FullCorsMiddleware
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import clickjacking, csrf
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

# Where no browser shows a page: the API, and what the providers call.
PROGRAMS = ("/api/v1/", "/photon/", "/agora/")


class ForPages:
    """Keeps a middleware away from programs, which have no session, cookies or forms."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PROGRAMS):
            return cast("HttpResponseBase", self.get_response(request))
        # `super` is whichever middleware this is mixed into.
        return cast("HttpResponseBase", super().__call__(request))  # type: ignore[misc]


class StaticMiddleware(ForPages, WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise ships no types
    ...


class SessionMiddleware(ForPages, sessions.SessionMiddleware): ...


class CsrfViewMiddleware(ForPages, csrf.CsrfViewMiddleware): ...


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware): ...


class MessageMiddleware(ForPages, messages.MessageMiddleware): ...


class XFrameOptionsMiddleware(ForPages, clickjacking.XFrameOptionsMiddleware): ...


class CorsMiddleware(FullCorsMiddleware):
    """Leaves requests without an `Origin` alone; answers that caches keep say that they vary by it."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_ORIGIN" in request.META:
            return cast("HttpResponseBase", super().__call__(request))
        response = cast("HttpResponseBase", self.get_response(request))
        if request.method in {"GET", "HEAD"}:
            patch_vary_headers(response, ["origin"])
        return response
