"""The permission rule, every case."""

import pytest

from moderation.rule import Override, may_publish
from rooms.roles import Role

# Whether the room forbids it to everybody: no, yes.
TABLE = {
    (Role.HOST, Override.INHERIT): (True, True),
    (Role.HOST, Override.ALLOW): (True, True),
    (Role.HOST, Override.DENY): (False, False),
    (Role.PUBLISHER, Override.INHERIT): (True, False),
    (Role.PUBLISHER, Override.ALLOW): (True, True),
    (Role.PUBLISHER, Override.DENY): (False, False),
    (Role.SUBSCRIBER, Override.INHERIT): (False, False),
    (Role.SUBSCRIBER, Override.ALLOW): (False, False),
    (Role.SUBSCRIBER, Override.DENY): (False, False),
}


def test_table_has_every_case() -> None:
    assert set(TABLE) == {(role, override) for role in Role for override in Override}


@pytest.mark.parametrize(("role", "override"), TABLE)
def test_publishing_is_allowed_as_the_table_says(role: Role, override: Override) -> None:
    answers = tuple(may_publish(role, override, forbidden=forbidden) for forbidden in (False, True))
    assert answers == TABLE[role, override]
