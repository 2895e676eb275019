"""Acts and polls that reconcile a room with changes made elsewhere, one second after noon."""

from collections.abc import Callable
from typing import Any

import pytest

from moderation import actions
from moderation.leases import refresh
from rooms.callers import User
from rooms.models import Room
from tests.refusals import refusal
from tests.running_room import BACKEND, after, context


def poll(room: Room) -> Any:
    refresh(room.id, after(1))


def act(room: Room) -> Any:
    actions.set_room(context(room, BACKEND, after(1)), {"mute_everyone": False})


def read(room: Room) -> Any:
    actions.read(room.id, after(1))


def be_refused(room: Room) -> Any:
    with refusal("host_only"):
        actions.set_room(context(room, User("carol"), after(1)), {"mute_everyone": True})


notice = pytest.mark.parametrize("notice", [poll, act, read])
notice_all = pytest.mark.parametrize("notice", [poll, act, read, be_refused])
Notice = Callable[[Room], Any]


def participants_by_name(room: Room) -> dict[str, Any]:
    return {shown["name"]: shown for shown in actions.read(room.id, after(2))["participants"]}
