"""Which rules a kick or a ban requests, by every path."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rooms.models import KickingRule, Member, Room, Uid
from rooms.roles import Role
from tests.api import Api
from tests.moderation.queries import asked
from tests.rooms.kicking.agora_rest import AgoraRest
from tests.rooms.kicking.rules import by_number, numbers, rules

pytestmark = pytest.mark.django_db

NEW_YEAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def numbered(room: Room, agora: AgoraRest) -> Room:
    """A `uid` room in which alice and bob have numbers, bob a second one for his screen."""
    by_number(room, "alice")
    return by_number(room, "bob", screens=True)


def kick(room: Room, user_id: str = "bob") -> str | None:
    return KickingRule.objects.kick(room.id, room.channel, user_id)


def enforcement_id_of_ban(room: Room, user_id: str = "bob") -> str | None:
    return KickingRule.objects.enforcement_id_of_ban(room.id, user_id)


def test_kick_requests_a_rule_for_each_number_of_the_user(numbered: Room, agora: AgoraRest) -> None:
    before = timezone.now()
    enforcement_id = kick(numbered)
    assert rules("enforcement_id", "user_id", "channel", "uid", "once", "until", "progress") == [
        (enforcement_id, "bob", numbered.channel, uid, True, None, "requested")
        for uid in numbers(numbered, "bob")
    ]
    assert len(numbers(numbered, "bob")) == 2
    assert all(before <= due_at <= timezone.now() for due_at in rules("due_at"))
    assert agora.calls == []


def test_second_kick_has_another_enforcement_id(numbered: Room) -> None:
    assert kick(numbered) != kick(numbered)
    assert KickingRule.objects.count() == 4


@pytest.mark.parametrize("user_id", ["carol", "nobody"])
def test_kick_of_a_user_without_a_number_requests_nothing(numbered: Room, user_id: str) -> None:
    assert (kick(numbered, user_id), rules("pk")) == (None, [])


def test_kick_after_a_rotation_requests_nothing(numbered: Room) -> None:
    numbered.rotate_channel()
    assert (kick(numbered), rules("pk")) == (None, [])


def test_account_room_requests_nothing(room: Room, agora: AgoraRest, backend: Api) -> None:
    backend.post(f"rooms/{room.id}/tokens/", {"user_id": "bob"})
    Member.objects.ban(room, "bob", None)
    assert (kick(room), enforcement_id_of_ban(room), rules("pk")) == (None, None, [])


def test_nothing_is_requested_without_the_account(room: Room) -> None:
    by_number(room, "bob")
    assert asked(kick, room) == asked(enforcement_id_of_ban, room) == []
    statements = asked(Member.objects.ban, room, "bob", None)
    statements += asked(Member.objects.appoint, room, "bob", Role.HOST)
    statements += asked(Member.objects.remove, room, "bob")
    assert [sql for sql in statements if "kickingrule" in sql or "rooms_uid" in sql] == []
    assert rules("pk") == []


@pytest.mark.parametrize("until", [None, NEW_YEAR])
def test_ban_requests_a_rule_for_each_number_until_its_end(numbered: Room, until: datetime | None) -> None:
    Member.objects.ban(numbered, "bob", until)
    enforcement_id = enforcement_id_of_ban(numbered)
    assert enforcement_id is not None
    assert rules("enforcement_id", "user_id", "channel", "uid", "once", "until", "progress") == [
        (enforcement_id, "bob", numbered.channel, uid, False, until, "requested")
        for uid in numbers(numbered, "bob")
    ]


def test_same_ban_again_requests_nothing_more(numbered: Room) -> None:
    for until in (None, NEW_YEAR):
        Member.objects.ban(numbered, "bob", until)
        before = rules("pk")
        Member.objects.ban(numbered, "bob", until)
        Member.objects.write(numbered, "bob", role=Role.PUBLISHER)
        assert rules("pk") == before


@pytest.mark.parametrize("until", [None, NEW_YEAR])
def test_keep_out_returns_the_enforcement_id_of_its_rules(numbered: Room, until: datetime | None) -> None:
    now = timezone.now()
    enforcement_id = KickingRule.objects.keep_out(numbered.id, "bob", until, now)
    assert rules("enforcement_id") == [enforcement_id] * 2
    assert KickingRule.objects.keep_out(numbered.id, "bob", until, now) == enforcement_id
    KickingRule.objects.update(progress="provider", rule_id=5, due_at=None)
    assert KickingRule.objects.keep_out(numbered.id, "bob", until, now) == enforcement_id
    other = KickingRule.objects.keep_out(numbered.id, "bob", now + timedelta(days=1), now)
    assert other not in {enforcement_id, None}
    assert rules("enforcement_id") == [enforcement_id] * 2 + [other] * 2


def test_keep_out_returns_nothing_when_there_are_no_rules(numbered: Room) -> None:
    assert KickingRule.objects.keep_out(numbered.id, "carol", None, timezone.now()) is None
    numbered.rotate_channel()
    assert KickingRule.objects.keep_out(numbered.id, "bob", None, timezone.now()) is None


def test_ban_of_a_user_without_a_number_requests_nothing(numbered: Room) -> None:
    Member.objects.ban(numbered, "carol", None)
    assert (rules("pk"), enforcement_id_of_ban(numbered, "carol")) == ([], None)


def test_ban_that_is_over_requests_nothing(numbered: Room) -> None:
    Member.objects.ban(numbered, "bob", timezone.now() - timedelta(seconds=1))
    assert (rules("pk"), enforcement_id_of_ban(numbered)) == ([], None)


def test_ban_is_rolled_back_with_its_transaction(numbered: Room) -> None:
    with transaction.atomic():
        Member.objects.ban(numbered, "bob", None)
        transaction.set_rollback(True)
    assert rules("pk") == []


def by_appointment(room: Room) -> None:
    Member.objects.appoint(room, "bob", Role.PUBLISHER)


def by_an_end_in_the_past(room: Room) -> None:
    Member.objects.ban(room, "bob", timezone.now())


def by_writing(room: Room) -> None:
    Member.objects.write(room, "bob", banned=False, until=None)


def by_removing(room: Room) -> None:
    Member.objects.remove(room, "bob")


def by_removing_many(room: Room) -> None:
    room.members.exclude(user_id="alice").remove_all()


LIFTINGS = [by_appointment, by_an_end_in_the_past, by_writing, by_removing, by_removing_many]


@pytest.mark.parametrize("lift", LIFTINGS)
def test_lifted_ban_deletes_rules_that_agora_does_not_have(
    numbered: Room, lift: Callable[[Room], None]
) -> None:
    Member.objects.ban(numbered, "bob", None)
    Member.objects.ban(numbered, "alice", None)
    lift(numbered)
    assert (rules("user_id"), enforcement_id_of_ban(numbered)) == (["alice"], None)


@pytest.mark.parametrize("lift", LIFTINGS)
def test_lifted_ban_requests_the_removal_of_rules_that_agora_has(
    numbered: Room, lift: Callable[[Room], None]
) -> None:
    Member.objects.ban(numbered, "bob", None)
    Member.objects.ban(numbered, "alice", None)
    KickingRule.objects.update(progress="provider", rule_id=5, due_at=None)
    lift(numbered)
    assert rules("user_id", "progress", "rule_id") == [
        ("bob", "lifting", 5),
        ("bob", "lifting", 5),
        ("alice", "provider", 5),
    ]
    assert enforcement_id_of_ban(numbered) is None
    assert all(due_at <= timezone.now() for due_at in rules("due_at") if due_at)


def test_lifting_does_not_change_kicks(numbered: Room) -> None:
    kick(numbered)
    Member.objects.ban(numbered, "bob", None)
    by_appointment(numbered)
    assert rules("once", "progress") == [(True, "requested")] * 2


@pytest.mark.parametrize(("before", "after"), [(None, NEW_YEAR), (NEW_YEAR, None)])
def test_another_end_has_another_enforcement_id(numbered: Room, before: Any, after: Any) -> None:
    Member.objects.ban(numbered, "bob", before)
    first = enforcement_id_of_ban(numbered)
    KickingRule.objects.update(progress="provider", rule_id=5, due_at=None)
    Member.objects.ban(numbered, "bob", after)
    assert rules("until", "progress") == [(before, "lifting")] * 2 + [(after, "requested")] * 2
    assert enforcement_id_of_ban(numbered) not in {first, None}


def test_rule_is_lifted_after_the_call_under_way(numbered: Room) -> None:
    Member.objects.ban(numbered, "bob", None)
    now = timezone.now()
    claimed = KickingRule.objects.claim_next(now)
    assert claimed is not None
    by_appointment(numbered)
    assert rules("pk", "progress", "due_at") == [(claimed.pk, "lifting", claimed.due_at)]
    claimed.record_placed(7, now)
    assert rules("progress", "rule_id", "due_at") == [("lifting", 7, now)]


def test_ban_in_a_new_channel_without_numbers_requests_nothing(numbered: Room) -> None:
    numbered.rotate_channel()
    Member.objects.ban(numbered, "bob", None)
    assert rules("pk") == []
    assert not Uid.objects.filter(room=numbered).exists()


def test_ban_requests_a_rule_for_the_screen_of_a_token_issued_by_the_api(
    room: Room, agora: AgoraRest, backend: Api
) -> None:
    by_number(room)
    answer = backend.post(f"rooms/{room.id}/tokens/", {"user_id": "bob", "screen": True}).json()["agora"]
    backend("PUT", f"rooms/{room.id}/members/bob/", {"role": "banned", "until": "2100-01-01T00:00:00Z"})
    assert rules("uid", "until") == [(answer["uid"], NEW_YEAR), (answer["screen"]["uid"], NEW_YEAR)]
    backend("DELETE", f"rooms/{room.id}/members/bob/")
    assert rules("pk") == []


@pytest.mark.parametrize(
    "wrong",
    [{"uid": 0}, {"uid": 2**32}, {"channel": ""}, {"progress": "x"}, {"until": NEW_YEAR, "once": True}],
)
def test_invalid_rule_is_refused_by_the_database(room: Room, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        KickingRule.objects.create(**{"room": room, "user_id": "bob", "channel": "c", "uid": 1, **wrong})


def test_rules_are_deleted_with_their_room(numbered: Room) -> None:
    kick(numbered)
    numbered.delete()
    assert rules("pk") == []
