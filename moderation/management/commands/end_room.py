from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from moderation import actions
from moderation.act_context import ActContext
from rooms.callers import Backend
from rooms.models import Room
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = "End a room: no more tokens, and all live sockets close. Ending it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")

    def report(self, **options: Any) -> Mapping[str, Any]:
        actions.end(ActContext(options["room"], Backend("manage.py"), timezone.now()))
        ended = Room.objects.get_or_refuse(options["room"])
        return {"id": ended.id, "ended_at": ended.ended_at, "version": ended.version}
