import pytest

from rooms.agora import App, Rtc, Rtm, UnusableValue, access_token, access_token2, sign
from tests.rooms.agora.samples import APP, APP_006, APP_ID, CERTIFICATE, MOMENT, OLD_CERTIFICATE, RTC, RTM


def test_007_is_one_token_for_all_services() -> None:
    token = access_token2.sign(APP, [RTC, RTM], **MOMENT)

    assert sign(APP, RTC, RTM, **MOMENT) == (token, token)
    assert sign(APP, RTM, RTC, **MOMENT) == (token, token)
    assert sign(APP, RTC, **MOMENT) == (access_token2.sign(APP, [RTC], **MOMENT),)


def test_006_is_one_token_for_each_service_in_their_order() -> None:
    rtc, rtm = access_token.sign(APP_006, RTC, **MOMENT), access_token.sign(APP_006, RTM, **MOMENT)

    assert rtc != rtm
    assert sign(APP_006, RTC, RTM, **MOMENT) == (rtc, rtm)
    assert sign(APP_006, RTM, RTC, **MOMENT) == (rtm, rtc)
    assert sign(APP_006, RTC, **MOMENT) == (rtc,)


def test_newest_certificate_signs_either_version() -> None:
    for version in ("007", "006"):
        rotated = App(APP_ID, (CERTIFICATE, OLD_CERTIFICATE), version)
        alone = App(APP_ID, (CERTIFICATE,), version)
        before = App(APP_ID, (OLD_CERTIFICATE,), version)

        assert sign(rotated, RTC, RTM, **MOMENT) == sign(alone, RTC, RTM, **MOMENT)
        assert sign(rotated, RTC, RTM, **MOMENT) != sign(before, RTC, RTM, **MOMENT)


@pytest.mark.parametrize("app", [APP, APP_006], ids=["007", "006"])
@pytest.mark.parametrize(
    ("services", "refused"),
    [
        ((Rtc.publisher("*", "k3f"), RTM), "channel must not contain *: it is a wildcard"),
        ((RTC, Rtm("*")), "rtm_user_id must not contain *: it is a wildcard"),
        ((Rtc("algebra-1", "k3f", ()), RTM), "privileges must be some of (1, 2, 3, 4), in this order"),
    ],
    ids=["channel", "rtm", "privileges"],
)
def test_unusable_service_is_refused_in_either_version(
    app: App, services: tuple[Rtc | Rtm, ...], refused: str
) -> None:
    with pytest.raises(UnusableValue) as error:
        sign(app, *services, **MOMENT)

    assert str(error.value) == refused


@pytest.mark.parametrize("app", [APP, APP_006], ids=["007", "006"])
def test_no_services_are_refused_in_either_version(app: App) -> None:
    with pytest.raises(UnusableValue, match=r"^services must not be empty$"):
        sign(app, **MOMENT)
