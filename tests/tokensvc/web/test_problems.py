"""Every failure is a problem document (RFC 9457)."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api import Api, invalid, problem, refused, wrong
from tests.cast import identity_token
from tests.tokensvc.processes import REQUIRED, run
from tokensvc.web.refusals import CODES

broken = pytest.mark.urls("tests.tokensvc.broken")

client = Client(raise_request_exception=False, enforce_csrf_checks=True)

KINDS = ["django", "rest"]
BUG = problem(500, "internal_error", "This is our fault; it has been logged.")

FAILURES: dict[str, dict[str, Any]] = {
    "bug": BUG,
    "refusal": problem(404, "not_found", "Nothing."),
    "conflict": {**problem(403, "banned", "Out."), "document": {"version": 3}},
    "http404": problem(404, "not_found", "No such page."),
    "http404-empty": problem(404, "not_found", "Not Found"),
    "denied": problem(403, "forbidden", "Not you."),
    "bad-request": problem(400, "invalid", "Odd."),
    "suspicious": problem(400, "invalid", "This request cannot be understood."),
    "drf-not-found": problem(404, "not_found", "Not found."),
    "drf-denied": problem(403, "forbidden", "You do not have permission to perform this action."),
    "drf-parse": problem(400, "invalid", "Not JSON."),
    "drf-method": problem(405, "method_not_allowed", 'Method "BREW" not allowed.'),
    "drf-acceptable": problem(406, "not_acceptable", "Could not satisfy the request Accept header."),
    "drf-media": problem(415, "unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    "drf-nested": invalid(wrong("/a~1b/c~0d", "invalid", "Wrong."), wrong("/list/1/x", "invalid", "Bad.")),
    "drf-whole": invalid(wrong("", "bad", "All wrong.")),
}


def call(path: str, method: str = "GET", **headers: str) -> Any:
    return client.generic(method, path, headers=headers)


@broken
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("failure", FAILURES)
def test_failure_gets_the_same_response_from_every_kind_of_view(kind: str, failure: str) -> None:
    response = call(f"/{kind}/{failure}/")
    assert refused(response) == FAILURES[failure]
    assert b"swordfish" not in response.content


@broken
@pytest.mark.parametrize("kind", KINDS)
def test_bug_is_logged_with_its_traceback(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    call(f"/{kind}/bug/")
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info
    assert isinstance(record.exc_info[1], ZeroDivisionError)


@broken
def test_wrong_method_lists_the_allowed_methods() -> None:
    response = call("/rest/bug/", "PUT")
    detail = 'Method "PUT" not allowed.'
    assert refused(response) == problem(405, "method_not_allowed", detail)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/nothing/", "/api/v1/rooms", "/healthz/"])
def test_unmatched_path_gets_the_same_response_with_and_without_debug(
    settings: Settings, debug: bool, method: str, path: str
) -> None:
    settings.DEBUG = debug
    assert refused(call(path, method)) == problem(404, "not_found", f"There is nothing at {path}.")


@pytest.mark.django_db
def test_foreign_host_is_refused(backend: Api) -> None:
    response = backend("GET", "rooms/", host="evil.example")
    assert refused(response) == problem(400, "invalid", "This request cannot be understood.")


@pytest.mark.django_db
def test_missing_admin_page_is_a_problem_document(admin_client: Client) -> None:
    document = refused(admin_client.get("/admin/nothing/"))
    assert (document["status"], document["code"]) == (404, "not_found")


def test_codes_have_the_documented_statuses() -> None:
    by_status = {
        400: {"invalid"},
        401: {"not_authenticated", "invalid_credentials", "expired_credentials"},
        403: {"not_a_member", "role_not_granted", "banned", "backend_only", "host_only", "region_denied"},
        404: {"room_not_found", "member_not_found", "invite_not_found", "not_found"},
        410: {"room_ended", "invite_used_up"},
        429: {"throttled"},
        503: {"unavailable"},
    }
    for status, codes in by_status.items():
        assert {code: CODES[code] for code in codes} == dict.fromkeys(codes, status)


def test_missing_database_is_unavailable() -> None:
    process = run(
        *("-m", "tests.tokensvc.outage", f"Bearer {identity_token('bob')}"),
        **REQUIRED,
        ALLOWED_HOSTS="testserver",
        DEBUG="true",
        IDENTITY_JWT_SECRET="an-identity-secret-for-test-runs-only",
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
    )
    assert process.stderr == ""
    responses = {path: response for path, *response in json.loads(process.stdout)}
    head = {"Content-Type": "application/problem+json", "Retry-After": "2"}
    unavailable = [503, head, problem(503, "unavailable", "The database does not answer just now.")]
    not_ready = [503, head, problem(503, "unavailable", "Does not answer: database.")]
    alive = [200, {"Content-Type": "application/json", "Retry-After": None}, {"status": "ok"}]
    assert responses == {
        "/api/v1/rooms/some/tokens/": unavailable,
        "/api/v1/rooms/some/end/": unavailable,
        "/api/v1/invites/redeem/": unavailable,
        "/api/v1/rooms/": unavailable,
        "/readyz": not_ready,
        "/healthz": alive,
    }
