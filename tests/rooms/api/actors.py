"""Callers with valid, invalid and no credentials."""

import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import User as Staff
from django.test import Client
from jwt.algorithms import RSAAlgorithm
from pytest_django import Settings
from rest_framework_api_key.models import APIKey

from rooms import tickets
from rooms.callers import TicketHolder
from rooms.models import Room
from rooms.roles import Role
from tests.cast import identity_claims, identity_token
from tests.serving import serving

Caller = Callable[[str, str, Any], Any]

SOON = 600

_client = Client(raise_request_exception=False)


def caller(authorization: str | None = None, client: Client | None = None) -> Caller:
    """A JSON client of the whole service, not only of the API."""
    client = client or _client
    headers = {"authorization": authorization} if authorization else {}

    def call(method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        return client.generic(method, path, data, content_type="application/json", headers=headers)

    return call


def user(user_id: str, **claims: Any) -> Caller:
    return caller(f"Bearer {identity_token(user_id, **claims)}")


def unsigned() -> Caller:
    return caller(f"Bearer {jwt.encode(identity_claims(), '', 'none')}")


def wrong_key() -> Caller:
    return caller(f"Bearer {jwt.encode(identity_claims(), 'k' * 32, 'HS256')}")


def foreign_ticket(role: Role) -> Caller:
    """A valid ticket of another room."""
    other = TicketHolder("alice", Room.objects.create(default_role=None).id, role)
    now = int(time.time())
    return caller(f"Ticket {tickets.sign(other, issued_at=now, expires_at=now + SOON)}")


def backend(*, revoked: bool = False) -> Caller:
    _, key = APIKey.objects.create_key(name="shop", revoked=revoked)
    return caller(f"Api-Key {key}")


def backend_outside(settings: Settings) -> Caller:
    settings.BACKEND_NETWORKS = [ip_network("10.0.0.0/8")]
    return backend()


def staff() -> Caller:
    client = Client(raise_request_exception=False)
    client.force_login(Staff.objects.create_user("root", is_staff=True))
    return caller(client=client)


@contextmanager
def key_server(answer: bytes, status: int = 200) -> Iterator[str]:
    """Run an identity provider that publishes its keys; yield its address."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    with serving(HTTPServer(("127.0.0.1", 0), Keys)) as server:
        yield f"http://127.0.0.1:{server.server_port}/keys"


class Provider:
    """An identity provider with one RSA key."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self.private.public_key()
        self.public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        jwk = {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": "one", "alg": "RS256", "use": "sig"}
        self.published = json.dumps({"keys": [jwk]}).encode()

    def token(self, **claims: Any) -> str:
        return jwt.encode(identity_claims(**claims), self.private, "RS256", {"kid": "one"})

    def forged(self) -> str:
        """Sign with the public key as an HMAC secret, which PyJWT refuses to do."""
        header, payload, _ = jwt.encode(identity_claims(), "k" * 32, "HS256", {"kid": "one"}).split(".")
        signed = f"{header}.{payload}".encode()
        signature = jwt.utils.base64url_encode(hmac.digest(self.public_pem, signed, "sha256"))
        return f"{header}.{payload}.{signature.decode()}"
