"""Policies of rooms: never older than the requested version, and a bounded cache."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rooms.models import Encryption, Room, UidType
from rooms.policy import Policy, policy_at
from tokensvc.web.refusals import Refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_policy_has_the_facts_for_issuing(room: Room) -> None:
    room.change({"region": "EU", "token_ttl": 600, "ends_at": NOON, "encryption": "aes-256-gcm2"})
    assert policy_at(room.id, room.version) == Policy(
        room_id=room.id,
        name="Algebra 1",
        region="EU",
        cross_region=False,
        channel=room.channel,
        channel_secret=bytes(room.channel_secret),
        default_role=None,
        token_ttl=600,
        audio_limit=12,
        video_limit=10,
        uid_type=UidType.ACCOUNT,
        encryption=Encryption.AES_256_GCM2,
        ends_at=NOON,
        ended_at=None,
    )


def test_policy_cannot_be_changed_and_does_not_show_its_secret(room: Room) -> None:
    policy = policy_at(room.id, room.version)
    with pytest.raises(FrozenInstanceError):
        policy.name = "other"  # type: ignore[misc]  # that is the point
    assert "secret" not in repr(policy)
    assert repr(bytes(room.channel_secret)) not in repr(policy)


def test_policy_is_read_once_a_version(room: Room) -> None:
    with CaptureQueriesContext(connection) as captured:
        policies = [policy_at(room.id, 1) for _ in range(3)]
    assert len(captured) == 1
    assert len({id(policy) for policy in policies}) == 1


def test_policy_of_the_next_version_is_read_anew(room: Room) -> None:
    before = policy_at(room.id, 1)
    room.change({"name": "Geometry"})
    assert policy_at(room.id, 2).name == "Geometry"
    assert policy_at(room.id, 1) is before


def test_policy_of_a_changed_room_is_the_later_one(room: Room) -> None:
    room.change({"name": "Geometry"})
    assert policy_at(room.id, 1).name == "Geometry"


def test_policy_of_an_unknown_room_is_refused_and_not_cached(db: None) -> None:
    for _ in range(2):
        with pytest.raises(Refusal, match="There is no room with this id"):
            policy_at("later", 1)
    Room.objects.create(id="later", name="Here now")
    assert policy_at("later", 1).name == "Here now"


def test_policies_are_bounded() -> None:
    assert 0 < (policy_at.cache_info().maxsize or 0) <= 100_000


@pytest.mark.parametrize(
    ("fields", "over"),
    [
        ({}, False),
        ({"ends_at": NOON + timedelta(seconds=1)}, False),
        ({"ends_at": NOON}, True),
        ({"ended_at": NOON + timedelta(days=1)}, True),
    ],
)
def test_policy_is_over_when_the_room_is(fields: dict[str, Any], over: bool) -> None:
    assert Policy.of(Room(**fields)).is_over(NOON) == over
