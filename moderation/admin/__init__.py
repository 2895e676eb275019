"""Running rooms in the admin."""

from moderation.admin import events, rooms, webhooks

__all__ = ["events", "rooms", "webhooks"]
