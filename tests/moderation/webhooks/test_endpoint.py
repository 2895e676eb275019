"""Signed requests to the endpoint: what is sent, and which responses accept a notice."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from moderation.webhooks.endpoint import DeliveryFailed, Endpoint
from tests.moderation.webhooks.app_backend import HANG_UP, SECRET, AppBackend
from tests.serving import serving

BODY = '{"type":"room.ended","data":{"room":{"id":"r"}}}'


def failure(endpoint: Endpoint) -> tuple[str, int | None]:
    with pytest.raises(DeliveryFailed) as failed:
        endpoint.post("msg_1", BODY, timezone.now())
    return str(failed.value), failed.value.status


def test_request_follows_standard_webhooks(app_backend: AppBackend, endpoint: Endpoint) -> None:
    now = timezone.now()
    endpoint.post("msg_1", BODY, now)
    (call,) = app_backend.calls
    assert call.headers == {
        "host": f"127.0.0.1:{app_backend.server_port}",
        "accept-encoding": "identity",
        "content-length": str(len(BODY)),
        "content-type": "application/json",
        "user-agent": "tokensvc",
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg_1", now, BODY),
    }
    assert call.body == BODY.encode()
    assert Webhook(SECRET).verify(call.body, call.headers) == json.loads(BODY)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (None, None),
        ("webhook-id", "msg_2"),
        ("webhook-timestamp", str(int(time.time()) - 1)),
        ("webhook-signature", "v1,AAAA"),
    ],
    ids=["body", "id", "timestamp", "signature"],
)
def test_tampered_request_is_not_verified(
    app_backend: AppBackend, endpoint: Endpoint, header: str | None, value: str | None
) -> None:
    endpoint.post("msg_1", BODY, timezone.now())
    (call,) = app_backend.calls
    changed = {header: value} if header and value else {}
    body = call.body if changed else call.body.replace(b'"r"', b'"s"')
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, {**call.headers, **changed})


def test_another_secret_is_not_verified(app_backend: AppBackend) -> None:
    with Endpoint(app_backend.url, "whsec_b3RoZXItc2VjcmV0LW9mLXRoZS10ZXN0cy0wMTIz") as endpoint:
        assert failure(endpoint) == ("HTTP 400", 400)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_accepts_the_notice(app_backend: AppBackend, endpoint: Endpoint, status: int) -> None:
    app_backend.decide = lambda _: status
    endpoint.post("msg_1", BODY, timezone.now())
    assert [call.answer for call in app_backend.calls] == [status]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503])
def test_any_other_status_is_a_failure_and_no_redirect_is_followed(
    app_backend: AppBackend, endpoint: Endpoint, status: int
) -> None:
    app_backend.decide = lambda _: status
    app_backend.answer_headers = {"Location": app_backend.url}
    app_backend.answer_with = b"a secret of the endpoint"
    assert failure(endpoint) == (f"HTTP {status}", status)
    assert len(app_backend.calls) == 1


def test_closed_connection_is_a_failure(app_backend: AppBackend, endpoint: Endpoint) -> None:
    app_backend.decide = lambda _: HANG_UP
    assert failure(endpoint) == ("RemoteDisconnected", None)


def test_refused_connection_is_a_failure(app_backend: AppBackend) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/", SECRET) as endpoint:
            assert failure(endpoint) == ("connection refused", None)


def test_unknown_host_name_is_a_failure() -> None:
    with Endpoint("http://nowhere.invalid/?password=x", SECRET) as endpoint:
        why, status = failure(endpoint)
    assert (bool(why), "invalid" in why, "password" in why, status) == (True, False, False, None)


def test_late_response_is_a_failure(app_backend: AppBackend) -> None:
    over = threading.Event()

    def wait(_notice: object) -> int:
        over.wait(60)
        return HANG_UP

    app_backend.decide = wait
    with Endpoint(app_backend.url, SECRET, timeout=0.3) as endpoint:
        assert failure(endpoint) == ("no answer within 0.3 s", None)
    assert app_backend.calls == []  # it has not answered yet
    over.set()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 "])
def test_response_that_drips_is_late(beginning: bytes) -> None:
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            try:
                connection.sendall(beginning)
                for _ in range(1200):
                    if over.wait(0.05):
                        break
                    connection.sendall(b"2")
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=[listener])
        dripping.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            with Endpoint(address, SECRET, timeout=0.3) as endpoint:
                assert failure(endpoint) == ("no answer within 0.3 s", None)
        finally:
            over.set()
            dripping.join()


def test_response_that_is_not_http_is_a_failure() -> None:
    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(65536)
            connection.sendall(b"220 a mail server with a secret\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        talker = threading.Thread(target=talk, args=[listener])
        talker.start()
        with Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/", SECRET) as endpoint:
            assert failure(endpoint) == ("BadStatusLine", None)
        talker.join()


def test_connection_is_kept(app_backend: AppBackend, endpoint: Endpoint) -> None:
    app_backend.answer_with = b"thank you"
    for number in range(5):
        endpoint.post(f"msg_{number}", BODY, timezone.now())
    assert len({call.client_port for call in app_backend.calls}) == 1


def test_connection_closed_while_idle_is_replaced(app_backend: AppBackend, endpoint: Endpoint) -> None:
    app_backend.keeps_connections = False
    for number in range(5):
        endpoint.post(f"msg_{number}", BODY, timezone.now())
        time.sleep(0.02)
    assert len({call.client_port for call in app_backend.calls}) == 5


def test_long_response_body_is_not_read_to_its_end(app_backend: AppBackend, endpoint: Endpoint) -> None:
    app_backend.answer_with = b"x" * 10_000_000
    endpoint.post("msg_1", BODY, timezone.now())
    assert [call.answer for call in app_backend.calls] == [200]


@pytest.mark.parametrize(
    ("address", "target"),
    [("", "/"), ("/hooks", "/hooks"), ("?a=1&b=%20", "/?a=1&b=%20"), ("/ä b#part", "/%C3%A4%20b")],
)
def test_path_and_query_are_those_of_the_url(app_backend: AppBackend, address: str, target: str) -> None:
    seen: list[str] = []

    def listen(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            seen.append(connection.recv(65536).split(b"\r\n")[0].decode())
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=[listener])
        thread.start()
        with Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}{address}", SECRET) as endpoint:
            endpoint.post("msg_1", BODY, timezone.now())
        thread.join()
    assert seen == [f"POST {target} HTTP/1.1"]


@pytest.mark.parametrize("url", ["https://", "ftp://app.example/", "https://app.example:port/"])
def test_unusable_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort|address"):
        Endpoint(url, SECRET)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[AppBackend]:
    app_backend = AppBackend()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    app_backend.socket = context.wrap_socket(
        app_backend.socket, server_side=True, do_handshake_on_connect=False
    )
    with serving(app_backend):
        yield app_backend


def test_trusted_certificate_is_accepted(
    secure: AppBackend, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Endpoint(secure.url.replace("http", "https"), SECRET) as endpoint:
        endpoint.post("msg_1", BODY, timezone.now())
        endpoint.post("msg_2", BODY, timezone.now())
    assert [call.id for call in secure.taken] == ["msg_1", "msg_2"]
    assert len({call.client_port for call in secure.calls}) == 1


def test_untrusted_certificate_is_refused(secure: AppBackend) -> None:
    with Endpoint(secure.url.replace("http", "https"), SECRET) as endpoint:
        why, _ = failure(endpoint)
    assert "certificate verify failed" in why
    assert secure.calls == []


def test_late_response_over_https_is_a_failure(
    secure: AppBackend, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def wait(_notice: object) -> int:
        over.wait(60)
        return HANG_UP

    secure.decide = wait
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Endpoint(secure.url.replace("http", "https"), SECRET, timeout=0.3) as endpoint:
        assert failure(endpoint) == ("no answer within 0.3 s", None)
    over.set()
