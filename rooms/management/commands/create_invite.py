from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from rooms import invites
from rooms.callers import Backend
from rooms.management.report import ReportCommand
from rooms.models import Room
from rooms.roles import Role


class Command(ReportCommand):
    help = "Invite guests to a room. The code is shown only now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")
        parser.add_argument("--role", choices=Role.values, default=Role.SUBSCRIBER.value)
        parser.add_argument("--label", default="")
        parser.add_argument("--expires-in", type=int, help="seconds")
        parser.add_argument("--max-uses", type=int)

    def report(self, **options: Any) -> Mapping[str, Any]:
        now, expires_in, max_uses = timezone.now(), options["expires_in"], options["max_uses"]
        if min(expires_in or 1, max_uses or 1) < 1 or 0 in {expires_in, max_uses}:
            raise CommandError("--expires-in and --max-uses must be at least 1.")
        new = invites.create(
            Room.objects.locate(options["room"]),
            Backend("manage.py"),
            now,
            role=Role(options["role"]),
            label=options["label"],
            expires_at=now + timedelta(seconds=expires_in) if expires_in else None,
            max_uses=max_uses,
        )
        invite = new.invite
        return {
            "id": invite.id,
            "code": new.code,
            "role": invite.role,
            "expires_at": invite.expires_at,
            "max_uses": invite.max_uses,
        }
