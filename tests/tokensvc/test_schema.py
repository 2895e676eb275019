"""The OpenAPI document: valid, complete, and consistent with the responses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema_rs import Draft4Validator
from pytest_django import Settings

from rooms.models import Invite, Room
from tests.api import Api
from tests.cast import alias_of
from tests.rooms.api.test_matrix import ROWS
from tests.running_room import come_in

pytestmark = pytest.mark.django_db

AsUser = Callable[..., Api]
Document = dict[str, Any]

FIELDS = {"{room}": "{room_id}", "{user}": "{user_id}", "{invite}": "{invite_id}"}


@pytest.fixture(scope="module")
def schema() -> Document:
    return dict(Client().get("/api/schema/").json())


def operations(schema: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_schema_is_valid(schema: Document) -> None:
    assert schema["openapi"].startswith("3.")
    validate_schema(schema)  # type: ignore[no-untyped-call]  # it ships no types


def test_schema_is_generated_without_warnings(tmp_path: Path, schema: Document) -> None:
    made = tmp_path / "schema.json"
    call_command("spectacular", "--validate", "--fail-on-warn", format="openapi-json", file=str(made))
    assert json.loads(made.read_text())["paths"] == schema["paths"]


def test_schema_has_every_operation(schema: Document) -> None:
    calls = {call for call in ROWS if " /api/v1/" in call}
    for short, long in FIELDS.items():
        calls = {call.replace(short, long) for call in calls}
    assert operations(schema).keys() == calls


def test_every_operation_is_described_and_named(schema: Document) -> None:
    found = operations(schema).values()
    assert all(operation["summary"] for operation in found)
    assert len({operation["operationId"] for operation in found}) == len(found)
    text = json.dumps(schema)
    assert "Django" not in text
    assert "instead of dropping them" not in text


def test_every_security_requirement_is_a_single_scheme(schema: Document) -> None:
    security = {call: operation.get("security", []) for call, operation in operations(schema).items()}
    assert not [ways for ways in security.pop("POST /api/v1/invites/redeem/") if ways]
    for ways in security.values():
        assert ways
        assert all(len(way) == 1 for way in ways)


def test_request_bodies_allow_no_additional_properties(schema: Document) -> None:
    components = schema["components"]["schemas"]
    open_to_more = [
        name
        for name, component in components.items()
        if name.endswith("Request")
        and component.get("type") == "object"
        and component.get("additionalProperties") is not False
    ]
    assert open_to_more == []


def test_moderation_changes_require_at_least_one_field(schema: Document) -> None:
    found = {}
    for call, operation in operations(schema).items():
        if call.startswith("PATCH") and "/moderation/" in call:
            body = operation["requestBody"]
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            found[name] = body["required"], schema["components"]["schemas"][name]["anyOf"]
    assert found == {
        "PatchedModerationChangeRequest": (
            True,
            [{"required": ["mute_everyone"]}, {"required": ["webcams_disabled"]}],
        ),
        "PatchedParticipantChangeRequest": (True, [{"required": ["audio"]}, {"required": ["video"]}]),
    }


def test_event_requires_all_fields_except_its_changes(schema: Document) -> None:
    event = schema["components"]["schemas"]["Event"]
    assert set(event["properties"]) - set(event["required"]) == {
        "room",
        "participant",
        "left",
        "enforcement",
    }


# Changes that make a request invalid.
BAD: dict[str, dict[str, Any]] = {
    "anonymous": {"HTTP_AUTHORIZATION": ""},
    "bad-credentials": {"HTTP_AUTHORIZATION": "Bearer x"},
    "no-body": {},
    "not-json": {"data": "{", "content_type": "application/json"},
    "list": {"data": "[]", "content_type": "application/json"},
    "unknown-field": {"data": '{"x": 1}', "content_type": "application/json"},
    "text": {"data": "x", "content_type": "text/plain"},
    "other-answer": {"HTTP_ACCEPT": "application/xml"},
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("ended", [False, True], ids=["open", "ended"])
def test_every_response_is_documented(
    schema: Document, backend: Api, room: Room, bad: str, ended: bool
) -> None:
    come_in(room, "carol")
    if ended:
        backend.post(f"rooms/{room.id}/end/")
    carol = {"user_id": "carol", "alias": alias_of(room, "carol")}
    values = {**carol, "invite_id": Invite.objects.create(room=room).id}
    client, undocumented = Client(), {}
    for call, operation in operations(schema).items():
        method, path = call.split()
        for room_id in (room.id, "nothing"):
            request = {"HTTP_AUTHORIZATION": backend.authorization, **BAD[bad]}
            response = client.generic(method, path.format(room_id=room_id, **values), **request)
            if not is_documented(operation, response):
                undocumented[call] = (response.status_code, response.headers.get("Content-Type"))
    assert undocumented == {}


def is_documented(operation: Document, response: Any) -> bool:
    documented = operation["responses"].get(str(response.status_code))
    if documented is None or not response.content:
        return documented is not None and "content" not in documented
    return response.headers["Content-Type"] in documented.get("content", {})


def json_schema(schema: Document, name: str) -> Document:
    """Return a component as JSON Schema, which expresses null differently from OpenAPI 3.0."""

    def convert(node: Any) -> Any:
        if isinstance(node, list):
            return [convert(item) for item in node]
        if not isinstance(node, dict):
            return node
        kept = {key: convert(value) for key, value in node.items() if key != "nullable"}
        return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept

    return {"$ref": f"#/components/schemas/{name}", "components": convert(schema["components"])}


def check(schema: Document, name: str, answer: Any) -> None:
    Draft4Validator(json_schema(schema, name), validate_formats=True).validate(answer)


@pytest.mark.parametrize("uid_type", ["account", "uid"])
@pytest.mark.parametrize("encryption", ["none", "aes-256-gcm2"])
@pytest.mark.parametrize("screen", [False, True])
def test_credentials_match_the_schema(
    schema: Document, as_user: AsUser, room: Room, *, uid_type: str, encryption: str, screen: bool
) -> None:
    Room.objects.update_with_version(uid_type=uid_type, encryption=encryption)
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/", {"screen": screen}).json()
    check(schema, "Credentials", answer)
    documented = schema["components"]["schemas"]
    assert answer.keys() == documented["Credentials"]["properties"].keys()
    assert answer["agora"].keys() == documented["AgoraCredentials"]["properties"].keys()


@pytest.mark.parametrize("region", ["", "CN", "AP", "EU", "NA"])
def test_credentials_of_every_provider_match_the_schema(
    settings: Settings, schema: Document, as_user: AsUser, room: Room, region: str
) -> None:
    settings.PHOTON_APP_ID, settings.AGORA_CLASSROOM = "a-photon-app", True
    Room.objects.update_with_version(region=region)
    answer = as_user("bob").post(f"rooms/{room.id}/tokens/").json()
    check(schema, "Credentials", answer)
    documented = schema["components"]["schemas"]
    for name, component in (
        ("photon", "PhotonCredentials"),
        ("classroom", "ClassroomCredentials"),
        ("agora", "AgoraCredentials"),
    ):
        assert answer[name].keys() == documented[component]["properties"].keys()
        assert answer[name].keys() == set(documented[component]["required"])
        field = documented["Credentials"]["properties"][name]
        assert component in json.dumps(field)
        assert field.get("nullable", False) is (name != "agora")


def test_schema_states_who_enforces_the_region(schema: Document) -> None:
    documented = schema["components"]["schemas"]
    descriptions = {
        "Area": documented["Area"]["description"],
        "native_area_code": documented["AgoraCredentials"]["properties"]["native_area_code"]["description"],
        "region": documented["Room"]["properties"]["region"]["description"],
    }
    assert [name for name, text in descriptions.items() if "SDK" not in text] == []
    assert "region_denied" in descriptions["Area"]
    assert "this service" in descriptions["Area"]
    assert "this service" in descriptions["region"]


def test_other_responses_match_the_schema(schema: Document, backend: Api, room: Room) -> None:
    made = backend.post(f"rooms/{room.id}/invites/").json()
    check(schema, "NewInvite", made)
    for name, path in (
        ("PaginatedRoomList", "rooms/?page_size=1"),
        ("Room", f"rooms/{room.id}/"),
        ("PaginatedMemberList", f"rooms/{room.id}/members/?page_size=2"),
        ("PaginatedInviteList", f"rooms/{room.id}/invites/"),
        ("Problem", "rooms/nothing/"),
        ("Problem", "rooms/?cursor=x"),
    ):
        check(schema, name, backend.get(path).json())
    check(schema, "EndedRoom", backend.post(f"rooms/{room.id}/end/").json())


def test_moderation_responses_match_the_schema(schema: Document, backend: Api, room: Room) -> None:
    come_in(room, "alice", "bob", "carol")
    path = f"rooms/{room.id}/moderation/"
    person = f"{path}participants/{alias_of(room, 'bob')}/"
    for name, answer in (
        ("RoomDocument", backend.get(path)),
        ("RoomDocument", backend("PATCH", path, {"mute_everyone": True})),
        ("VersionConflictProblem", backend("PATCH", path, {"mute_everyone": False, "expected_version": 0})),
        ("ChangedParticipant", backend("PATCH", person, {"audio": "allow"})),
        ("VersionConflictProblem", backend("PATCH", person, {"audio": "deny", "expected_version": 0})),
        ("RemovedParticipant", backend.post(f"{person}kick/")),
        ("PaginatedEventList", backend.get(f"{path}events/")),
    ):
        check(schema, name, answer.json())
        assert answer.json().keys() <= schema["components"]["schemas"][name]["properties"].keys()


def test_docs_show_the_schema_to_staff(admin_client: Client) -> None:
    response = admin_client.get("/api/docs/")
    assert response.status_code == 200
    assert b"/api/schema/" in response.content
    assert b"https://" not in response.content
