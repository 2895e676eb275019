from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from rooms.api.serializers import RoomSerializer
from rooms.models import Encryption, Room, UidType
from rooms.regions import Region
from rooms.roles import Role
from tokensvc.web.reports import ReportCommand, validated


class Command(ReportCommand):
    help = "Create a room, or show the existing one with this --external-id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--name")
        parser.add_argument("--external-id", help="the app's own id for the room")
        parser.add_argument("--region", choices=Region.values)
        parser.add_argument(
            "--cross-region", action="store_true", default=None, help="accept clients of other regions"
        )
        parser.add_argument(
            "--default-role",
            choices=[Role.PUBLISHER.value, Role.SUBSCRIBER.value, "none"],
            help="role of users without one of their own; none admits only members",
        )
        parser.add_argument("--token-ttl", type=int, help="seconds")
        parser.add_argument("--audio-limit", type=int)
        parser.add_argument("--video-limit", type=int)
        parser.add_argument("--uid-type", choices=UidType.values)
        parser.add_argument("--encryption", choices=Encryption.values)

    def report(self, **options: Any) -> Mapping[str, Any]:
        fields = {name: options[name] for name in _FIELDS if options[name] is not None}
        if fields.get("default_role") == "none":
            fields["default_role"] = None
        room, created = Room.objects.get_or_create_by_external_id(**validated(RoomSerializer(data=fields)))
        return {
            "id": room.id,
            "created": created,
            **{name: getattr(room, name) for name in _FIELDS},
            "channel": room.channel,
        }


_FIELDS = (
    "name",
    "external_id",
    "region",
    "cross_region",
    "default_role",
    "token_ttl",
    "audio_limit",
    "video_limit",
    "uid_type",
    "encryption",
)
