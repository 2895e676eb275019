"""The names, numbers and lifetimes that Agora's servers accept.

Source: docs.agora.io, "Token authentication" and the API reference of `joinChannel`. A wildcard (`*`), an
empty channel or a uid of 0 would make a token valid for any room or any user, so all of them are refused.
"""

import re

MAX_LIFETIME = 24 * 3600
"""Seconds a token may live; Agora treats anything longer, and 0, as this."""

MAX_UID = 2**32 - 1
MAX_SALT = 99_999_999

_HEX_ID = re.compile(r"[0-9a-fA-F]{32}")
_NAME = re.compile(r"[a-zA-Z0-9 !#$%&()+\-:;<=.>?@\[\]^_{}|~,]+")


class UnusableValue(ValueError):
    """A value that Agora refuses or reads as a wildcard; `field` names it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


def check_app_id(value: str) -> None:
    if not _HEX_ID.fullmatch(value):
        raise UnusableValue("app_id", "must be 32 hexadecimal digits")


def check_certificate(value: str) -> None:
    if not _HEX_ID.fullmatch(value):
        raise UnusableValue("certificate", "must be 32 hexadecimal digits")


def check_channel(value: str) -> None:
    # The documentation says both "less than 64 bytes" and "up to 64": 63 satisfies either.
    _check_name("channel", value, longest=63)


def check_uid(value: int | str) -> None:
    """Accept a number from 1 to 2³²-1, or an account of 1 to 255 characters."""
    if isinstance(value, str):
        _check_name("uid", value, longest=255)
        if value == "0":
            raise UnusableValue("uid", "must not be 0: it stands for any user")
    elif isinstance(value, bool) or not 1 <= value <= MAX_UID:
        raise UnusableValue("uid", f"must be from 1 to {MAX_UID}")


def check_user_id(field: str, value: str) -> None:
    """Accept the user id of Signaling (RTM), Chat or Education: 1 to 64 characters."""
    _check_name(field, value, longest=64)


def check_times(issued_at: int, expires_in: int) -> None:
    if not 1 <= expires_in <= MAX_LIFETIME:
        raise UnusableValue("expires_in", f"must be from 1 to {MAX_LIFETIME} seconds")
    if not 1 <= issued_at <= 2**32 - 1 - MAX_LIFETIME:
        raise UnusableValue("issued_at", "must be a Unix time that fits 32 bits")


def check_salt(value: int) -> None:
    if not 1 <= value <= MAX_SALT:
        raise UnusableValue("salt", f"must be from 1 to {MAX_SALT}")


def check_privileges(given: tuple[int, ...], known: tuple[int, ...]) -> None:
    """Accept one or more of the `known` privileges, each once and in ascending order."""
    if not given or given != tuple(sorted(set(given) & set(known))):
        raise UnusableValue("privileges", f"must be some of {known}, in this order")


def _check_name(field: str, value: str, *, longest: int) -> None:
    if 1 <= len(value) <= longest and _NAME.fullmatch(value):
        return
    if "*" in value:
        raise UnusableValue(field, "must not contain *: it is a wildcard")
    if not 1 <= len(value) <= longest:
        raise UnusableValue(field, f"must have 1 to {longest} characters")
    raise UnusableValue(field, "has a character Agora does not allow")
