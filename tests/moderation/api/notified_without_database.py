"""Receives a notification without a database and prints its response; run as a separate process."""

import json
import logging
import sys

import django
from django.conf import settings
from django.test import Client

from tests.moderation.api.agora_notifier import PATH, AgoraNotifier, notice

django.setup()
logging.disable(logging.CRITICAL)

body = json.dumps(notice(103, "some-channel")).encode()
signatures = AgoraNotifier("", settings.AGORA_NOTIFICATION_SECRET).signatures(body)
client = Client(raise_request_exception=False)
response = client.generic("POST", PATH, body, content_type="application/json", headers=signatures)
json.dump([response.status_code, response.headers.get("Retry-After"), response.json()], sys.stdout)
