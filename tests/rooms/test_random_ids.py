import re

from rooms.random_ids import new_id


def test_new_ids_are_22_letters_and_digits_and_never_the_same() -> None:
    made = [new_id() for _ in range(1000)]

    assert {bool(re.fullmatch(r"[a-zA-Z0-9]{22}", an_id)) for an_id in made} == {True}
    assert len(set(made)) == 1000
