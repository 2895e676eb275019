"""Create invites, and admit guests with their codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string

from rooms.admission import Admission, AdmissionRequest, admit_person
from rooms.callers import Backend, Caller, TicketHolder
from rooms.models import Invite
from rooms.policy import Policy
from rooms.refusals import room_ended
from rooms.roles import Role
from tokensvc.web.refusals import Refusal


@dataclass(frozen=True, slots=True)
class NewInvite:
    """An invite and its code, which is not stored."""

    invite: Invite
    code: str = field(repr=False)


def create(policy: Policy, caller: Caller, now: datetime, *, role: Role, **limits: Any) -> NewInvite:
    """Create an invite, with its `label`, `expires_at` and `max_uses` as `limits`.

    Refuses with `room_ended`, and a host who invites hosts with `role_not_granted`.
    """
    if role is Role.HOST and not isinstance(caller, Backend):
        raise Refusal("role_not_granted", "A host's invite may grant publisher or subscriber.")
    if policy.is_over(now):
        raise room_ended()
    code = new_code()
    invite = Invite.objects.create(room_id=policy.room_id, role=role, code_hash=hash_code(code), **limits)
    return NewInvite(invite, code)


def redeem(code: str, admission_request: AdmissionRequest, now: datetime) -> Admission:
    """Admit a new guest and count one use of the invite. A refused guest uses up nothing.

    Refuses with `invite_not_found`, `invite_used_up` (no uses left, or expired), and as `admit_person` does.
    """
    with transaction.atomic():
        invite = Invite.objects.filter(code_hash=hash_code(code)).first()
        if invite is None:
            raise Refusal("invite_not_found", "There is no invite with this code.")
        if invite.expires_at is not None and invite.expires_at <= now:
            raise Refusal("invite_used_up", "This invite has expired.")
        guest = TicketHolder(
            f"guest:{secrets.token_hex(16)}", invite.room_id, Role(invite.role), label="guest"
        )
        admission = admit_person(invite.room_id, guest, admission_request, now)
        _count_use(invite)
    return admission


def join_path(code: str) -> str:
    """Return the path of the page that redeems the code. Browsers send no fragment to a server."""
    return f"/join/#{code}"


def new_code() -> str:
    return get_random_string(22)


def hash_code(code: str) -> str:
    """Return the stored hash of a code. With 131 random bits, a plain hash suffices."""
    return sha256(code.encode()).hexdigest()


def _count_use(invite: Invite) -> None:
    usable = Invite.objects.filter(pk=invite.pk).exclude(max_uses__lte=F("uses"))
    if not usable.update(uses=F("uses") + 1):
        raise Refusal("invite_used_up", "This invite has no uses left.")
