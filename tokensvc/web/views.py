"""Views that bypass Django REST framework for `post`."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.views import APIView


# `post` gets Django's request and returns the response itself: the framework's request wrapping, negotiation
# and rendering cost as much as issuing a token. Other methods use the framework. No docstring:
# drf-spectacular would show it.
class LeanView(APIView):
    permission_classes = []

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return self.post(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise NotImplementedError
