import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.roles import Role
from tests.cast import identity_token
from tests.rooms.user_tokens import segment
from tokensvc.web.refusals import Refusal

NOW = int(time.time())
TOMORROW = NOW + 86400
SECRET = "a-room-secret-for-test-runs-only"
OLD_SECRET = "the-room-secret-of-the-year-before"
BOB = TicketHolder("bob", "room-1", Role.PUBLISHER, "Bob")
CLAIMS = {
    "sub": "bob",
    "name": "Bob",
    "room": "room-1",
    "role": "publisher",
    "aud": "tokensvc:room",
    "iat": NOW,
    "exp": TOMORROW,
}
NOT_OURS = ("invalid_credentials", "The ticket is not one of ours.")
EXPIRED = ("expired_credentials", "The ticket has expired.")


def ticket_refusal(ticket: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        tickets.read(ticket)
    return refused.value.code, refused.value.detail


def ticket_with(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, secret, algorithm)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ["Bob", "", "Zoë 🎓"])
def test_ticket_is_read_back_as_the_holder_it_was_signed_for(role: Role, name: str) -> None:
    participant = TicketHolder("u-42/é", "room-1", role, name)

    assert tickets.read(tickets.sign(participant, issued_at=NOW, expires_at=TOMORROW)) == participant


def test_ticket_is_an_hs256_jwt_with_these_claims() -> None:
    ticket = tickets.sign(BOB, issued_at=NOW, expires_at=TOMORROW)

    assert jwt.get_unverified_header(ticket) == {"alg": "HS256", "typ": "JWT"}
    assert jwt.decode(ticket, SECRET, ["HS256"], audience="tokensvc:room") == CLAIMS
    assert ticket == ticket_with()


@pytest.mark.parametrize("ended", [0, 1, 59, 86400])
def test_ticket_is_refused_from_the_second_it_expires(ended: int) -> None:
    expires_at = int(time.time()) - ended

    assert ticket_refusal(tickets.sign(BOB, issued_at=NOW - 90000, expires_at=expires_at)) == EXPIRED


@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "claims", "signature"])
def test_ticket_with_any_character_changed_is_refused(part: int) -> None:
    parts = ticket_with().split(".")
    # Some bits of the last character of a part are unused.
    for position in range(len(parts[part]) - 1):
        changed = "A" if parts[part][position] != "A" else "B"
        forged = parts[part][:position] + changed + parts[part][position + 1 :]

        assert ticket_refusal(".".join([*parts[:part], forged, *parts[part + 1 :]])) == NOT_OURS


def test_claims_under_the_signature_of_others_are_refused() -> None:
    header, _, signature = ticket_with().split(".")

    assert ticket_refusal(f"{header}.{segment({**CLAIMS, 'role': 'host'})}.{signature}") == NOT_OURS


@pytest.mark.parametrize(
    "audience", ["tokensvc", "tokensvc:photon", "", "tokensvc:room ", ["tokensvc"], None]
)
def test_ticket_for_another_use_is_refused(audience: object) -> None:
    assert ticket_refusal(ticket_with(aud=audience)) == NOT_OURS


def test_ticket_without_an_end_is_refused() -> None:
    assert ticket_refusal(ticket_with(exp=None)) == NOT_OURS


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_unsigned_ticket_is_refused(algorithm: str) -> None:
    signed = segment({"alg": algorithm, "typ": "JWT"}) + "." + segment(CLAIMS)

    assert ticket_refusal(f"{signed}.") == NOT_OURS
    assert ticket_refusal(f"{signed}.{ticket_with().rpartition('.')[2]}") == NOT_OURS


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_ticket_of_another_algorithm_is_refused(algorithm: str) -> None:
    long_secret = SECRET * 4
    assert ticket_refusal(ticket_with(long_secret, algorithm)) == NOT_OURS


