from argparse import ArgumentParser
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from rooms.kicking import worker
from rooms.models import KickingRule, Progress, Room
from rooms.models.kicking_rule import is_enforced
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = "Retry the kicking rules at Agora that were given up; exit status 1 if some fail again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", nargs="?", help="the room's id; without it, all rooms")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self._failed:
            raise CommandError("1 rule failed." if self._failed == 1 else f"{self._failed} rules failed.")

    def report(self, **options: Any) -> Mapping[str, Any]:
        if not is_enforced():
            raise CommandError("This needs AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET.")
        now = timezone.now()
        rules = KickingRule.objects.given_up(now)
        if options["room"] is not None:
            rules = rules.filter(room=Room.objects.get_or_refuse(options["room"]))
        retried = list(rules.values_list("pk", flat=True))
        rules.retry(now)
        worker.work()
        became = Counter(KickingRule.objects.filter(pk__in=retried).values_list("progress", flat=True))
        self._failed = became[Progress.FAILED] + became[Progress.STUCK]
        return {
            "placed": became[Progress.PLACED],
            "lifted": became[Progress.LIFTED],
            "failed": self._failed,
            "to_be_tried_again": became[Progress.REQUESTED] + became[Progress.LIFTING],
        }
