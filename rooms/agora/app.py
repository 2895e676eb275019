"""The Agora project that signs."""

from dataclasses import dataclass, field
from typing import Literal

from rooms.agora import limits


@dataclass(frozen=True, slots=True)
class App:
    """One Agora project. The first certificate signs; all of them verify, newest first.

    Raises `UnusableValue` unless the id and every certificate are 32 hexadecimal digits.
    """

    id: str
    certificates: tuple[str, ...] = field(repr=False)
    token_version: Literal["007", "006"] = "007"  # noqa: S105 (a format, not a password)

    def __post_init__(self) -> None:
        limits.check_app_id(self.id)
        if not self.certificates:
            raise limits.UnusableValue("certificate", "is missing")
        for certificate in self.certificates:
            limits.check_certificate(certificate)
        if self.token_version not in {"007", "006"}:
            raise limits.UnusableValue("token_version", "must be 007 or 006")
