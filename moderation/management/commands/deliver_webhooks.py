import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import inf
from time import monotonic
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from moderation.leases import expire_leases_in
from moderation.models import Webhook
from moderation.webhooks.dispatcher import Dispatcher
from moderation.webhooks.endpoint import Endpoint
from tokensvc.web.reports import ReportCommand

EXPIRY_INTERVAL = 5.0


class Command(ReportCommand):
    help = (
        "Send the app its webhooks, until SIGTERM or SIGINT; deliveries under way are finished first. "
        "Any number of these commands may run at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")
        parser.add_argument(
            "--concurrency", type=_positive, default=4, help="how many rooms at a time (default 4)"
        )

    def report(self, **options: Any) -> Mapping[str, Any]:
        concurrency = options["concurrency"]
        with (
            _stop_on_signals() as stop,
            _endpoint(concurrency) as endpoint,
            Dispatcher(endpoint, concurrency, _LeaseExpiry()) as dispatcher,
        ):
            run = dispatcher.run_until_idle if options["once"] else dispatcher.run_until
            run(stop.is_set)
        return {**dispatcher.counts._asdict(), "waiting": Webhook.objects.count()}


class _LeaseExpiry:
    """Expires leases every `EXPIRY_INTERVAL` seconds: no live process polls a room that nobody is in."""

    def __init__(self) -> None:
        self._last = -inf

    def __call__(self) -> None:
        if monotonic() - self._last >= EXPIRY_INTERVAL:
            expire_leases_in(timezone.now())
            self._last = monotonic()


class _StopFlag:
    """A signal handler. Not an `Event`: its lock must not be taken in a handler that may interrupt itself."""

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._is_set = True


@contextmanager
def _stop_on_signals() -> Iterator[_StopFlag]:
    """Handle SIGTERM and SIGINT; restore the previous handlers at the end."""
    stop = _StopFlag()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _endpoint(connections: int) -> Endpoint:
    if not settings.WEBHOOK_URL:
        raise CommandError("There is no endpoint to deliver to: set WEBHOOK_URL and WEBHOOK_SECRET.")
    try:
        return Endpoint(settings.WEBHOOK_URL, settings.WEBHOOK_SECRET, connections=connections)
    except ValueError as error:
        # Not with the URL: it may contain a password.
        raise CommandError("WEBHOOK_URL cannot be used.") from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be at least 1")
    return number
