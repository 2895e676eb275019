"""What people see in a browser: the admin, the docs, the page behind an invite's link."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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

    if TYPE_CHECKING:
        get_response: Callable[[HttpRequest], HttpResponseBase]

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc] (whichever middleware this is mixed into)


class StaticMiddleware(ForPages, WhiteNoiseMiddleware): ...


class SessionMiddleware(ForPages, sessions.SessionMiddleware): ...


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware): ...


class MessageMiddleware(ForPages, messages.MessageMiddleware): ...


docs = staff_member_required(
    SpectacularSwaggerView.as_view(url_name="schema"), login_url=reverse_lazy("admin:login")
)


def join(request: HttpRequest) -> HttpResponse:
    """The page of an invite's link. The code stands behind the `#`, where only the browser sees it."""
    return render(request, "join.html")
