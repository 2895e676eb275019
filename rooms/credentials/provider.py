"""What a provider of credentials declares."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.checks import CheckMessage
from rest_framework.serializers import Serializer

from rooms.credentials.context import IssueContext


class Provider(NamedTuple):
    """One part of the answer to a token request.

    `name` is its key. `issue` returns its content, None when the provider is not configured, which only an
    `optional` one may do. `response` describes the content. `check` finds unusable settings at start.
    """

    name: str
    issue: Callable[[IssueContext], Mapping[str, Any] | None]
    response: type[Serializer[None]]
    check: Callable[[], Sequence[CheckMessage]]
    optional: bool = True
