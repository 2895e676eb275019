import pytest

from rooms.agora import App
from tests.rooms.agora.refusals import unusable
from tests.rooms.agora.samples import APP_ID, CERTIFICATE, OLD_CERTIFICATE

NOT_32_HEX_DIGITS = [
    "",
    "0" * 31,
    "0" * 33,
    "g" * 32,
    "0" * 31 + "\n",
    "0" * 32 + "\n",
    " " + "0" * 32,
    "\uff10" * 32,
    "970ca35d-e60c-4464-5bba-e8a215061b33",
]


@pytest.mark.parametrize("app_id", [APP_ID, APP_ID.upper(), "0" * 32])
def test_app_takes_32_hexadecimal_digits_of_either_case(app_id: str) -> None:
    assert App(app_id, (app_id,)) == App(app_id, (app_id,), "007")


@pytest.mark.parametrize("app_id", NOT_32_HEX_DIGITS, ids=ascii)
def test_app_with_an_unusable_id_is_refused(app_id: str) -> None:
    assert unusable(App, app_id, (CERTIFICATE,)) == ("app_id", "app_id must be 32 hexadecimal digits")


@pytest.mark.parametrize("certificate", NOT_32_HEX_DIGITS, ids=ascii)
def test_app_with_an_unusable_certificate_is_refused_wherever_it_stands(certificate: str) -> None:
    refused = ("certificate", "certificate must be 32 hexadecimal digits")

    assert unusable(App, APP_ID, (certificate,)) == refused
    assert unusable(App, APP_ID, (CERTIFICATE, certificate)) == refused
    assert unusable(App, APP_ID, (CERTIFICATE, OLD_CERTIFICATE, certificate)) == refused


def test_app_without_a_certificate_is_refused() -> None:
    assert unusable(App, APP_ID, ()) == ("certificate", "certificate is missing")


@pytest.mark.parametrize("version", ["", "7", "005", "008", "007 "])
def test_app_with_an_unknown_token_version_is_refused(version: str) -> None:
    assert unusable(App, APP_ID, (CERTIFICATE,), version) == (
        "token_version",
        "token_version must be 007 or 006",
    )


def test_app_does_not_show_its_certificates() -> None:
    assert repr(App(APP_ID, (CERTIFICATE,))) == f"App(id='{APP_ID}', token_version='007')"
