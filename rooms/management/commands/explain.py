from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from rooms.admission import AdmissionRequest, admit_person, load_facts
from rooms.api.serializers import BackendTokenSerializer
from rooms.callers import User
from rooms.roles import Role
from tokensvc.web.refusals import Refusal
from tokensvc.web.reports import ReportCommand, validated


class Command(ReportCommand):
    help = "Explain which role a user would get in a room, rule by rule."

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
        facts = load_facts(room, user, person.claimed_role(room))
        try:
            outcome = admit_person(room, person, AdmissionRequest(), now).role.value
        except Refusal as refusal:
            outcome = f"refused: {refusal.detail} ({refusal.code})"
        return {
            "room": room,
            "user": user,
            "1. the room is open": "no" if facts.policy.is_over(now) else "yes",
            "2. the user is banned": _ban(facts.membership.is_banned(now), facts.membership.until),
            "3. the member record says": facts.membership.role,
            "4. else the token, ticket or invite grants": facts.claimed_role,
            "5. else the room's default role is": facts.policy.default_role,
            "an assistant in a classroom": "yes" if facts.membership.assistant else "no",
            "outcome": outcome,
        }


def _ban(banned: bool, until: Any) -> str:
    if not banned:
        return "no"
    return "yes, for good" if until is None else f"yes, until {until.isoformat()}"
