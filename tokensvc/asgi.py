"""`live`: under `granian --interface asginl tokensvc.asgi:application`; answers HTTP as well."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from granian.utils.proxies import wrap_asgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")

_application = get_asgi_application()
call_command("check")
application = wrap_asgi_with_proxy_headers(
    _application, [str(network) for network in settings.TRUSTED_PROXIES]
)
