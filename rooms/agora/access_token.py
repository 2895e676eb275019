"""AccessToken, the older format that starts with `006`: signing with Agora's builder, reading, verifying.

Source: github.com/AgoraIO/Tools, DynamicKey/AgoraDynamicKey, `AccessToken`. One token is for one service,
its times are absolute, and it holds only checksums of channel and uid. The builder validates nothing, so the
limits are checked here.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from agora_token_builder.AccessToken import AccessToken as Builder
from agora_token_builder.AccessToken import kRtmLogin

from rooms.agora import limits
from rooms.agora.app import App
from rooms.agora.services import Rtc, Rtm
from rooms.agora.wire import Malformed, Reader

VERSION = "006"
_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A decoded 006 token; `expires_at` and the ends of privileges are Unix seconds."""

    app_id: str
    expires_at: int
    salt: int
    privileges: Mapping[int, int]
    channel_checksum: int
    uid_checksum: int
    signature: bytes
    message: bytes

    @property
    def for_rtm(self) -> bool:
        return kRtmLogin in self.privileges

    def names_channel(self, channel: str) -> bool:
        return crc32(channel.encode()) == self.channel_checksum

    def names_uid(self, uid: str) -> bool:
        return crc32(uid.encode()) == self.uid_checksum

    def signed_by(self, certificate: str, channel: str, uid: str) -> bool:
        """Verify the signature; for RTM, pass the user id as `channel` and an empty `uid`."""
        signed = f"{self.app_id}{channel}{uid}".encode() + self.message
        return hmac.compare_digest(hmac.digest(certificate.encode(), signed, "sha256"), self.signature)


def sign(app: App, service: Rtc | Rtm, *, issued_at: int, expires_in: int, salt: int) -> str:
    """Return a 006 token for one service, as `access_token2.sign` does for several."""
    limits.check_times(issued_at, expires_in)
    limits.check_salt(salt)
    service.check()
    limits.check_privileges(service.privileges, service.known)
    builder = _builder(app, service, issued_at + expires_in)
    builder.salt = salt
    builder.ts = issued_at + limits.MAX_LIFETIME
    token: str = builder.build()
    return token


def _builder(app: App, service: Rtc | Rtm, expires_at: int) -> Builder:
    certificate = app.certificates[0]
    if isinstance(service, Rtm):
        builder = Builder(app.id, certificate, service.user_id, "")
        builder.addPrivilege(kRtmLogin, expires_at)
        return builder
    builder = Builder(app.id, certificate, service.channel, service.uid)
    for privilege in service.privileges:
        builder.addPrivilege(privilege, expires_at)
    return builder


def parse(token: str) -> AccessToken:
    """Decode a 006 token without verifying it. Raises `Malformed`."""
    if not token.startswith(VERSION):
        raise Malformed("it does not start with 006")
    app_id, content = token[3 : 3 + _ID_LENGTH], token[3 + _ID_LENGTH :]
    if not app_id.isascii():
        raise Malformed("its app id is not ASCII")
    try:
        reader = Reader(b64decode(content, validate=True))
    except (ValueError, binascii.Error) as error:
        raise Malformed("its body is not base64") from error
    signature, channel_checksum, uid_checksum = reader.string(), reader.uint32(), reader.uint32()
    message = reader.string()
    fields = Reader(message)
    salt, latest = fields.uint32(), fields.uint32()
    privileges = fields.privileges()
    return AccessToken(
        app_id=app_id,
        expires_at=min([latest, *filter(None, privileges.values())]),
        salt=salt,
        privileges=privileges,
        channel_checksum=channel_checksum,
        uid_checksum=uid_checksum,
        signature=signature,
        message=message,
    )
