"""Django's system checks of the providers' settings. Both servers run them before they start."""

from typing import Any

from django.core.checks import CheckMessage, register

from rooms.credentials import PROVIDERS


@register
def check_providers(**_kwargs: Any) -> list[CheckMessage]:
    return [message for provider in PROVIDERS for message in provider.check()]
