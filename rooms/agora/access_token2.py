"""AccessToken2, the format that starts with `007`: signing, decoding and verifying.

Source: github.com/AgoraIO/Tools, DynamicKey/AgoraDynamicKey, `AccessToken2`:
`"007" + base64(zlib(string(signature) + signing_info))`.
"""

import binascii
import hmac
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from rooms.agora import limits
from rooms.agora.app import App
from rooms.agora.services import BY_TYPE, Service
from rooms.agora.wire import Malformed, Reader, hmac_sha256

VERSION = "007"

_HEADER = struct.Struct("<H32sIIIH")
_UINT32 = struct.Struct("<I")
_STORED = struct.Struct("<HH")
_SIGNATURE_LENGTH = (32).to_bytes(2, "little")

# Enough for every service at its longest. Limits how much a crafted token can inflate to.
_MAX_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class AccessToken2:
    """A decoded 007 token; `issued_at` is Unix seconds, `expires_in` seconds from then.

    `expiries` has one mapping per service: privilege to seconds from issue.
    """

    app_id: str
    issued_at: int
    expires_in: int
    salt: int
    services: tuple[Service, ...]
    expiries: tuple[Mapping[int, int], ...]
    signature: bytes
    signing_info: bytes

    @property
    def expires_at(self) -> int:
        return self.issued_at + self.expires_in

    def signed_by(self, certificate: str) -> bool:
        expected = _signature(certificate, self.issued_at, self.salt, self.signing_info)
        return hmac.compare_digest(expected, self.signature)


def sign(app: App, services: Iterable[Service], *, issued_at: int, expires_in: int, salt: int) -> str:
    """Return a 007 token for `services`, valid for `expires_in` seconds from `issued_at` (Unix time).

    Raises `UnusableValue`, which names the field, for values that Agora refuses and for wildcards.
    """
    limits.check_times(issued_at, expires_in)
    limits.check_salt(salt)
    packed = _pack_services(services, expires_in)
    header = _HEADER.pack(32, app.id.encode(), issued_at, expires_in, salt, len(packed))
    signing_info = header + b"".join(packed)
    signature = _signature(app.certificates[0], issued_at, salt, signing_info)
    return VERSION + b64encode(_zlib(_SIGNATURE_LENGTH + signature + signing_info)).decode()


def parse(token: str) -> AccessToken2:
    """Decode a 007 token without verifying it. Raises `Malformed`."""
    if not token.startswith(VERSION):
        raise Malformed("it does not start with 007")
    reader = Reader(_inflate(token.removeprefix(VERSION)))
    signature = reader.string()
    signing_info = reader.rest()
    app_id, issued_at, expires_in, salt = reader.text(), reader.uint32(), reader.uint32(), reader.uint32()
    services = [_read_service(reader) for _ in range(reader.uint16())]
    if not services:
        raise Malformed("it opens no service")
    return AccessToken2(
        app_id,
        issued_at,
        expires_in,
        salt,
        services=tuple(service for service, _ in services),
        expiries=tuple(expiries for _, expiries in services),
        signature=signature,
        signing_info=signing_info,
    )


def _pack_services(services: Iterable[Service], expires_in: int) -> list[bytes]:
    packed: list[bytes] = []
    last = 0
    for service in sorted(services, key=attrgetter("type")):
        if service.type == last:
            raise limits.UnusableValue("services", f"name {service.title} twice")
        last = service.type
        service.check()
        packed.append(_pack_privileges(service.__class__, service.privileges, expires_in) + service.pack())
    if not packed:
        raise limits.UnusableValue("services", "must not be empty")
    return packed


@lru_cache(maxsize=256)
def _pack_privileges(kind: type[Service], privileges: tuple[int, ...], expires_in: int) -> bytes:
    """Pack a service's type and its privileges, which all end with the token."""
    limits.check_privileges(privileges, kind.known)
    pairs = [number for privilege in privileges for number in (privilege, expires_in)]
    return struct.pack("<HH" + "HI" * len(privileges), kind.type, len(privileges), *pairs)


def _signature(certificate: str, issued_at: int, salt: int, signing_info: bytes) -> bytes:
    key = hmac_sha256(_UINT32.pack(salt), _key_of_second(certificate, issued_at))
    return hmac_sha256(key, signing_info)


@lru_cache(maxsize=16)
def _key_of_second(certificate: str, issued_at: int) -> bytes:
    return hmac_sha256(_UINT32.pack(issued_at), certificate.encode())


def _zlib(data: bytes) -> bytes:
    # One stored block (RFC 1950, 1951). Compressing would save 80 of 260 characters, but took longer than the
    # rest of signing; a signature does not compress.
    length = len(data)
    return b"".join(
        (b"\x78\x01\x01", _STORED.pack(length, length ^ 0xFFFF), data, zlib.adler32(data).to_bytes(4, "big"))
    )


def _inflate(text: str) -> bytes:
    try:
        inflater = zlib.decompressobj()
        data = inflater.decompress(b64decode(text, validate=True), _MAX_LENGTH)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise Malformed("its body is not zlib in base64") from error
    if not inflater.eof or inflater.unused_data:
        raise Malformed("its body is cut short or too long")
    return data


def _read_service(reader: Reader) -> tuple[Service, Mapping[int, int]]:
    kind = BY_TYPE.get(number := reader.uint16())
    if kind is None:
        raise Malformed(f"it opens a service of unknown type {number}")
    expiries = reader.privileges()
    return kind.unpack(reader, tuple(expiries)), expiries
