"""A server that is told to stop answers what it has begun."""

import threading
import time
from collections.abc import Callable

import psycopg2

from tests.system.servers import Answer, Server, api_key


def test_request_in_flight_is_finished_on_sigterm(database: str, serve: Callable[..., Server]) -> None:
    backend = api_key(database)
    server = serve(database)
    room = server("POST", "/api/v1/rooms/", backend, {}).json["id"]
    blocker = psycopg2.connect(database)
    blocker.cursor().execute("SELECT 1 FROM rooms_room WHERE id = %s FOR UPDATE", [room])
    answers: list[Answer] = []
    ending = threading.Thread(
        target=lambda: answers.append(server("POST", f"/api/v1/rooms/{room}/end/", backend))
    )
    ending.start()
    time.sleep(0.5)
    server.terminate()
    time.sleep(0.5)
    assert not answers
    blocker.rollback()
    blocker.close()
    ending.join()
    assert (answers[0].status, answers[0].json["id"]) == (200, room)
    assert server.stop() == 0
