"""One signed request after the other: what is sent, and what counts as taken."""

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
from tests.moderation.webhooks.app_backend import HANG_UP, SECRET, AppBackend, running

BODY = '{"type":"room.ended","data":{"room":{"id":"r"}}}'


@pytest.fixture
def backend() -> Iterator[AppBackend]:
    with running(AppBackend()) as backend:
        yield backend


@pytest.fixture
def receiver(backend: AppBackend) -> Iterator[Endpoint]:
    with Endpoint(backend.url, SECRET, timeout=0.3) as receiver:
        yield receiver


def failure(receiver: Endpoint) -> tuple[str, int | None]:
    with pytest.raises(DeliveryFailed) as failed:
        receiver.post("msg_1", BODY, timezone.now())
    return str(failed.value), failed.value.status


def test_request_is_what_standard_webhooks_asks_for(backend: AppBackend, receiver: Endpoint) -> None:
    now = timezone.now()
    receiver.post("msg_1", BODY, now)
    (call,) = backend.calls
    assert call.headers == {
        "host": f"127.0.0.1:{backend.server_port}",
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
    ids=["body", "webhook-id", "webhook-timestamp", "webhook-signature"],
)
def test_what_was_tampered_with_is_not_verified(
    backend: AppBackend, receiver: Endpoint, header: str | None, value: str | None
) -> None:
    receiver.post("msg_1", BODY, timezone.now())
    (call,) = backend.calls
    changed = {header: value} if header and value else {}
    body = call.body if changed else call.body.replace(b'"r"', b'"s"')
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, {**call.headers, **changed})


def test_another_secret_is_not_verified(backend: AppBackend) -> None:
    with Endpoint(backend.url, "whsec_b3RoZXItc2VjcmV0LW9mLXRoZS10ZXN0cy0wMTIz") as receiver:
        assert failure(receiver) == ("HTTP 400", 400)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_taken(backend: AppBackend, receiver: Endpoint, status: int) -> None:
    backend.decide = lambda _: status
    receiver.post("msg_1", BODY, timezone.now())
    assert [call.answer for call in backend.calls] == [status]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 401, 404, 410, 429, 500, 502, 503])
def test_anything_else_is_a_failure_and_no_redirect_is_followed(
    backend: AppBackend, receiver: Endpoint, status: int
) -> None:
    backend.decide = lambda _: status
    backend.answer_headers = {"Location": backend.url}
    backend.answer_with = b"the receiver's own secret"
    assert failure(receiver) == (f"HTTP {status}", status)
    assert len(backend.calls) == 1


def test_receiver_that_hangs_up_has_not_taken_it(backend: AppBackend, receiver: Endpoint) -> None:
    backend.decide = lambda _: HANG_UP
    assert failure(receiver) == ("RemoteDisconnected", None)


def test_receiver_that_is_away_has_not_taken_it(backend: AppBackend) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with Endpoint(f"http://127.0.0.1:{taken.getsockname()[1]}/", SECRET) as receiver:
            assert failure(receiver) == ("connection refused", None)


def test_name_that_is_not_known_is_a_failure() -> None:
    with Endpoint("http://nowhere.invalid/?password=x", SECRET) as receiver:
        why, status = failure(receiver)
    assert (bool(why), "invalid" in why, "password" in why, status) == (True, False, False, None)


def test_receiver_that_is_slow_has_not_taken_it(backend: AppBackend, receiver: Endpoint) -> None:
    over = threading.Event()

    def wait(_notice: object) -> int:
        over.wait(3)
        return HANG_UP

    backend.decide = wait
    began = time.monotonic()
    assert failure(receiver) == ("no answer within 0.3 s", None)
    assert 0.3 <= time.monotonic() - began < 1.3
    over.set()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 "])
