"""Staff: pytest-django's `admin_client` may do everything, others what they are given."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def staff(db: None) -> Callable[..., Client]:
    """Log sam in, who is staff with these permissions and no others."""

    def log_in(*codenames: str) -> Client:
        sam = User.objects.create_user("sam", is_staff=True)
        granted = Permission.objects.filter(codename__in=codenames)
        assert {permission.codename for permission in granted} == set(codenames)
        sam.user_permissions.set(granted)
        client = Client()
        client.force_login(sam)
        return client

    return log_in
