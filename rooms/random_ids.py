"""Random ids."""

from django.utils.crypto import get_random_string


def new_id() -> str:
    """Return 22 letters and digits, which hold 131 random bits."""
    return get_random_string(22)
