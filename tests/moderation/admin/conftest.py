"""Fixtures of the tests of rooms' admin, shared here."""

from tests.rooms.admin.conftest import over, staff

__all__ = ["over", "staff"]
