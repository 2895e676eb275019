"""All refusal codes, and the exception that carries them."""

from collections.abc import Mapping

CODES: Mapping[str, int] = {
    "invalid": 400,
    "not_authenticated": 401,
    "invalid_credentials": 401,
    "expired_credentials": 401,
    "not_a_member": 403,
    "role_not_granted": 403,
    "banned": 403,
    "backend_only": 403,
    "host_only": 403,
    "forbidden": 403,
    "region_denied": 403,
    "room_not_found": 404,
    "member_not_found": 404,
    "participant_not_found": 404,
    "invite_not_found": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "version_conflict": 409,
    "seats_full": 409,
    "not_allowed_by_host": 409,
    "room_ended": 410,
    "invite_used_up": 410,
    "unsupported_media_type": 415,
    "throttled": 429,
    "internal_error": 500,
    "unavailable": 503,
}
"""The HTTP status of each stable code."""


class Refusal(Exception):
    """A refused request: `code` for programs, `detail` for people.

    `retry_after` is in seconds. `members` are added to the problem document.
    """

    def __init__(self, code: str, detail: str, *, retry_after: int | None = None, **members: object) -> None:
        super().__init__(detail)
        self.code = code
        self.status = CODES[code]
        self.detail = detail
        self.retry_after = retry_after
        self.members = members


def invalid(field: str, code: str, detail: str) -> Refusal:
    """Return a refusal of one invalid field."""
    return Refusal(
        "invalid",
        detail,
        errors=[{"pointer": f"#/{field}" if field else "#", "code": code, "detail": detail}],
    )
