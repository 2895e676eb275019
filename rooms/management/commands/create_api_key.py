from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError
from rest_framework_api_key.models import APIKey

from tokensvc.web.reports import ReportCommand


class Command(ReportCommand):
    help = "Create an API key for an app's backend. The key is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="what the key is for, 1 to 50 characters; it appears in the logs")

    def report(self, **options: Any) -> Mapping[str, Any]:
        name = options["name"]
        if not 1 <= len(name) <= 50:
            raise CommandError("NAME must have 1 to 50 characters.")
        created, key = APIKey.objects.create_key(name=name)
        return {"name": created.name, "prefix": created.prefix, "key": key}
