from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from moderation import actions
from moderation.ledger import Mandate
from rooms.callers import Backend
from rooms.management.report import ReportCommand
from rooms.models import Room


class Command(ReportCommand):
    help = "End a room: no more tokens, and all live sockets close. Ending it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")

    def report(self, **options: Any) -> Mapping[str, Any]:
        actions.end(Mandate(options["room"], Backend("manage.py"), timezone.now()))
        ended = Room.objects.locate(options["room"])
        return {"id": ended.id, "ended_at": ended.ended_at, "version": ended.version}
