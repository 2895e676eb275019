"""Browser middleware that API requests skip."""

from typing import Any, cast

from corsheaders.middleware import CorsMiddleware as FullCorsMiddleware
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponseBase
from django.middleware import clickjacking, csrf
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

# The API and the providers' callbacks.
API_PREFIXES = ("/api/v1/", "/photon/", "/agora/")


class PagesOnly:
    """Skips a middleware for API requests, which have no session, cookies or forms."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API_PREFIXES):
            return cast("HttpResponseBase", self.get_response(request))
        # `super()` is the middleware that this class is mixed into.
        return cast("HttpResponseBase", super().__call__(request))  # type: ignore[misc]


class StaticMiddleware(PagesOnly, WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise ships no types
    ...


class SessionMiddleware(PagesOnly, sessions.SessionMiddleware): ...


class CsrfViewMiddleware(PagesOnly, csrf.CsrfViewMiddleware): ...


class AuthenticationMiddleware(PagesOnly, auth.AuthenticationMiddleware): ...


class MessageMiddleware(PagesOnly, messages.MessageMiddleware): ...


class XFrameOptionsMiddleware(PagesOnly, clickjacking.XFrameOptionsMiddleware): ...


class CorsMiddleware(FullCorsMiddleware):
    """Skips requests without an `Origin` header, but adds `Vary: origin` to cacheable responses."""

    async_capable = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_ORIGIN" in request.META:
            return cast("HttpResponseBase", super().__call__(request))
        response = cast("HttpResponseBase", self.get_response(request))
        if request.method in {"GET", "HEAD"}:
            patch_vary_headers(response, ["origin"])
        return response
