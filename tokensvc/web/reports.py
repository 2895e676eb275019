"""Output of all commands: a table for people, or one JSON object; errors exit with status 1."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.serializers import Serializer
from rest_framework.utils.encoders import JSONEncoder

from tokensvc.web.refusals import Refusal


class ReportCommand(BaseCommand):
    """A command that prints what `report` returns; each item of a list is a row."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.report(**options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.detail} ({refusal.code})") from None
        if options["json"]:
            self.stdout.write(json.dumps(report, cls=JSONEncoder))
        else:
            self.stdout.write(table(report))

    def report(self, **options: Any) -> Mapping[str, Any]:
        raise NotImplementedError


def validated(serializer: Serializer[Any]) -> dict[str, Any]:
    """Return the validated data. Raises `CommandError` with the messages of all invalid fields."""
    if not serializer.is_valid():
        raise CommandError("; ".join(f"{name}: {' '.join(why)}" for name, why in serializer.errors.items()))
    fields: dict[str, Any] = serializer.validated_data
    return fields


def table(report: Mapping[str, Any]) -> str:
    rows = list(_rows(report))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}".rstrip() for name, value in rows)


def _rows(report: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in report.items():
        if isinstance(value, Mapping):
            yield from _rows(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            for item in value or ["-"]:
                yield f"{prefix}{name}", str(item)
        else:
            yield f"{prefix}{name}", "-" if value is None else str(value)
