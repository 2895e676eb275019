"""JSON without white space, as sockets, webhooks and hot endpoints send it."""

import json

encode_json = json.JSONEncoder(separators=(",", ":")).encode
