"""What all credentials of one answer have in common."""

from typing import NamedTuple

from rooms.admission import Admission
from rooms.callers import TicketHolder


class IssueContext(NamedTuple):
    """An admission, the name it goes by outside, and its time: Unix seconds, and seconds from then."""

    admission: Admission
    alias: str
    issued_at: int
    expires_in: int

    @property
    def expires_at(self) -> int:
        return self.issued_at + self.expires_in

    @property
    def participant(self) -> TicketHolder:
        admission = self.admission
        return TicketHolder(admission.user_id, admission.policy.room_id, admission.role, admission.name)
