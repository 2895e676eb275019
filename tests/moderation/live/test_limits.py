"""How much one socket may send, and what happens when it sends more."""

import pytest

from moderation.live import rate_limit
from rooms.models import Room
from tests.moderation.live.people import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Token buckets are not refilled."""
    monkeypatch.setattr(rate_limit, "monotonic", lambda: 0.0)


async def test_repeated_bad_frames_close_with_4400(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for _ in range(8):
        await bob.send("{")
    assert await bob.expect_close() == 4400
    refused = {
        "type": "error",
        "id": None,
        "code": "invalid",
        "detail": "Each frame must be one JSON object.",
    }
    assert bob.rest() == [refused] * 6
    assert (await alice.update("disconnect"))["version"] == 3


@pytest.mark.parametrize("frame", ['{"type": "x"}', b"\x00", "x" * 4097])
async def test_any_bad_frame_counts(room: Room, frame: str | bytes) -> None:
    bob = await enter(room, "bob")
    for _ in range(6):
        await bob.send(frame)
    assert await bob.expect_close() == 4400


async def test_refused_command_is_not_a_bad_frame(room: Room) -> None:
    bob = await enter(room, "bob")
    answers = [await bob.command("room.end") for _ in range(20)]
    assert {answer["code"] for answer in answers} == {"host_only"}


async def test_flood_is_throttled_and_then_closed_with_4400(room: Room) -> None:
    alice, bob = await enter(room, "alice"), await enter(room, "bob")
    for number in range(300):
        await bob.send({"type": "ping", "id": number})
    assert await bob.expect_close() == 4400
    throttled = {
        "type": "error",
        "code": "throttled",
        "detail": "Slow down: 50 commands a second, 100 at once.",
    }
    assert bob.rest() == [
        *({"type": "reply", "id": number, "version": 2} for number in range(100)),
        *({**throttled, "id": number} for number in range(100, 106)),
    ]
    assert (await alice.command("ping"))["type"] == "reply"


async def test_socket_closed_for_a_flood_may_come_back(room: Room) -> None:
    bob = await enter(room, "bob")
    for _ in range(6):
        await bob.send("{")
    assert await bob.expect_close() == 4400
    bob = await enter(room, "bob")
    assert bob.snapshot["you"]["connected"] is True
