"""What people see in a browser: the admin, the docs, the page behind an invite's link."""

from typing import Any, cast

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from drf_spectacular.views import SpectacularSwaggerView
from whitenoise.middleware import WhiteNoiseMiddleware

API = "/api/v1/"


class ForPages:
    """Keeps a middleware away from the API, whose callers have no session, cookies or forms."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(API):
            return cast("HttpResponseBase", self.get_response(request))
        # `super` is whichever middleware this is mixed into.
        return cast("HttpResponseBase", super().__call__(request))  # type: ignore[misc]


class StaticMiddleware(ForPages, WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise ships no types
    ...


class SessionMiddleware(ForPages, sessions.SessionMiddleware): ...


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware): ...


class MessageMiddleware(ForPages, messages.MessageMiddleware): ...


docs = staff_member_required(
    SpectacularSwaggerView.as_view(url_name="schema"), login_url=reverse_lazy("admin:login")
)


def join(request: HttpRequest) -> HttpResponse:
    """The page of an invite's link. The code stands behind the `#`, where only the browser sees it."""
    return render(request, "join.html")
