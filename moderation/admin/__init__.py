"""What staff see of running rooms, and do to them."""

from moderation.admin import events, rooms

__all__ = ["events", "rooms"]
