"""A verb: one thing that a host or participant can do, as socket command and as HTTP operation."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rest_framework.serializers import Serializer

from moderation.act_context import ActContext
from tokensvc.web.validation import StrictSerializer

Act = Callable[[ActContext, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the context and the validated fields; returns the members of the reply, `version` among them."""

HOST_REFUSALS = ("host_only", "not_a_member", "banned", "room_not_found")
ACT_REFUSALS = (*HOST_REFUSALS, "room_ended", "unsupported_media_type")


class Operation(NamedTuple):
    """The HTTP operation of a verb, for hosts and the app's backend.

    `path` is relative to `rooms/{room_id}/`; its parameters are added to the fields of the `body`.
    """

    method: str
    path: str
    act: Act
    response: type[Serializer[Any]]
    summary: str
    description: str
    body: type[StrictSerializer] | None = None
    refusals: tuple[str, ...] = ACT_REFUSALS


class Verb(NamedTuple):
    """`fields` are those of the socket `command`."""

    command: str
    fields: StrictSerializer
    act: Act
    operation: Operation | None = None


class NoFields(StrictSerializer):
    """A command without fields."""
