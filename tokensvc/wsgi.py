"""The `web` process: HTTP, run by `granian --interface wsgi tokensvc.wsgi:application`."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from tokensvc.http_request import WsgiRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")

application = get_wsgi_application()
application.request_class = WsgiRequest
call_command("check")

from rooms.kicking import worker  # noqa: E402 (needs the app registry)

worker.start()
