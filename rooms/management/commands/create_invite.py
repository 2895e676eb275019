from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from rooms import invites
from rooms.api.serializers import InviteSerializer
from rooms.callers import Backend
from rooms.policy import load_policy
from rooms.roles import Role
from tokensvc.web.reports import ReportCommand, validated


class Command(ReportCommand):
    help = "Invite guests to a room. The code is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")
        parser.add_argument("--role", choices=Role.values, default=Role.SUBSCRIBER.value)
        parser.add_argument("--label", default="")
        parser.add_argument("--expires-in", type=int, help="seconds")
        parser.add_argument("--max-uses", type=int)

    def report(self, **options: Any) -> Mapping[str, Any]:
        now = timezone.now()
        fields = {name: options[name] for name in ("role", "label", "expires_in", "max_uses")}
        invite_fields = validated(InviteSerializer(data=fields))
        expires_in = invite_fields["expires_in"]
        new = invites.create(
            load_policy(options["room"]),
            Backend("manage.py"),
            now,
            role=Role(invite_fields["role"]),
            label=invite_fields["label"],
            expires_at=None if expires_in is None else now + timedelta(seconds=expires_in),
            max_uses=invite_fields["max_uses"],
        )
        invite = new.invite
        return {
            "id": invite.id,
            "code": new.code,
            "role": invite.role,
            "expires_at": invite.expires_at,
            "max_uses": invite.max_uses,
        }
