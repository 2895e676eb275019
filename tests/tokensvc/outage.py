"""Calls the service without a database and prints its responses; run as a separate process."""

import json
import logging
import sys

import django
from django.test import Client

django.setup()
logging.disable(logging.CRITICAL)

authorization = sys.argv[1]
responses = []
for method, path in (
    ("POST", "/api/v1/rooms/some/tokens/"),
    ("POST", "/api/v1/rooms/some/end/"),
    ("POST", "/api/v1/invites/redeem/"),
    ("GET", "/api/v1/rooms/"),
    ("GET", "/readyz"),
    ("GET", "/healthz"),
):
    client = Client(raise_request_exception=False)
    headers = {"authorization": "Api-Key a.b" if path.endswith("/rooms/") else authorization}
    body = '{"code": "x"}' if path.endswith("redeem/") else "{}"
    response = client.generic(method, path, body, content_type="application/json", headers=headers)
    kept = {name: response.headers.get(name) for name in ("Content-Type", "Retry-After")}
    responses.append([path, response.status_code, kept, response.json()])
json.dump(responses, sys.stdout)
