from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from rooms.admission import AdmissionRequest, admit_for_backend
from rooms.api.serializers import BackendTokenSerializer
from rooms.credentials import issue
from rooms.roles import Role
from tokensvc.web.reports import ReportCommand, validated


class Command(ReportCommand):
    help = "Issue a user's credentials for a room, as the API does for the app's backend."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")
        parser.add_argument("user", help="the app's own id for the person")
        parser.add_argument("--role", choices=Role.values, help="default: the role that the room grants")
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--screen", action="store_true", help="also a second identity, for screen sharing"
        )

    def report(self, **options: Any) -> Mapping[str, Any]:
        fields = {name: options[name] for name in ("name", "screen")} | {"user_id": options["user"]}
        request_fields = validated(BackendTokenSerializer(data=fields))
        role = Role(options["role"]) if options["role"] else None
        admission_request = AdmissionRequest(
            role=role, name=request_fields["name"], screen=request_fields["screen"]
        )
        now = timezone.now()
        return issue(
            admit_for_backend(options["room"], request_fields["user_id"], admission_request, now),
            now=now,
            live_url=settings.LIVE_URL,
        )
