"""Long lists come in pages, each with the address of the next."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from rooms.errors import invalid


class NewestFirst(CursorPagination):
    ordering = "-created_at"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        size = request.query_params.get("page_size")
        if size is None:
            return self.page_size
        if not (
            size.isdecimal() and size.isascii() and len(size) < 10 and 1 <= int(size) <= self.max_page_size
        ):
            raise invalid("page_size", "out_of_range", f"This must be from 1 to {self.max_page_size}.")
        return int(size)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        cursor, size = super().get_schema_operation_parameters(view)
        return [cursor, {**size, "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size}}]

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError):
            raise invalid("cursor", "invalid", "This cursor is not one of ours.") from None


class ByUserId(NewestFirst):
    ordering = "user_id"
