"""Kicks and bans that Agora enforces too, by real processes: soon, and nobody waits for it."""

import time
from collections.abc import Callable
from statistics import median

import pytest

from tests.rooms.kicking.agora_rest import CUSTOMER, AgoraRest
from tests.system.servers import Server
from tests.waiting import until

TIMEOUT = 10.0
A_MOMENT = 0.05


def account(agora_rest: AgoraRest) -> dict[str, str]:
    customer_id, secret = CUSTOMER
    return {
        "AGORA_CUSTOMER_ID": customer_id,
        "AGORA_CUSTOMER_SECRET": secret,
        "AGORA_REST_URL": agora_rest.url,
    }


def uid_room(server: Server, backend: str) -> str:
    room: str = server("POST", "/api/v1/rooms/", backend, {"uid_type": "uid"}).json["id"]
    return room


def come(server: Server, backend: str, room: str, user_id: str) -> tuple[str, int]:
    """Return the channel and the number that the user gets."""
    answer = server("POST", f"/api/v1/rooms/{room}/tokens/", backend, {"user_id": user_id}).json["agora"]
    return answer["channel"], answer["uid"]


def ban(server: Server, backend: str, room: str, user_id: str) -> float:
    """Return how many seconds it took."""
    began = time.perf_counter()
    answer = server("PUT", f"/api/v1/rooms/{room}/members/{user_id}/", backend, {"role": "banned"})
    assert answer.status == 201
    return time.perf_counter() - began


@pytest.mark.parametrize("kind", ["web", "live"])
def test_ban_is_enforced_and_lifted_within_seconds(
    database: str, backend: str, agora_rest: AgoraRest, serve: Callable[..., Server], kind: str
) -> None:
    server = serve(database, kind=kind, **account(agora_rest))
    room = uid_room(server, backend)
    bob = come(server, backend, room, "bob")
    ban(server, backend, room, "bob")
    until(lambda: agora_rest.blocked == [bob], TIMEOUT)
    assert server("DELETE", f"/api/v1/rooms/{room}/members/bob/", backend).status == 204
    until(lambda: agora_rest.blocked == [], TIMEOUT)
    assert server.stop() == 0


def test_bans_take_no_longer_while_agora_answers_nobody(
    database: str, backend: str, agora_rest: AgoraRest, serve: Callable[..., Server]
) -> None:
    without, enforced = serve(database), serve(database, **account(agora_rest))
    rooms = {server: uid_room(server, backend) for server in (without, enforced)}
    people = [f"u-{number}" for number in range(20)]
    held = [come(server, backend, rooms[server], user_id) for server in rooms for user_id in people]
    agora_rest.open.clear()
    took: dict[Server, list[float]] = {without: [], enforced: []}
    for user_id in people:
        for server, room in rooms.items():
            took[server].append(ban(server, backend, room, user_id))
    assert median(took[enforced]) < 2 * median(took[without]) + A_MOMENT
    agora_rest.open.set()
    until(lambda: agora_rest.blocked == sorted(held[20:]), TIMEOUT)
