"""The base of every table of jobs."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

# How long a job belongs to the process that claimed it. After that, another process may claim it.
CLAIM_LEASE = timedelta(seconds=60)

MAX_ERROR = 200
# How many due jobs one claim reads: other processes may claim the first of them at the same time.
_CANDIDATES = 20

JobT = TypeVar("JobT", bound="Job")


class JobQuerySet(models.QuerySet[JobT]):
    def due(self, now: datetime) -> Self:
        """The jobs to try now, the one that has waited longest first."""
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def claim_next(self, now: datetime) -> JobT | None:
        """Claim the first due job that no other process claims at the same time."""
        return next((job for job in self.due(now)[:_CANDIDATES] if job.claim(now)), None)


class Job(models.Model):
    """One piece of work. A subclass has a field `due_at` and lists the fields that a claim changes."""

    claim_fields: ClassVar[tuple[str, ...]]

    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(
        max_length=MAX_ERROR, blank=True, default="", help_text="Why the last try failed."
    )

    class Meta:
        abstract = True

    def claim(self, now: datetime) -> bool:
        """Reserve the job for the caller; False when another process was first."""
        raise NotImplementedError

    def put_off(self, error: str, due_at: datetime, **values: Any) -> bool:
        """Record a failed try and when to try again; False when the claim has been lost."""
        return self.compare_and_set(error=error[:MAX_ERROR], due_at=due_at, **values)

    def give_up(self, error: str, **values: Any) -> bool:
        """Record a failed try that was the last; False when the claim has been lost."""
        return self.compare_and_set(error=error[:MAX_ERROR], due_at=None, **values)

    def compare_and_set(self, **values: Any) -> bool:
        """Write values unless the claim fields have changed in the database since they were read."""
        as_read = {name: getattr(self, name) for name in self.claim_fields}
        jobs: models.QuerySet[Self] = models.QuerySet(type(self))
        return jobs.filter(pk=self.pk, **as_read).update(**values) == 1
