"""Staff users. pytest-django's `admin_client` has every permission."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from rooms.models import Room


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """Log in sam, a staff user with exactly these permissions."""

    def log_in(*codenames: str) -> Client:
        sam = User.objects.create_user("sam", is_staff=True)
        granted = Permission.objects.filter(codename__in=codenames)
        assert {permission.codename for permission in granted} == set(codenames)
        sam.user_permissions.set(granted)
        client = Client()
        client.force_login(sam)
        return client

    return log_in


@pytest.fixture
def over(db: None) -> list[Room]:
    """One room that was ended, and one that ended by itself."""
    ended = Room.objects.create(name="Biology")
    ended.end(timezone.now())
    return [ended, Room.objects.create(name="Chemistry", ends_at=timezone.now() - timedelta(hours=1))]