def test_ticket_of_another_algorithm_is_refused_with_the_right_secret(settings: Settings) -> None:
    settings.ROOM_SECRET = SECRET * 4

    assert tickets.read(ticket_with(SECRET * 4, "HS256")) == BOB
    assert ticket_refusal(ticket_with(SECRET * 4, "HS384")) == NOT_OURS
    assert ticket_refusal(ticket_with(SECRET * 4, "HS512")) == NOT_OURS


def test_ticket_of_an_unknown_secret_is_refused(settings: Settings) -> None:
    assert ticket_refusal(ticket_with(OLD_SECRET)) == NOT_OURS

    settings.ROOM_SECRET_RETIRING = ["another-room-secret-that-is-retiring"]
    assert ticket_refusal(ticket_with(OLD_SECRET)) == NOT_OURS


def test_ticket_of_a_retiring_secret_is_accepted(settings: Settings) -> None:
    settings.ROOM_SECRET_RETIRING = ["another-room-secret-that-is-retiring", OLD_SECRET]

    assert tickets.read(ticket_with(OLD_SECRET)) == BOB
    assert tickets.read(ticket_with(SECRET)) == BOB


def test_ticket_of_a_retiring_secret_is_checked_like_any_other(settings: Settings) -> None:
    settings.ROOM_SECRET_RETIRING = [OLD_SECRET]

    assert ticket_refusal(ticket_with(OLD_SECRET, exp=NOW - 1)) == EXPIRED
    assert ticket_refusal(ticket_with(OLD_SECRET, aud="tokensvc")) == NOT_OURS


def test_rotation_signs_with_the_newest_secret_and_keeps_earlier_tickets(settings: Settings) -> None:
    earlier = tickets.sign(BOB, issued_at=NOW, expires_at=TOMORROW)
    settings.ROOM_SECRET, settings.ROOM_SECRET_RETIRING = "the-room-secret-of-the-coming-year", [SECRET]
    later = tickets.sign(BOB, issued_at=NOW, expires_at=TOMORROW)

    assert (tickets.read(earlier), tickets.read(later)) == (BOB, BOB)

    settings.ROOM_SECRET_RETIRING = []
    assert tickets.read(later) == BOB
    assert ticket_refusal(earlier) == NOT_OURS


def test_token_of_the_identity_provider_is_no_ticket(settings: Settings) -> None:
    assert ticket_refusal(identity_token("bob")) == NOT_OURS

    settings.IDENTITY_JWT_SECRET = SECRET
    assert ticket_refusal(identity_token("bob", room="room-1", role="host", name="Bob")) == NOT_OURS


@pytest.mark.parametrize("ticket", ["", ".", "..", "...", "a.b.c", "é.é.é", segment([]) + ".."])
def test_text_that_is_no_jwt_is_refused(ticket: str) -> None:
    assert ticket_refusal(ticket) == NOT_OURS


def test_ticket_with_more_parts_is_refused() -> None:
    assert ticket_refusal(ticket_with() + ".") == NOT_OURS
    assert ticket_refusal(ticket_with() + "." + ticket_with()) == NOT_OURS


def test_header_nested_too_deep_is_refused() -> None:
    header = urlsafe_b64encode(b'{"alg":"HS256","a":' + b"[" * 5000 + b"]" * 5000 + b"}").rstrip(b"=")

    assert ticket_refusal(f"{header.decode()}.{segment(CLAIMS)}.AAAA") == NOT_OURS


@hypothesis_settings(deadline=None, max_examples=200)
@given(st.text(st.characters(max_codepoint=255)), st.binary())
def test_whatever_a_header_can_hold_is_refused(text: str, data: bytes) -> None:
    encoded = urlsafe_b64encode(data).rstrip(b"=").decode()

    assert ticket_refusal(text) == NOT_OURS
    assert ticket_refusal(f"{encoded}.{segment(CLAIMS)}.{encoded}") == NOT_OURS
    assert ticket_refusal(f"{segment({'alg': 'HS256'})}.{encoded}.{encoded}") == NOT_OURS
