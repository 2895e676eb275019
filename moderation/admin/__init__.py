"""What staff see of running rooms, and do to them."""

from moderation.admin import events, rooms, webhooks

__all__ = ["events", "rooms", "webhooks"]
