"""System checks: settings that Agora would refuse stop the start, each with a stable id."""

from collections.abc import Callable

import pytest
from django.core.checks import CheckMessage, Error
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from rooms import checks

Check = Callable[[], list[CheckMessage]]


@pytest.mark.parametrize(
    ("name", "value", "check", "identifier", "message"),
    [
        ("AGORA_APP_ID", "x", checks.check_app_id, "rooms.E001", "must be 32 hexadecimal digits."),
        ("AGORA_APP_ID", "", checks.check_app_id, "rooms.E001", "must be 32 hexadecimal digits."),
        (
            "AGORA_APP_CERTIFICATE",
            "g" * 32,
            checks.check_certificate,
            "rooms.E002",
            "must be 32 hexadecimal digits.",
        ),
        (
            "AGORA_APP_CERTIFICATE_RETIRING",
            ["a" * 32, "a" * 31],
            checks.check_retiring_certificates,
            "rooms.E003",
            "must be 32 hexadecimal digits.",
        ),
        ("AGORA_TOKEN_VERSION", "008", checks.check_token_version, "rooms.E004", "must be 007 or 006."),
    ],
)
def test_unusable_agora_setting_is_an_error(
    settings: Settings, *, name: str, value: object, check: Check, identifier: str, message: str
) -> None:
    assert check() == []
    setattr(settings, name, value)
    (found,) = check()
    assert isinstance(found, Error)
    assert (found.id, found.msg) == (identifier, f"{name} {message}")
    assert "co-host token authentication" in (found.hint or "") or identifier == "rooms.E004"
    with pytest.raises(SystemCheckError, match=identifier):
        call_command("check")
