from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from rooms.models import Room
from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = "Move a room to a new channel: earlier tokens are valid for the old one only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")

    @transaction.atomic
    def report(self, **options: Any) -> Mapping[str, Any]:
        room = Room.objects.select_for_update().get_or_refuse(options["room"])
        room.rotate_channel()
        return {"id": room.id, "channel": room.channel, "version": room.version}
