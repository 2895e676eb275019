"""The rate limit of a provider's REST API, shared by all processes."""

from datetime import datetime, timedelta

from django.db import models, transaction

_LONGEST_WAIT = timedelta(seconds=60)


class RateLimitSlot(models.Model):
    """When the next call with an account may start."""

    account = models.CharField(primary_key=True, max_length=100)
    free_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.account

    @classmethod
    @transaction.atomic
    def take(cls, account: str, interval: timedelta, now: datetime) -> timedelta:
        """Reserve the next slot; return the time to wait for it."""
        cls.objects.get_or_create(pk=account, defaults={"free_at": now})
        slot = cls.objects.select_for_update().get(pk=account)
        # Limited, so that a process whose clock is far ahead does not stop the others.
        start = max(now, min(slot.free_at, now + _LONGEST_WAIT))
        slot.free_at = start + interval
        slot.save()
        return start - now
