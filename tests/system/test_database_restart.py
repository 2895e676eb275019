"""PostgreSQL goes away and comes back; the service says so meanwhile, and is right at once afterwards."""

from collections.abc import Callable

from tests.system.servers import Server, api_key, identity, migrate
from tests.system.services import Cluster


def test_database_restart_is_answered_503_and_survived_at_once(
    cluster: Cluster, serve: Callable[..., Server]
) -> None:
    migrate(cluster.address)
    backend = api_key(cluster.address)
    server = serve(cluster.address)
    room = server("POST", "/api/v1/rooms/", backend, {}).json["id"]
    user = identity("bob")
    assert [server.token(room, user).status for _ in range(8)] == [200] * 8

    cluster.stop()
    for away in [
        server.token(room, user),
        server("GET", "/api/v1/rooms/", backend),
        server("GET", "/readyz"),
    ]:
        assert (away.status, away.json["code"], away.headers["Retry-After"]) == (503, "unavailable", "2")
        assert away.headers["Content-Type"] == "application/problem+json"
    assert server("GET", "/healthz").status == 200

    cluster.start()
    assert [server.token(room, user).status for _ in range(20)] == [200] * 20
    assert server.stop() == 0


def test_database_restart_between_requests_fails_none(cluster: Cluster, serve: Callable[..., Server]) -> None:
    migrate(cluster.address)
    server = serve(cluster.address)
    room = server("POST", "/api/v1/rooms/", api_key(cluster.address), {}).json["id"]
    user = identity("bob")
    assert [server.token(room, user).status for _ in range(8)] == [200] * 8
    cluster.stop()
    cluster.start()
    assert [server.token(room, user).status for _ in range(20)] == [200] * 20
