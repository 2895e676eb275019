"""What drf-spectacular cannot read off the serializers and views of moderation."""

from drf_spectacular.utils import OpenApiResponse, extend_schema_serializer

from moderation.api.responses import VersionConflictProblem
from moderation.serializers import RoomChange

CONFLICT = {(409, "application/problem+json"): OpenApiResponse(VersionConflictProblem, "`version_conflict`")}

# Another `RoomChange` is what `PATCH rooms/{id}/` takes.
extend_schema_serializer(component_name="ModerationChange")(RoomChange)
