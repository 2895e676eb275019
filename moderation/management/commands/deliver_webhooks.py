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
        "Send the app its webhooks, until SIGTERM or SIGINT: what is under way is finished first. "
        "As many as you like may run at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")
        parser.add_argument(
            "--concurrency", type=_positive, default=4, help="how many rooms at a time (default 4)"
        )

    def report(self, **options: Any) -> Mapping[str, Any]:
        with (
            _signals() as told,
            _receiver() as receiver,
            Dispatcher(receiver, options["concurrency"], _LeaseExpiry()) as dispatcher,
        ):
            work = dispatcher.work_off if options["once"] else dispatcher.work_until
            work(told.to_stop)
        return {**dispatcher.tally._asdict(), "waiting": Webhook.objects.count()}


class _LeaseExpiry:
    """Notices now and then who was the last to leave: no live process looks after an empty room."""

    def __init__(self) -> None:
        self._last = -inf

    def __call__(self) -> None:
        if monotonic() - self._last >= EXPIRY_INTERVAL:
            expire_leases_in(timezone.now())
            self._last = monotonic()


class _Told:
    def __init__(self) -> None:
        self._to_stop = False

    def to_stop(self) -> bool:
        return self._to_stop

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._to_stop = True


@contextmanager
def _signals() -> Iterator[_Told]:
    told = _Told()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, told) for number in numbers]
    try:
        yield told
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _receiver() -> Endpoint:
    if not settings.WEBHOOK_URL:
        raise CommandError("There is nobody to deliver webhooks to: set WEBHOOK_URL and WEBHOOK_SECRET.")
    try:
        return Endpoint(settings.WEBHOOK_URL, settings.WEBHOOK_SECRET)
    except ValueError as error:
        # Not what it holds: there may be a password in it.
        raise CommandError("WEBHOOK_URL cannot be used.") from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be at least 1")
    return number
