"""Values derived from a channel's secret: aliases of users, the media key, and sealed user ids.

The secret is stored with the channel and replaced with it, so these values are stable while the channel
exists, whichever other keys are rotated, and unrelated to those of the next channel.
"""

import hmac
import secrets
from base64 import b32encode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rooms.random_ids import new_id

SECRET_LENGTH = 32
ALIAS_LENGTH = 20

# User ids contain no control characters, so no user id equals this.
_SCREEN = b"\0screen"
_MEDIA_KEY, _MEDIA_SALT = b"tokensvc media key", b"tokensvc media salt"
_SEAL = b"tokensvc user id"

NONCE_LENGTH = 12

# Migrations refer to `new_id` by this earlier path.
new_name = new_id


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_LENGTH)


def alias(secret: bytes, user_id: str) -> str:
    """Return the alias by which Agora and Photon know this user: 20 lower-case base32 characters."""
    return _alias(secret, user_id.encode())


def screen_alias(secret: bytes, user_id: str) -> str:
    """Return the second alias of this user, for screen sharing."""
    return _alias(_derive(secret, _SCREEN), user_id.encode())


@dataclass(frozen=True, slots=True)
class MediaKey:
    """Arguments of `setEncryptionConfig`: 32 printable characters, and 32 bytes in base64."""

    key: str = field(repr=False)
    salt: str = field(repr=False)


def media_key(secret: bytes) -> MediaKey:
    """Return the media key of the channel (docs.agora.io, media stream encryption)."""
    return MediaKey(
        key=urlsafe_b64encode(_expand(secret, _MEDIA_KEY, 24)).decode(),
        salt=b64encode(_expand(secret, _MEDIA_SALT, 32)).decode(),
    )


def seal(secret: bytes, user_id: str, nonce: bytes) -> str:
    """Encrypt a user id with AES-256-GCM, as URL-safe base64. `nonce` is `NONCE_LENGTH` random bytes."""
    sealed = AESGCM(_expand(secret, _SEAL, 32)).encrypt(nonce, user_id.encode(), None)
    return urlsafe_b64encode(nonce + sealed).decode()


def unseal(secret: bytes, sealed: str) -> str:
    """Decrypt a sealed user id. Raises `ValueError` if another secret sealed it."""
    data = urlsafe_b64decode(sealed)
    try:
        opened = AESGCM(_expand(secret, _SEAL, 32)).decrypt(data[:NONCE_LENGTH], data[NONCE_LENGTH:], None)
    except InvalidTag:
        raise ValueError("it was sealed with another secret") from None
    return opened.decode()


def _expand(secret: bytes, purpose: bytes, length: int) -> bytes:
    """Derive key material by HKDF with SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=purpose).derive(secret)


def _alias(key: bytes, message: bytes) -> str:
    return b32encode(_derive(key, message)[:15])[:ALIAS_LENGTH].decode().lower()


def _derive(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha256")
