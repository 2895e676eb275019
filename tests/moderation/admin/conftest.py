"""The staff of the admin's other tests."""

from tests.rooms.admin.conftest import over, staff

__all__ = ["over", "staff"]
