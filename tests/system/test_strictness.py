"""What was answered in one process holds for the next request in every process: each time, out of 1,000."""

import os
import random
from collections import Counter

from tests.system.servers import Answer, Server, identity

TRIES = int(os.environ.get("STRICT_TRIES", "1000"))


def new_room(servers: list[Server], backend: str) -> str:
    created = random.choice(servers)("POST", "/api/v1/rooms/", backend, {"default_role": "publisher"})  # noqa: S311 (any)
    room: str = created.json["id"]
    return room


def outcome(answer: Answer) -> str:
    """The role that was granted, or the code of the refusal."""
    outcome: str = answer.json["user"]["role"] if answer.status == 200 else answer.json["code"]
    return outcome


def everywhere(servers: list[Server], room: str, user: str) -> Counter[str]:
    return Counter(outcome(server.token(room, user)) for server in servers)


def test_ban_is_honoured_by_the_next_request_in_every_process(
    four_servers: list[Server], backend: str
) -> None:
    room, seen = new_room(four_servers, backend), Counter[str]()
    for number in range(TRIES):
        user = identity(f"u-{number}")
        assert outcome(four_servers[number % 4].token(room, user)) == "publisher"
        where = four_servers[number // 4 % 4]
        where("PUT", f"/api/v1/rooms/{room}/members/u-{number}/", backend, {"role": "banned"})
        seen += everywhere(four_servers, room, user)
    assert seen == {"banned": 4 * TRIES}


def test_demotion_is_honoured_by_the_next_request_in_every_process(
    four_servers: list[Server], backend: str
) -> None:
    room, seen = new_room(four_servers, backend), Counter[str]()
    member = f"/api/v1/rooms/{room}/members/alice/"
    user = identity("alice")
    for number in range(TRIES):
        where = four_servers[number % 4]
        where("PUT", member, backend, {"role": "host"})
        assert outcome(four_servers[number // 4 % 4].token(room, user)) == "host"
        where("PUT", member, backend, {"role": "subscriber"})
        seen += everywhere(four_servers, room, user)
        refused = where("GET", f"/api/v1/rooms/{room}/invites/", user)
        assert refused.json["code"] == "host_only"
    assert seen == {"subscriber": 4 * TRIES}


def test_end_is_honoured_by_the_next_request_in_every_process(
    four_servers: list[Server], backend: str
) -> None:
    user, seen = identity("bob"), Counter[str]()
    for number in range(TRIES):
        room = new_room(four_servers, backend)
        assert everywhere(four_servers, room, user) == {"publisher": 4}
        four_servers[number % 4]("POST", f"/api/v1/rooms/{room}/end/", backend)
        seen += everywhere(four_servers, room, user)
    assert seen == {"room_ended": 4 * TRIES}
