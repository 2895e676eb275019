import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from rooms.inspection import inspect
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = "Decode and verify an Agora token (006, 007) or a ticket, and describe its problems."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("token", help="the token, or - to read it from standard input")
        parser.add_argument("--channel", help="the channel it should be for")
        parser.add_argument("--uid", help="the uid, account or user id it should be for")

    def report(self, **options: Any) -> Mapping[str, Any]:
        now = int(timezone.now().timestamp())
        argument: str = options["token"]
        token = sys.stdin.read().strip() if argument == "-" else argument
        report = inspect(token, now=now, channel=options["channel"], uid=options["uid"])
        if report is None:
            raise CommandError("This is neither an Agora token (006, 007) nor a ticket.")
        return report
