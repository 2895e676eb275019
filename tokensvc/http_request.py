"""Requests that accept any `Content-Type`.

Django adopts the charset unchecked and fails before a view runs if it is unusable. Here an unusable charset
is ignored.
"""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest


class LenientContentType(HttpRequest):
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # Django's own hook, not in the stubs
        except (LookupError, ValueError, SuspiciousOperation):
            self.content_type = meta["CONTENT_TYPE"].partition(";")[0].strip().lower()
            self.content_params = {}
            self._encoding = None


class WsgiRequest(LenientContentType, WSGIRequest): ...


class AsgiRequest(LenientContentType, ASGIRequest): ...
