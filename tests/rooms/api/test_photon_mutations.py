"""`/photon/auth/` with tampered requests: always an answer, never an admission."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.models import Room
from tests.cast import alias_of
from tests.rooms.photon.callers import FORM, JSON, KEY
from tests.rooms.photon.people import photon_ticket

client = Client(raise_request_exception=False)

KEPT = "kept"
TICKET = "{ticket}"

ODD_TYPES = [
    "",
    JSON,
    FORM,
    "text/plain",
    "x",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
BYTES = st.text(st.characters(max_codepoint=255), max_size=4)


class Damage(NamedTuple):
    """A replacement of some text; the position is a fraction of the whole."""

    where: float
    length: int
    text: str

    def to(self, text: str) -> str:
        start = int(self.where * len(text))
        return text[:start] + self.text + text[start + self.length :]


class Call(NamedTuple):
    """A valid request, and its mutations. Values other than `KEPT` replace valid ones; None drops them."""

    token: Any = KEPT
    key: Any = KEPT
    token_in_body: bool = False
    key_in_body: bool = False
    encoding: str = JSON
    content_type: str = JSON
    method: str = "POST"
    more: tuple[tuple[str, str], ...] = ()
    in_query: Damage | None = None
    in_body: Damage | None = None

    def parts(self, ticket: str) -> tuple[str, str]:
        """Return the query, and the body as latin-1."""
        fields = {"token": (self.token, self.token_in_body, ticket), "key": (self.key, self.key_in_body, KEY)}
        parts: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
        for name, (value, in_body, good) in fields.items():
            if value is not None:
                parts[in_body][name] = good if value == KEPT else value
        query = urlencode([*parts[False].items(), *self.more], errors="surrogatepass")
        body = _written(parts[True], self.encoding) if parts[True] else ""
        return _damaged(query, self.in_query), _damaged(body, self.in_body)

    @property
    def is_good(self) -> bool:
        """Tell whether Photon itself could have sent the request."""
        return self[:2] == (KEPT, KEPT) and self.method in {"GET", "POST"} and self[7:] == ((), None, None)


def _written(fields: dict[str, Any], encoding: str) -> str:
    return json.dumps(fields) if encoding == JSON else urlencode(fields, errors="surrogatepass")


def _damaged(text: str, damage: Damage | None) -> str:
    return damage.to(text) if damage else text


DAMAGE = st.builds(Damage, st.floats(0, 1), st.integers(0, 3), BYTES)
BROKEN_TICKET = st.builds(lambda damage: damage.to("x" * 30), DAMAGE)
VALUES = st.just(KEPT) | st.none() | ANYTHING | BROKEN_TICKET
NAMES = st.sampled_from(["token", "key", "Token", "ResultCode", ""]) | st.text(max_size=5)

CALLS = st.builds(
    Call,
    token=VALUES,
    key=st.just(KEPT) | VALUES,
    token_in_body=st.booleans(),
    key_in_body=st.booleans(),
    encoding=st.sampled_from([JSON, FORM]),
    content_type=st.sampled_from(ODD_TYPES),
    method=st.sampled_from(["GET", "POST", "POST", "PUT", "DELETE", "OPTIONS", "BREW"]),
    more=st.just(()) | st.lists(st.tuples(NAMES, st.text(max_size=10)), max_size=3).map(tuple),
    in_query=st.none() | DAMAGE,
    in_body=st.none() | DAMAGE,
)


@pytest.mark.django_db
@pytest.mark.usefixtures("dashboard")
@settings(
    max_examples=2000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(call=CALLS)
def test_tampered_call_is_answered_and_lets_nobody_in(room: Room, call: Call) -> None:
    ticket = photon_ticket(room, "bob")
    query, body = call.parts(ticket)
    response = client.generic(
        call.method,
        "/photon/auth/",
        body.encode("latin-1", "replace"),
        content_type=call.content_type,
        QUERY_STRING=query,
    )
    document = json.loads(response.content)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert len(response.content) < 1000
    if "UserId" in document:
        assert document["UserId"] == alias_of(room, "bob")
        assert document["ResultCode"] == 1
        assert ticket in query + body
        assert KEY in query + body
    else:
        assert document.keys() == {"ResultCode", "Message"}
        assert document["ResultCode"] in {2, 3}
        assert not call.is_good
