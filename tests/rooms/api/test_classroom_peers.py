"""`rooms/{id}/tokens/`: third-party decoders read a classroom's token like one of their own builders."""

from collections.abc import Callable
from hashlib import md5
from itertools import product
from typing import Any

import pytest
from pytest_django import Settings

from rooms.models import Member, Room
from rooms.roles import Role
from tests.api import Api
from tests.rooms.agora.decoders import EducationTokenBuilder
from tests.rooms.agora.test_peers import as_json, needs_node, told_by_agoraiotools, told_by_node
from tests.rooms.api.credentials import seconds

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Answer = dict[str, Any]

EVERY_ROLE = pytest.mark.parametrize(
    ("user_id", "uid_type"), list(product(["alice", "bob", "carol", "erin"], ["account", "uid"]))
)


@pytest.fixture
def school(settings: Settings, room: Room) -> Room:
    settings.AGORA_CLASSROOM = True
    Member.objects.appoint(room, "erin", Role.PUBLISHER, assistant=True)
    Room.objects.update_with_version(token_ttl=3600)
    return room


def opened(answer: Answer) -> list[dict[str, Any]]:
    """The services, in the peers' field names."""
    alias, role = answer["user"]["alias"], answer["classroom"]["role_type"]
    chat_user = md5(alias.encode(), usedforsecurity=False).hexdigest()
    return [
        {"type": 2, "privileges": {1: 3600}, "user_id": alias},
        {"type": 5, "privileges": {1: 3600}, "user_id": chat_user},
        {
            "type": 7,
            "privileges": {1: 3600},
            "room_uuid": answer["agora"]["channel"],
            "user_uuid": alias,
            "role": role,
        },
    ]


@EVERY_ROLE
def test_agoraiotools_reads_what_it_would_have_built(
    settings: Settings, as_user: AsUser, school: Room, user_id: str, uid_type: str
) -> None:
    Room.objects.update_with_version(uid_type=uid_type)
    answer = as_user(user_id).post(f"rooms/{school.id}/tokens/").json()
    given = answer["classroom"]
    ours = told_by_agoraiotools(given["token"])
    theirs = told_by_agoraiotools(
        EducationTokenBuilder.build_room_user_token(
            settings.AGORA_APP_ID,
            settings.AGORA_APP_CERTIFICATE,
            given["room_uuid"],
            given["user_uuid"],
            given["role_type"],
            answer["expires_in"],
        )
    )
    assert ours["services"] == opened(answer) == theirs["services"]
    assert (ours["app_id"], ours["expires_in"]) == (theirs["app_id"], theirs["expires_in"])
    assert ours["issued_at"] == seconds(answer["issued_at"])


@needs_node
@EVERY_ROLE
def test_agora_token_reads_what_it_would_have_built(
    settings: Settings, as_user: AsUser, school: Room, user_id: str, uid_type: str
) -> None:
    Room.objects.update_with_version(uid_type=uid_type)
    answer = as_user(user_id).post(f"rooms/{school.id}/tokens/").json()
    given, certificate = answer["classroom"], settings.AGORA_APP_CERTIFICATE
    order = {
        "app_id": settings.AGORA_APP_ID,
        "room": given["room_uuid"],
        "user": given["user_uuid"],
        "role": given["role_type"],
        "expires_in": answer["expires_in"],
    }
    (built,) = told_by_node(order, certificate=certificate, script="education.js")
    ours, theirs = told_by_node(given["token"], built, certificate=certificate)
    assert ours["services"] == as_json(opened(answer))
    # Unlike the builder for Python, this one forgets the privilege of the room's user, and takes role 0 for
    # none given, which is -1.
    known_faults: Answer = {"privileges": {}, "role": given["role_type"] or 2**16 - 1}
    assert theirs["services"].pop() == {**ours["services"].pop(), **known_faults}
    assert theirs["services"] == ours["services"]
    for one in (ours, theirs):
        assert (one["app_id"], one["expires_in"], one["signed"]) == (settings.AGORA_APP_ID, 3600, True)
