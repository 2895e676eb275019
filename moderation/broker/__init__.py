"""Announcing updates to the processes that hold sockets."""

from moderation.broker.announcements import Update, announce

__all__ = ["Update", "announce"]
