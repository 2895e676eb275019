from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from moderation.retention.purge import preview, purge
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = (
        "End rooms whose ends_at has passed; delete those that ended RETENTION_SECONDS ago, with everything "
        "that ties people to them. Safe to run concurrently."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="report the counts, and change nothing")

    def report(self, **options: Any) -> Mapping[str, Any]:
        act = preview if options["dry_run"] else purge
        return act(timezone.now(), timedelta(seconds=settings.RETENTION_SECONDS))