def test_receiver_that_dribbles_is_slow(beginning: bytes) -> None:
    over = threading.Event()

    def dribble(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            try:
                connection.sendall(beginning)
                for _ in range(40):
                    if over.wait(0.05):
                        break
                    connection.sendall(b"2")
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dribbler = threading.Thread(target=dribble, args=[listener])
        dribbler.start()
        began = time.monotonic()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            with Endpoint(address, SECRET, timeout=0.3) as receiver:
                assert failure(receiver) == ("no answer within 0.3 s", None)
        finally:
            over.set()
            dribbler.join()
    assert time.monotonic() - began < 1.3


def test_answer_that_is_no_http_is_a_failure() -> None:
    def talk(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(65536)
            connection.sendall(b"220 a mail server with a secret\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        talker = threading.Thread(target=talk, args=[listener])
        talker.start()
        with Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/", SECRET) as receiver:
            assert failure(receiver) == ("BadStatusLine", None)
        talker.join()


def test_connection_is_kept(backend: AppBackend, receiver: Endpoint) -> None:
    backend.answer_with = b"thank you"
    for number in range(5):
        receiver.post(f"msg_{number}", BODY, timezone.now())
    assert len({call.client_port for call in backend.calls}) == 1


def test_connection_that_the_receiver_closed_meanwhile_is_no_failure(
    backend: AppBackend, receiver: Endpoint
) -> None:
    backend.keeps_connections = False
    for number in range(5):
        receiver.post(f"msg_{number}", BODY, timezone.now())
        time.sleep(0.02)
    assert len({call.client_port for call in backend.calls}) == 5


def test_long_answer_is_taken_and_not_read(backend: AppBackend, receiver: Endpoint) -> None:
    backend.answer_with = b"x" * 10_000_000
    receiver.post("msg_1", BODY, timezone.now())
    assert [call.answer for call in backend.calls] == [200]


@pytest.mark.parametrize(
    ("address", "target"),
    [("", "/"), ("/hooks", "/hooks"), ("?a=1&b=%20", "/?a=1&b=%20"), ("/ä b#part", "/%C3%A4%20b")],
)
def test_address_is_called_as_it_is_written(backend: AppBackend, address: str, target: str) -> None:
    seen: list[str] = []

    def listen(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            seen.append(connection.recv(65536).split(b"\r\n")[0].decode())
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=[listener])
        thread.start()
        with Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}{address}", SECRET) as receiver:
            receiver.post("msg_1", BODY, timezone.now())
        thread.join()
    assert seen == [f"POST {target} HTTP/1.1"]


@pytest.mark.parametrize("url", ["https://", "ftp://app.example/", "https://app.example:port/"])
def test_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"[Pp]ort|address"):
        Endpoint(url, SECRET)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine that vouches for itself, and its key."""
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
    backend = AppBackend()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    backend.socket = context.wrap_socket(backend.socket, server_side=True, do_handshake_on_connect=False)
    with running(backend):
        yield backend


def test_https_is_spoken_with_a_receiver_that_can_be_trusted(
    secure: AppBackend, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Endpoint(secure.url.replace("http", "https"), SECRET) as receiver:
        receiver.post("msg_1", BODY, timezone.now())
        receiver.post("msg_2", BODY, timezone.now())
    assert [call.id for call in secure.taken] == ["msg_1", "msg_2"]
    assert len({call.client_port for call in secure.calls}) == 1


def test_https_is_not_spoken_with_others(secure: AppBackend) -> None:
    with Endpoint(secure.url.replace("http", "https"), SECRET) as receiver:
        why, _ = failure(receiver)
    assert "certificate verify failed" in why
    assert secure.calls == []


def test_slow_receiver_by_https_is_cut_off(
    secure: AppBackend, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def wait(_notice: object) -> int:
        over.wait(3)
        return HANG_UP

    secure.decide = wait
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Endpoint(secure.url.replace("http", "https"), SECRET, timeout=0.3) as receiver:
        assert failure(receiver) == ("no answer within 0.3 s", None)
    over.set()
