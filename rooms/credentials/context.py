"""What all credentials of one answer share."""

from typing import NamedTuple

from rooms.admission import Admission
from rooms.callers import TicketHolder


class IssueContext(NamedTuple):
    """An admission, the user's alias, the time of issue in Unix seconds, and the lifetime in seconds."""

    admission: Admission
    alias: str
    issued_at: int
    expires_in: int

    @property
    def expires_at(self) -> int:
        return self.issued_at + self.expires_in

    @property
    def holder(self) -> TicketHolder:
        admission = self.admission
        return TicketHolder(admission.user_id, admission.policy.room_id, admission.role, admission.name)
