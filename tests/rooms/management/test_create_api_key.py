import pytest
from rest_framework_api_key.models import APIKey

from tests.api import Api
from tests.rooms.management.commands import failure_of, output_of, report_of, table

pytestmark = pytest.mark.django_db

TOO_LONG_OR_SHORT = "NAME must have 1 to 50 characters."


def test_key_is_reported_and_stored_under_its_name() -> None:
    report = report_of("create_api_key", "shop")
    stored = APIKey.objects.get()
    assert report == {"name": "shop", "prefix": stored.prefix, "key": report["key"]}
    assert report["key"].startswith(f"{stored.prefix}.")
    assert (stored.name, stored.revoked, stored.expiry_date) == ("shop", False, None)


def test_key_is_shown_in_a_table() -> None:
    text = output_of("create_api_key", "shop")
    key = text.split()[-1]
    assert text == table({"name": "shop", "prefix": APIKey.objects.get().prefix, "key": key})
    assert APIKey.objects.is_valid(key)


def test_key_opens_the_api() -> None:
    key = report_of("create_api_key", "shop")["key"]
    response = Api(f"Api-Key {key}").post("rooms/", {"name": "Algebra 1"})
    assert (response.status_code, response.json()["name"]) == (201, "Algebra 1")


def test_key_itself_is_not_stored() -> None:
    secret = report_of("create_api_key", "shop")["key"].partition(".")[2]
    assert not [value for value in APIKey.objects.values_list().get() if secret in str(value)]


def test_same_name_makes_another_key() -> None:
    one, other = (report_of("create_api_key", "shop") for _ in range(2))
    assert one["key"] != other["key"]
    assert APIKey.objects.filter(name="shop").count() == 2


def test_name_of_the_most_characters_is_taken() -> None:
    assert report_of("create_api_key", "x" * 50)["name"] == "x" * 50


@pytest.mark.parametrize("name", ["", "x" * 51], ids=len)
def test_name_of_the_wrong_length_is_refused(name: str) -> None:
    assert failure_of("create_api_key", name) == TOO_LONG_OR_SHORT
    assert not APIKey.objects.exists()
