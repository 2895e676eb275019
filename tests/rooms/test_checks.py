"""System checks of the settings that Photon needs."""

import pytest
from django.core.checks import Warning as Caution
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from rooms.credentials import photon


@pytest.mark.usefixtures("dashboard")
def test_photon_with_all_its_settings_has_no_findings() -> None:
    assert photon.PROVIDER.check() == []


def test_unconfigured_photon_has_no_findings(settings: Settings) -> None:
    settings.PHOTON_APP_ID = settings.PHOTON_AUTH_KEY = settings.PHOTON_REGION = ""
    assert photon.PROVIDER.check() == []


@pytest.mark.usefixtures("dashboard")
def test_photon_without_a_key_is_a_warning(settings: Settings) -> None:
    settings.PHOTON_AUTH_KEY = ""
    (found,) = photon.PROVIDER.check()
    assert isinstance(found, Caution)
    assert (found.id, found.msg) == ("rooms.W001", "PHOTON_AUTH_KEY is not set: Photon lets nobody in.")
    assert "dashboard" in (found.hint or "")


@pytest.mark.usefixtures("dashboard")
def test_photon_without_a_region_is_a_warning(settings: Settings) -> None:
    settings.PHOTON_REGION = ""
    (found,) = photon.PROVIDER.check()
    assert isinstance(found, Caution)
    assert (found.id, found.msg) == ("rooms.W002", "PHOTON_REGION is not set.")
    assert "do not meet" in (found.hint or "")


@pytest.mark.usefixtures("dashboard")
@pytest.mark.parametrize(
    ("name", "identifier"), [("PHOTON_AUTH_KEY", "rooms.W001"), ("PHOTON_REGION", "rooms.W002")]
)
def test_warning_does_not_stop_the_start(
    settings: Settings, capsys: pytest.CaptureFixture[str], name: str, identifier: str
) -> None:
    setattr(settings, name, "")
    call_command("check")
    assert identifier in capsys.readouterr().err
    with pytest.raises(SystemCheckError, match=identifier):
        call_command("check", fail_level="WARNING")
