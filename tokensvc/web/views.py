"""Views that skip what Django REST framework does around a `post`."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.views import APIView


# A view whose `post` gets Django's request and answers JSON itself. Everybody passes here, and what Django
# REST framework does around a view (wrapping the request, negotiating, rendering) costs as much as issuing
# a token. Other methods take its usual way.
class LeanView(APIView):
    permission_classes = []

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return self.post(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise NotImplementedError
