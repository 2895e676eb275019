"""New roles, kicks and the end of the room take effect within a second in every process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager

from tests.system.live import LiveRoom, Witness, everybody_in
from tests.system.servers import Server


@contextmanager
def within_a_second() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 1


def play(
    servers: list[Server], backend: str, scene: Callable[[LiveRoom, Witness, Witness], Awaitable[None]]
) -> None:
    """Run a scene with alice, the host, in one process, and bob, a publisher, in the other."""
    room = LiveRoom(servers, backend)
    room.member("alice", "host")

    async def whole() -> None:
        alice, bob = Witness(room.admission("alice", [0])), Witness(room.admission("bob", [1]))
        async with AsyncExitStack() as stack:
            await everybody_in(stack, [alice, bob])
            await scene(room, alice, bob)

    asyncio.run(whole())


async def become(room: LiveRoom, watching: list[Witness], user: str, alias: str, role: str) -> None:
    """Set a role through the process that does not hold the socket."""
    await asyncio.to_thread(room.member, user, role)
    with within_a_second():
        for one in watching:
            await one.until(lambda it: it.document.participants[alias]["role"] == role)


def test_promotion_and_demotion_take_effect_within_a_second(two_live: list[Server], backend: str) -> None:
    async def scene(room: LiveRoom, alice: Witness, bob: Witness) -> None:
        both, alias = [alice, bob], bob.document.you
        await become(room, both, "bob", alias, "host")
        await bob.command("room.set", mute_everyone=True)
        await bob.command("seat.request", media="audio")
        await become(room, both, "bob", alias, "subscriber")
        assert (bob.me["may_publish_audio"], bob.me["audio_seat"]) == (False, False)
        await become(room, both, "bob", alias, "publisher")
        actions = [event["action"] for event in await room.assert_consistent(both)]
        assert actions[2:] == ["promote", "mute_everyone", "take_audio_seat", "demote", "promote"]
        assert [one.close_codes for one in both] == [[], []]

    play(two_live, backend, scene)


def test_end_closes_every_socket_in_both_processes(two_live: list[Server], backend: str) -> None:
    async def scene(room: LiveRoom, alice: Witness, bob: Witness) -> None:
        await room.rest("POST", "end/", {})
        with within_a_second():
            for one in (alice, bob):
                await one.until(lambda it: it.close_code == 4410)
        assert (await room.document())["participants"] == []
        assert (await room.rest("POST", "tokens/", {"user_id": "bob"}, at=1)).json["code"] == "room_ended"

    play(two_live, backend, scene)


def test_kicked_user_may_come_back(two_live: list[Server], backend: str) -> None:
    async def scene(room: LiveRoom, alice: Witness, bob: Witness) -> None:
        await alice.command("participant.set", alias=bob.document.you, audio="deny")
        await alice.command("participant.kick", alias=bob.document.you)
        with within_a_second():
            await bob.until(lambda it: it.close_code == 4403)
        await alice.until(lambda it: len(it.document.participants) == 1)
        async with Witness(room.admission("bob", [0])) as again:
            await again.until(lambda it: len(it.document.participants) == 2)
            assert again.me["audio"] == "deny"
            await room.assert_consistent([alice, again])

    play(two_live, backend, scene)
