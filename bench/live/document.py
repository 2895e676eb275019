"""A client's copy of the room document, maintained from snapshots and updates."""

from typing import Any

Participant = dict[str, Any]

_FORBIDS = {"audio": "mute_everyone", "video": "webcams_disabled"}


class Gap(Exception):
    """An update is missing: request the updates since `version`."""


class Document:
    """The `version`, the `room`, the `participants` by alias, and the client's own alias `you`."""

    def __init__(self) -> None:
        self.version = -1
        self.you = ""
        self.room: dict[str, Any] = {}
        self.participants: dict[str, Participant] = {}

    def load(self, snapshot: dict[str, Any]) -> None:
        self.version = snapshot["version"]
        self.you = snapshot["you"]["alias"]
        self.room = snapshot["room"]
        self.participants = {one["alias"]: one for one in snapshot["participants"]}

    def apply(self, update: dict[str, Any]) -> None:
        """Apply an update, unless it was applied before. Raises `Gap` if an earlier one is missing."""
        if update["version"] <= self.version:
            return
        if update["version"] > self.version + 1:
            raise Gap
        self.version = update["version"]
        self._change(update)
        if update["action"] == "end":
            self.participants.clear()

    def _change(self, update: dict[str, Any]) -> None:
        if "room" in update:
            self.room |= update["room"]
            for participant in self.participants.values():
                self._apply_flags(participant)
        elif "participant" in update:
            self.participants[update["participant"]["alias"]] = update["participant"]
        elif "left" in update:
            self.participants.pop(update["left"], None)

    def as_shown(self) -> dict[str, Any]:
        """Return the document in the form of the API."""
        participants = [self.participants[alias] for alias in sorted(self.participants)]
        return {"version": self.version, "room": self.room, "participants": participants}

    def _apply_flags(self, participant: Participant) -> None:
        for medium, flag in _FORBIDS.items():
            may = _may_publish(participant["role"], participant[medium], forbidden=self.room[flag])
            participant[f"may_publish_{medium}"] = may
            participant[f"{medium}_seat"] = participant[f"{medium}_seat"] and may


def _may_publish(role: str, override: str, *, forbidden: bool) -> bool:
    if role == "subscriber" or override == "deny":
        return False
    return override == "allow" or role == "host" or not forbidden
