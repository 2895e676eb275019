"""`/metrics`, for Prometheus."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families

from rooms.models import Room
from tests.api import Api
from tests.tokensvc.processes import REQUIRED, run

AsUser = Callable[..., Api]


def counted() -> dict[tuple[str, str, str], float]:
    """Return the number of observed requests by method, route and status."""
    response = Client().get("/metrics")
    assert (response.status_code, response.headers["Content-Type"]) == (200, CONTENT_TYPE_LATEST)
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
        if sample.name == "tokensvc_request_seconds_count"
    }


def test_request_is_counted_under_its_route(as_user: AsUser, room: Room) -> None:
    before = counted()
    as_user("bob").post(f"rooms/{room.id}/tokens/")
    as_user("dave").post(f"rooms/{room.id}/tokens/")
    after = counted()
    route = "api/v1/rooms/<str:room_id>/tokens/"
    for status in ("200", "403"):
        key = ("POST", route, status)
        assert after[key] - before.get(key, 0) == 1
    assert not any(room.id in name for name in after)


def test_unmatched_paths_and_unknown_methods_share_one_label() -> None:
    client = Client()
    for path in ("/nothing/1", "/nothing/2"):
        client.generic("BREW", path)
    mine = [(method, route) for method, route, status in counted() if status == "404" and method == "other"]
    assert mine == [("other", "")]


SCRIPT = """
import django
django.setup()
from django.test import Client
Client().get("/healthz")
print(Client().get("/metrics").content.decode())
"""


def test_metrics_are_summed_over_workers(tmp_path: Path) -> None:
    environment = {**REQUIRED, "DEBUG": "true", "ALLOWED_HOSTS": "testserver"}
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path)
    for total in ("1.0", "2.0"):
        process = run("-c", SCRIPT, **environment)
        assert process.stderr == ""
        name = 'tokensvc_request_seconds_count{method="GET",route="healthz",status="200"}'
        assert f"{name} {total}" in process.stdout.splitlines()


@pytest.mark.django_db
def test_metrics_contain_no_user_id(as_user: AsUser, room: Room) -> None:
    as_user("bob-4711").post(f"rooms/{room.id}/tokens/")
    assert b"bob-4711" not in Client().get("/metrics").content
