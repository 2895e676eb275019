"""Compact JSON, for sockets, webhooks and frequently called endpoints."""

import json

encode_json = json.JSONEncoder(separators=(",", ":")).encode
