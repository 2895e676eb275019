from itertools import product
from string import ascii_uppercase

import pytest

from rooms.agora.areas import AREAS, Area
from rooms.regions import Region, region_of

CODES = ["".join(letters) for letters in product(ascii_uppercase, repeat=2)]


@pytest.mark.parametrize(
    ("region", "countries"),
    [
        ("CN", "CN"),
        ("AP", "AU HK ID IN JP KR MO NZ PK SG TW VN"),
        ("EU", "CH DE ES FR GB IE NO PL PT SE TR UA"),
        ("NA", "CA CR CU GL MX PA PR US"),
    ],
)
def test_country_is_in_its_region(region: str, countries: str) -> None:
    assert {country: region_of(country) for country in countries.split()} == dict.fromkeys(
        countries.split(), region
    )


@pytest.mark.parametrize("country", ["", "BR", "AR", "NG", "ZA", "EG", "SA", "AE", "IL", "AQ"])
def test_country_that_no_region_covers_is_in_none(country: str) -> None:
    assert region_of(country) == ""


@pytest.mark.parametrize(
    "country", ["XX", "ZZ", "T1", "EU", "AP", "UK", "D", "DEU", "DE ", "Germany", "é", "\0"]
)
def test_unknown_country_is_in_no_region(country: str) -> None:
    assert region_of(country) == ""


def test_country_may_be_written_in_lower_case() -> None:
    assert [region_of(code.lower()) for code in CODES] == [region_of(code) for code in CODES]


def test_every_country_is_in_at_most_one_region() -> None:
    found = [region_of(code) for code in CODES]

    assert {region: found.count(region) for region in Region} == {"CN": 1, "AP": 62, "EU": 54, "NA": 41}
    assert set(found) == {*Region, ""}


def test_each_region_has_an_area_of_agoras_sdks() -> None:
    assert dict(AREAS) == {
        "CN": Area("CHINA", 0x1),
        "AP": Area("ASIA", 0x8),
        "EU": Area("EUROPE", 0x4),
        "NA": Area("NORTH_AMERICA", 0x2),
        "": Area("GLOBAL", 0xFFFFFFFF),
    }
    assert set(AREAS) == {*Region, ""}
