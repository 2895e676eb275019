"""URLs whose views raise, for `pytest.mark.urls`."""

from typing import NoReturn

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest
from django.urls import path
from django.views import View
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.views import APIView

from tokensvc.urls import handler400, handler403, handler404, handler500, urlpatterns
from tokensvc.web.refusals import Refusal

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

FAILURES: dict[str, Exception] = {
    "bug": ZeroDivisionError("the password is swordfish"),
    "refusal": Refusal("not_found", "Nothing."),
    "conflict": Refusal("banned", "Out.", document={"version": 3}),
    "http404": Http404("No such page."),
    "http404-empty": Http404(),
    "denied": PermissionDenied("Not you."),
    "bad-request": BadRequest("Odd."),
    "suspicious": SuspiciousOperation("swordfish"),
    "drf-not-found": drf.NotFound(),
    "drf-denied": drf.PermissionDenied(),
    "drf-parse": drf.ParseError("Not JSON."),
    "drf-method": drf.MethodNotAllowed("BREW"),
    "drf-acceptable": drf.NotAcceptable(),
    "drf-media": drf.UnsupportedMediaType("text/plain"),
    "drf-nested": drf.ValidationError({"a/b": {"c~d": ["Wrong."]}, "list": [{}, {"x": ["Bad."]}]}),
    "drf-whole": drf.ValidationError("All wrong.", "bad"),
}


class Django(View):
    def get(self, request: HttpRequest, kind: str) -> NoReturn:
        raise FAILURES[kind]


class Rest(APIView):
    authentication_classes = []
    permission_classes = []

    def get(self, request: Request, kind: str) -> NoReturn:
        raise FAILURES[kind]


urlpatterns = [
    path("django/<kind>/", Django.as_view()),
    path("rest/<kind>/", Rest.as_view()),
    *urlpatterns,
]
