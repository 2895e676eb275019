"""Moderation over HTTP, for hosts and the app's backend."""
