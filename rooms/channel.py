"""What derives from a channel's secret: who people are to Agora and Photon, and the media key.

The secret is stored with the channel and replaced with it, so all of this holds as long as the channel
lives, whatever other keys are rotated, and says nothing about the next one.
"""

import hmac
import secrets
from base64 import b32encode, b64encode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.crypto import get_random_string

SECRET_LENGTH = 32
ALIAS_LENGTH = 20

# User ids hold no control characters, so this can never be one.
_SCREEN = b"\0screen"
_MEDIA_KEY, _MEDIA_SALT = b"tokensvc media key", b"tokensvc media salt"


def new_name() -> str:
    """Return 22 letters and digits: 131 random bits, for a room id or a channel."""
    return get_random_string(22)


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_LENGTH)


def alias(secret: bytes, user_id: str) -> str:
    """Return the name Agora and Photon know this user by: 20 lower-case base32 characters."""
    return _alias(secret, user_id.encode())


def screen_alias(secret: bytes, user_id: str) -> str:
    """Return the second name of the same user, for a shared screen."""
    return _alias(_derive(secret, _SCREEN), user_id.encode())


@dataclass(frozen=True, slots=True)
class MediaKey:
    """What `setEncryptionConfig` takes: 32 printable characters, and 32 bytes in base64."""

    key: str = field(repr=False)
    salt: str = field(repr=False)


def media_key(secret: bytes) -> MediaKey:
    """Return the key everybody in the channel encrypts with (docs.agora.io, media stream encryption)."""
    return MediaKey(
        key=urlsafe_b64encode(_expand(secret, _MEDIA_KEY, 24)).decode(),
        salt=b64encode(_expand(secret, _MEDIA_SALT, 32)).decode(),
    )


def _expand(secret: bytes, purpose: bytes, length: int) -> bytes:
    """Derive key material by HKDF with SHA-256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=purpose).derive(secret)


def _alias(key: bytes, message: bytes) -> str:
    return b32encode(_derive(key, message)[:15])[:ALIAS_LENGTH].decode().lower()


def _derive(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha256")
