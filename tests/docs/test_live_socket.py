"""The tables of the live socket: commands, actions, the rule and close codes are those of the code."""

from typing import Any

import pytest

from moderation import actions
from moderation.close_codes import CloseCode
from moderation.live.commands import Sync, validate
from moderation.models import Action
from moderation.rule import Override, may_publish
from rooms.roles import Role
from tests.docs.markdown import Page, code
from tokensvc.web.refusals import CODES, Refusal

PAGE = Page("docs/live-socket.md")
COMMANDS = {code(row["command"])[0]: row for row in PAGE.table("Commands")}
FIELDS: dict[str, Any] = {
    **{verb.command: verb.fields.fields for verb in actions.VERBS},
    "sync": Sync().fields,
}
RULE = {
    (role, override): (row["room allows"], row["room forbids"])
    for row in PAGE.table("Who may publish")
    for role in row["role"].split(", ")
    for override in (code(row["override"]) or Override.values)
}


def test_table_lists_every_command() -> None:
    with pytest.raises(Refusal) as refused:
        validate({"type": "nothing"})
    assert refused.value.detail == f"This must be one of {', '.join(COMMANDS)}."


@pytest.mark.parametrize("command", COMMANDS)
def test_fields_of_a_command_match_its_serializer(command: str) -> None:
    listed = code(COMMANDS[command]["fields"])
    real = [name if field.required else f"{name}?" for name, field in FIELDS.get(command, {}).items()]
    values = {"audio", "video"} if command.startswith("seat.") else set()
    assert sorted(set(listed) - values) == sorted(real)


@pytest.mark.parametrize("command", COMMANDS)
def test_refusals_of_a_command_are_codes(command: str) -> None:
    assert set(code(COMMANDS[command]["refused with"])) - {"document"} <= CODES.keys()


def test_table_lists_every_action() -> None:
    listed = [action for row in PAGE.table("Actions") for action in code(row["action"])]
    assert sorted(listed) == sorted(Action.values)


@pytest.mark.parametrize("override", Override)
@pytest.mark.parametrize("role", Role)
def test_table_agrees_with_the_rule(role: Role, override: Override) -> None:
    expected = tuple(may_publish(role, override, forbidden=forbidden) for forbidden in (False, True))
    assert tuple("yes" in cell for cell in RULE[role, override]) == expected


def test_table_lists_every_close_code() -> None:
    listed = [int(row["close code"]) for row in PAGE.table("Close codes")]
    assert sorted(listed) == sorted(CloseCode)
