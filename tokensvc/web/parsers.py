"""JSON parsing and content negotiation: requests and responses are always JSON."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class BoundedJSONParser(JSONParser):
    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # `HttpRequest.body` refuses more than DATA_UPLOAD_MAX_MEMORY_SIZE.
        body = BytesIO(stream.body) if isinstance(stream, HttpRequest) else stream
        try:
            return super().parse(body, media_type, parser_context)
        except RecursionError:
            raise ParseError from None


class AlwaysJson(DefaultContentNegotiation):
    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)
