"""The app, the times and the services shared by the tests of Agora's formats."""

import zlib
from base64 import b64decode, b64encode
from typing import Final

from rooms.agora import Apaas, App, Chat, Rtc, Rtm, Service

APP_ID: Final = "970ca35de60c44645bbae8a215061b33"
CERTIFICATE: Final = "5cfd2fd1755d40ecb72977518be15d3b"
OLD_CERTIFICATE: Final = "0123456789abcdef0123456789ABCDEF"
APP: Final = App(APP_ID, (CERTIFICATE, OLD_CERTIFICATE))
APP_006: Final = App(APP_ID, (CERTIFICATE, OLD_CERTIFICATE), "006")

MOMENT: Final = {"issued_at": 1_700_000_000, "expires_in": 3600, "salt": 12_345_678}
"""Arguments that make two tokens for the same services equal."""

RTC: Final = Rtc.publisher("algebra-1", "k3f")
RTM: Final = Rtm("k3f")
CHAT: Final = Chat("1f3870be274f6c49b3e31a0c6728957f", (1, 2))
APAAS: Final = Apaas("algebra-1", "k3f", 2, (1, 2, 3))
SERVICES: Final[tuple[Service, ...]] = (RTC, RTM, CHAT, APAAS)

# The longest names and largest numbers that Agora accepts.
LONGEST: Final[tuple[Service, ...]] = (
    Rtc.publisher("c" * 63, "a" * 255),
    Rtm("r" * 64),
    Chat("h" * 64, (1, 2)),
    Apaas("c" * 63, "u" * 64, 3, (1, 2, 3)),
)


def body(token: str) -> bytes:
    """The content of a 007 token, unpacked without the code under test."""
    return zlib.decompress(b64decode(token[3:], validate=True))


def token_of(unpacked: bytes) -> str:
    """A 007 token with these bytes as its content."""
    return "007" + b64encode(zlib.compress(unpacked)).decode()
