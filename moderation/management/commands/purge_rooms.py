from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from moderation.retention.purge import forget, preview
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = (
        "End the rooms whose time is over, and forget those that ended RETENTION_SECONDS ago, with all that "
        "ties people to them. May run at the same time from several places."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="show what would go, and change nothing")

    def report(self, **options: Any) -> Mapping[str, Any]:
        purge = preview if options["dry_run"] else forget
        return purge(timezone.now(), timedelta(seconds=settings.RETENTION_SECONDS))
