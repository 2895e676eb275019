from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from rooms.admission import Wish, admit_person, consider
from rooms.api.serializers import BackendTokenSerializer
from rooms.callers import User
from rooms.errors import Refusal
from rooms.management.report import ReportCommand, validated
from rooms.roles import Role


class Command(ReportCommand):
    help = "Say why a user would get which role in a room, rule by rule."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("room", help="the room's id")
        parser.add_argument("user", help="the app's own id for the person")
        parser.add_argument(
            "--grant", choices=Role.values, help="as if the user's token had this role in its rooms claim"
        )

    def report(self, **options: Any) -> Mapping[str, Any]:
        room, grant, now = options["room"], options["grant"], timezone.now()
        user = validated(BackendTokenSerializer(data={"user_id": options["user"]}))["user_id"]
        person = User(user, grants={room: Role(grant)} if grant else {})
        case = consider(room, user, person.offered_role(room))
        try:
            outcome = admit_person(room, person, Wish(), now).role.value
        except Refusal as refusal:
            outcome = f"refused: {refusal.detail} ({refusal.code})"
        return {
            "room": room,
            "user": user,
            "1. the room is open": "no" if case.policy.is_over(now) else "yes",
            "2. the user is banned": _ban(case.standing.is_banned(now), case.standing.until),
            "3. the member record says": case.standing.role,
            "4. else the token, ticket or invite grants": case.brought,
            "5. else the room's default role is": case.policy.default_role,
            "an assistant in a classroom": "yes" if case.standing.assistant else "no",
            "outcome": outcome,
        }


def _ban(banned: bool, until: Any) -> str:
    if not banned:
        return "no"
    return "yes, for good" if until is None else f"yes, until {until.isoformat()}"
