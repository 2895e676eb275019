"""System checks: invalid provider settings stop the start, each with a stable id."""

import pytest
from django.core.checks import Error
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from rooms.credentials import agora

NO_HEX = "must be 32 hexadecimal digits."


@pytest.mark.parametrize(
    ("name", "value", "identifier", "message"),
    [
        ("AGORA_APP_ID", "x", "rooms.E001", NO_HEX),
        ("AGORA_APP_ID", "", "rooms.E001", NO_HEX),
        ("AGORA_APP_CERTIFICATE", "g" * 32, "rooms.E002", NO_HEX),
        ("AGORA_APP_CERTIFICATE", "", "rooms.E002", NO_HEX),
        ("AGORA_APP_CERTIFICATE_RETIRING", ["a" * 32, "a" * 31], "rooms.E003", NO_HEX),
        ("AGORA_TOKEN_VERSION", "008", "rooms.E004", "must be 007 or 006."),
    ],
)
def test_unusable_agora_setting_is_an_error(
    settings: Settings, *, name: str, value: object, identifier: str, message: str
) -> None:
    check = agora.PROVIDER.check
    assert check() == []
    setattr(settings, name, value)
    (found,) = check()
    assert isinstance(found, Error)
    assert (found.id, found.msg) == (identifier, f"{name} {message}")
    assert "co-host token authentication" in (found.hint or "") or identifier == "rooms.E004"
    with pytest.raises(SystemCheckError, match=identifier):
        call_command("check")
