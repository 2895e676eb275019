"""Answers to Photon during a database outage: refusals in each caller's format."""

import json

from tests.rooms.photon.callers import APP_ID, KEY, SECRET
from tests.tokensvc.processes import REQUIRED, run

REDIS_ERRORS = "The database does not answer just now."
NOT_PHOTON = "This call does not prove that it comes from Photon."


def test_everybody_is_refused_while_the_database_is_away() -> None:
    process = run(
        *("-m", "tests.rooms.photon.outage"),
        **REQUIRED,
        ALLOWED_HOSTS="testserver",
        DEBUG="true",
        PHOTON_APP_ID=APP_ID,
        PHOTON_REGION="eu",
        PHOTON_AUTH_KEY=KEY,
        PHOTON_WEBHOOK_SECRET=SECRET,
        DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing",
    )
    assert process.stderr == ""
    told = json.loads(process.stdout)
    later = {"Status": 503, "Error": "PlayerNotAllowed", "Message": REDIS_ERRORS}
    assert told["answers"] == [
        ["/photon/auth/", 200, None, {"ResultCode": 2, "Message": REDIS_ERRORS}],
        ["/photon/auth/", 200, None, {"ResultCode": 2, "Message": NOT_PHOTON}],
        ["/photon/webhooks/before-join/", 200, None, {"ResultCode": 1, "Message": REDIS_ERRORS}],
        ["/photon/webhooks/join/", 200, None, {"ResultCode": 1, "Message": REDIS_ERRORS}],
        ["/photon/webhooks/leave/", 200, None, {"ResultCode": 0, "Message": ""}],
        ["/photon/game/create", 503, "2", later],
        ["/photon/game/join", 503, "2", later],
        ["/photon/game/close", 200, None, {}],
    ]
    assert told["lines"].count("database away") == 5
