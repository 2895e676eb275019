"""`web`: HTTP, under `granian --interface wsgi tokensvc.wsgi:application`."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokensvc.settings")

_application = get_wsgi_application()
call_command("check")
application = wrap_wsgi_with_proxy_headers(
    _application, [str(network) for network in settings.TRUSTED_PROXIES]
)
