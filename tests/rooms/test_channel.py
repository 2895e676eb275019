from rooms.channel import alias, screen_alias


def test_alias_is_twenty_base32_characters_that_stay_the_same() -> None:
    assert alias(b"s" * 32, "u-42") == alias(b"s" * 32, "u-42")
    assert len(alias(b"s" * 32, "u-42")) == 20
    assert screen_alias(b"s" * 32, "u-42") != alias(b"s" * 32, "u-42")
