"""Keys are rotated under load, one process after the other, without a failed request."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.system.servers import SETTINGS, Server, api_key, identity, manage

NEW_SECRET = "the-second-room-secret-of-system-tests"
NEW_CERTIFICATE = "a5cfd2fd1755d40ecb72977518be15d3"
OLD_SECRET, OLD_CERTIFICATE = SETTINGS["ROOM_SECRET"], SETTINGS["AGORA_APP_CERTIFICATE"]


@contextmanager
def load(request: Callable[[], int]) -> Iterator[Counter[int]]:
    """Repeat a request until the block is left; yields how often each status came."""
    seen, over = Counter[int](), threading.Event()

    def repeat() -> None:
        while not over.is_set():
            seen[request()] += 1

    worker = threading.Thread(target=repeat)
    worker.start()
    try:
        yield seen
    finally:
        over.set()
        worker.join()


def test_room_secret_and_certificate_rotate_without_a_failed_request(
    database: str, serve: Callable[..., Server]
) -> None:
    """First everybody accepts the new secret, then everybody signs with it, then the old one is dropped."""
    backend = api_key(database)
    balanced = [serve(database), serve(database)]
    room = balanced[0]("POST", "/api/v1/rooms/", backend, {"default_role": "publisher"}).json["id"]
    ticket = balanced[0].token(room, identity("bob")).json["live"]["ticket"]
    turn, lock = 0, threading.Lock()

    def renew() -> int:
        """Renew with the newest ticket, at each server in turn."""
        nonlocal ticket, turn
        with lock:
            turn += 1
            answer = balanced[turn % 2].token(room, f"Ticket {ticket}")
        if answer.status == 200:
            ticket = answer.json["live"]["ticket"]
        return answer.status

    stages = [
        {"ROOM_SECRET": OLD_SECRET, "ROOM_SECRET_RETIRING": NEW_SECRET},
        {
            "ROOM_SECRET": NEW_SECRET,
            "ROOM_SECRET_RETIRING": OLD_SECRET,
            "AGORA_APP_CERTIFICATE": NEW_CERTIFICATE,
            "AGORA_APP_CERTIFICATE_RETIRING": OLD_CERTIFICATE,
        },
        {"ROOM_SECRET": NEW_SECRET, "AGORA_APP_CERTIFICATE": NEW_CERTIFICATE},
    ]
    with load(renew) as seen:
        for stage in stages:
            for place in range(2):
                fresh = serve(database, **stage)
                with lock:
                    retired, balanced[place] = balanced[place], fresh
                assert retired.stop() == 0
    assert seen.keys() == {200}
    assert seen[200] > 100


def test_tokens_of_both_certificates_are_inspected_during_a_rotation(database: str) -> None:
    room = json.loads(manage(database, "create_room", "--json"))["id"]
    keys = {"AGORA_APP_CERTIFICATE": NEW_CERTIFICATE, "AGORA_APP_CERTIFICATE_RETIRING": OLD_CERTIFICATE}
    before = json.loads(manage(database, "issue_token", room, "bob", "--json"))["agora"]["rtc_token"]
    after = json.loads(manage(database, "issue_token", room, "bob", "--json", **keys))["agora"]["rtc_token"]

    def signer(token: str) -> tuple[str, list[str]]:
        report = json.loads(manage(database, "inspect_token", token, "--json", **keys))
        return report["signed_with"], report["problems"]

    assert signer(before) == ("AGORA_APP_CERTIFICATE_RETIRING", [])
    assert signer(after) == ("AGORA_APP_CERTIFICATE", [])
