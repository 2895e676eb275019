"""How far Agora's enforcement of a kick or ban has come."""

from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from moderation.models import Event
from rooms.models import ADVISORY, KickingRule, Progress

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

ENFORCEMENT = [ADVISORY, Progress.REQUESTED.value, Progress.PLACED.value, Progress.FAILED.value]


class Enforced(TypedDict):
    enforcement: str


def with_enforcement(events: QuerySet[Event]) -> "QuerySet[WithAnnotations[Event, Enforced]]":
    """Annotate events with `enforcement`, which has a meaning for kicks and bans only."""
    rules = KickingRule.objects.filter(enforcement_id=OuterRef("enforcement_id"))
    failed = rules.filter(progress__in=[Progress.FAILED, Progress.STUCK])
    return events.annotate(
        enforcement=Case(
            When(enforcement_id=None, then=Value(ADVISORY)),
            When(Exists(failed), then=Value(Progress.FAILED.value)),
            When(Exists(rules.filter(progress=Progress.REQUESTED)), then=Value(Progress.REQUESTED.value)),
            When(Exists(rules), then=Value(Progress.PLACED.value)),
            # The ban was lifted before its rules reached Agora.
            default=Value(ADVISORY),
        )
    )
