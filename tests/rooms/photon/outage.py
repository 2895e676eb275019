"""Run as a process: call as Photon does during a database outage, and print the answers."""

import json
import logging
import sys
import time

import django
from django.test import Client

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.channel_keys import new_secret
from rooms.roles import Role
from tests.rooms.photon.callers import JSON, KEY, SECRET, fusion_call, realtime_call

django.setup()


class Lines(logging.Handler):
    """Collects the service's log of these requests."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


lines, log = Lines(), logging.getLogger("rooms.api.photon")
log.addHandler(lines)
log.propagate = False
logging.getLogger("django.request").disabled = True

now, bob = int(time.time()), TicketHolder("bob", "some", Role.PUBLISHER, "Bob")
ticket = tickets.sign_for_photon(bob, "channel", new_secret(), issued_at=now, expires_at=now + 600)
arrival = "channel", "alias", {"room": "some", "role": "publisher", "alias": "alias"}
answers = []
for path, body in (
    (f"/photon/auth/?key={KEY}&token={ticket}", {}),
    (f"/photon/auth/?key=guess&token={ticket}", {}),
    ("/photon/webhooks/before-join/", realtime_call("before-join", *arrival)),
    ("/photon/webhooks/join/", realtime_call("join", *arrival)),
    ("/photon/webhooks/leave/", realtime_call("leave", *arrival)),
    ("/photon/game/create", fusion_call("create", *arrival)),
    ("/photon/game/join", fusion_call("join", *arrival)),
    ("/photon/game/close", fusion_call("close", *arrival)),
):
    client = Client(headers={"X-SecretKey": SECRET}, raise_request_exception=False)
    response = client.post(path, json.dumps(body), content_type=JSON)
    again = response.headers.get("Retry-After")
    answers.append([path.partition("?")[0], response.status_code, again, response.json()])
json.dump({"answers": answers, "lines": lines.told}, sys.stdout)
