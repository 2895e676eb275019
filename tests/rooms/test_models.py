"""Database constraints, and the numbers of `uid` rooms."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Field, Model, UniqueConstraint

from rooms.models import Invite, Member, Room, Uid
from rooms.roles import Role
from tokensvc.web.refusals import Refusal

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def room(**fields: Any) -> Callable[[Room], Model]:
    return lambda _room: Room(**fields)


def member(**fields: Any) -> Callable[[Room], Model]:
    return lambda room: Member(room=room, **{"user_id": "dave", "role": "host", **fields})


def invite(**fields: Any) -> Callable[[Room], Model]:
    return lambda room: Invite(room=room, **{"code_hash": "new", **fields})


def uid(**fields: Any) -> Callable[[Room], Model]:
    fields = {"channel": "here", "user_id": "dave", "screen": False, "number": 8, **fields}
    return lambda room: Uid(room=room, **fields)


REFUSED: list[tuple[str, Callable[[Room], Model]]] = [
    ("rooms_room_external_id_unique", room(external_id="lesson-7")),
    ("rooms_room_external_id_not_empty", room(external_id="")),
    ("rooms_room_channel_unique", room(channel="here")),
    ("rooms_room_token_ttl_in_range", room(token_ttl=119)),
    ("rooms_room_token_ttl_in_range", room(token_ttl=86401)),
    ("rooms_room_default_role_known", room(default_role="host")),
    ("rooms_room_default_role_known", room(default_role="")),
    ("rooms_room_region_known", room(region="XX")),
    ("rooms_room_uid_type_known", room(uid_type="string")),
    ("rooms_room_encryption_known", room(encryption="rot13")),
    ("rooms_member_once_per_room", member(user_id="bob")),
    ("rooms_member_has_role_or_ban", member(role=None)),
    ("rooms_member_has_role_or_ban", member(role="banned")),
    ("rooms_member_until_only_with_ban", member(until=NOON)),
    ("rooms_invite_code_unique", invite(code_hash="known")),
    ("rooms_invite_role_known", invite(role="banned")),
    ("rooms_invite_uses_within_limit", invite(max_uses=1, uses=2)),
    ("rooms_uid_once_per_user", uid(user_id="bob")),
    ("rooms_uid_number_unique", uid(number=7)),
    ("rooms_uid_in_range", uid(number=0)),
    ("rooms_uid_in_range", uid(number=2**32)),
]

MODELS: tuple[type[Model], ...] = (Room, Member, Invite, Uid)
CONSTRAINTS = {
    constraint.name: (model, constraint) for model in MODELS for constraint in model._meta.constraints
}


@pytest.fixture
def taken(db: None) -> Room:
    """A room with one member, invite and uid."""
    taken = Room.objects.create(external_id="lesson-7", channel="here")
    Member.objects.appoint(taken, "bob", Role.PUBLISHER)
    Invite.objects.create(room=taken, code_hash="known")
    Uid.objects.create(room=taken, channel="here", user_id="bob", screen=False, number=7)
    return taken


def complaint(name: str) -> str:
    """The database's error; SQLite names a unique constraint by its columns."""
    model, constraint = CONSTRAINTS[name]
    if connection.vendor != "sqlite" or not isinstance(constraint, UniqueConstraint):
        return name
    table, columns = model._meta.db_table, [model._meta.get_field(field) for field in constraint.fields]
    return ", ".join(f"{table}.{field.column}" for field in columns if isinstance(field, Field))


def test_every_named_constraint_is_tested_below() -> None:
    assert {name for name, _ in REFUSED} == CONSTRAINTS.keys()


@pytest.mark.parametrize(("name", "build"), REFUSED)
def test_database_refuses(taken: Room, name: str, build: Callable[[Room], Model]) -> None:
    with pytest.raises(IntegrityError, match=re.escape(complaint(name))), transaction.atomic():
        build(taken).save()


def test_database_accepts_the_same_in_another_room_or_channel(taken: Room) -> None:
    other = Room.objects.create()
    Member.objects.appoint(other, "bob", Role.HOST)
    Uid.objects.create(room=other, channel=other.channel, user_id="bob", screen=False, number=7)
    Uid.objects.create(room=taken, channel="here", user_id="bob", screen=True, number=8)


def test_numbers_are_drawn_again_when_one_is_taken(taken: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([6, 8, 8, 9])  # one less each: 7 is bob's, and the second 9 the camera's
    monkeypatch.setattr(f"{Uid.__module__}.randbelow", lambda _limit: next(draws))
    numbers = Uid.objects.numbers(taken.id, "here", "carol", (False, True))
    assert numbers == {False: 9, True: 10}
    assert Uid.objects.numbers(taken.id, "here", "carol", (False, True)) == numbers


@pytest.mark.django_db(transaction=True)
def test_numbers_of_a_room_that_is_gone_are_refused(taken: Room) -> None:
    with pytest.raises(Refusal, match="There is no room with this id"):
        Uid.objects.numbers("nothing", "here", "carol", (False,))
