from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from rooms.management.report import ReportCommand
from rooms.models import Room


class Command(ReportCommand):
    help = "End a room: no more tokens. Ending it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")

    @transaction.atomic
    def report(self, **options: Any) -> Mapping[str, Any]:
        ending = Room.objects.select_for_update().locate(options["room"])
        ending.end(timezone.now())
        return {"id": ending.id, "ended_at": ending.ended_at, "version": ending.version}
