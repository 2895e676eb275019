"""Entries into rooms, as each of the two webhook systems reports them."""

from typing import Any

import pytest

from rooms.photon import Cookie, Entry, Malformed, fusion, realtime
from tests.rooms.photon.callers import fusion_call, realtime_call

COOKIE = {"room": "r", "role": "host", "alias": "a"}
READ = Cookie("r", "host", "a")
ENTERING = ["before-join", "create", "join"]


@pytest.mark.parametrize("hook", ENTERING)
def test_realtime_call_with_a_cookie_is_read(hook: str) -> None:
    assert realtime.entry(hook, realtime_call(hook, "name", "a", COOKIE)) == Entry("name", "a", READ)


@pytest.mark.parametrize("hook", ["create", "join"])
def test_realtime_call_without_a_cookie_is_read_but_for_before_join(hook: str) -> None:
    assert realtime.entry(hook, realtime_call(hook, "name", "a")) == Entry("name", "a", None)
    with pytest.raises(Malformed, match="no AuthCookie"):
        realtime.entry("before-join", realtime_call("before-join", "name", "a"))


@pytest.mark.parametrize("hook", ["create", "join"])
def test_fusion_call_is_read(hook: str) -> None:
    assert fusion.entry(fusion_call(hook, "name", "a", COOKIE)) == Entry("name", "a", READ)
    assert fusion.entry(fusion_call(hook, "na:me", "a", COOKIE)) == Entry("na:me", "a", READ)
    with pytest.raises(Malformed, match="no AuthCookie"):
        fusion.entry(fusion_call(hook, "name", "a"))


@pytest.mark.parametrize("cookie", ["x", 5, True, ["x"], {"room": "r"}, {**COOKIE, "alias": 1}])
def test_cookie_of_another_shape_is_malformed(cookie: Any) -> None:
    with pytest.raises(Malformed):
        realtime.entry("join", realtime_call("join", "name", "a", cookie))
    with pytest.raises(Malformed):
        fusion.entry(fusion_call("join", "name", "a", cookie))


@pytest.mark.parametrize("name", [None, "", 5, "x" * 256, "a\0", "a\n", "\ud800", "\x7f"])
def test_name_that_no_room_or_user_can_have_is_malformed(name: Any) -> None:
    for changes in ({"GameId": name}, {"UserId": name}):
        with pytest.raises(Malformed):
            realtime.entry("join", realtime_call("join", "name", "a", COOKIE, **changes))
        with pytest.raises(Malformed):
            fusion.entry(fusion_call("join", "name", "a", COOKIE, **changes))
    with pytest.raises(Malformed):
        fusion.entry(fusion_call("create", "name", "a", COOKIE, RoomName=name))


def test_answers_have_the_format_of_each_system() -> None:
    assert realtime.answer() == {"ResultCode": 0, "Message": ""}
    assert realtime.answer("No.") == {"ResultCode": 1, "Message": "No."}
    assert fusion.refusal(400, "No.") == {"Status": 400, "Error": "PlayerNotAllowed", "Message": "No."}
