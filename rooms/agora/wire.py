"""The primitives of Agora's binary formats: little-endian integers, counted strings, privilege maps."""

import struct
from hashlib import sha256

_UINT16 = struct.Struct("<H")
_INT16 = struct.Struct("<h")
_UINT32 = struct.Struct("<I")


_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Malformed(ValueError):
    """The bytes are not a token of this format."""


def pack_int16(value: int) -> bytes:
    return _INT16.pack(value)


def pack_string(value: str) -> bytes:
    data = value.encode()
    return _UINT16.pack(len(data)) + data


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    """HMAC (RFC 2104) for keys of up to 64 bytes; takes half the time of `hmac.digest` for short messages."""
    key = key.ljust(64, b"\0")
    return sha256(key.translate(_OUTER) + sha256(key.translate(_INNER) + message).digest()).digest()


class Reader:
    """Decodes these primitives in order. Raises `Malformed` when the data ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def uint16(self) -> int:
        return self._number(_UINT16)

    def int16(self) -> int:
        return self._number(_INT16)

    def uint32(self) -> int:
        return self._number(_UINT32)

    def string(self) -> bytes:
        return self._take(self.uint16())

    def text(self) -> str:
        try:
            return self.string().decode()
        except UnicodeDecodeError as error:
            raise Malformed("a string in it is not UTF-8") from error

    def privileges(self) -> dict[int, int]:
        return {self.uint16(): self.uint32() for _ in range(self.uint16())}

    def rest(self) -> bytes:
        return self._data[self._position :]

    def _number(self, kind: struct.Struct) -> int:
        number: int = kind.unpack(self._take(kind.size))[0]
        return number

    def _take(self, size: int) -> bytes:
        taken = self._data[self._position : self._position + size]
        if len(taken) < size:
            raise Malformed("it ends in the middle of a field")
        self._position += size
        return taken
