"""The services of a 007 token, and the privileges of each.

Source: github.com/AgoraIO/Tools, DynamicKey/AgoraDynamicKey, `AccessToken2`. A service is a frozen value:
`check` refuses values that must not be signed, `pack` encodes the fields after its type and privileges, and
`unpack` decodes them unchecked. Privileges end with their token: if only the token ended, Agora would leave
the user in the channel.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from rooms.agora import limits
from rooms.agora.wire import Reader, pack_int16, pack_string

JOIN_CHANNEL, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA = 1, 2, 3, 4


class Service(Protocol):
    """A service of a token; `type` is Agora's number, `known` are its privileges, ascending."""

    type: ClassVar[int]
    title: ClassVar[str]
    known: ClassVar[tuple[int, ...]]

    @property
    def privileges(self) -> tuple[int, ...]: ...
    def check(self) -> None: ...
    def pack(self) -> bytes: ...
    @classmethod
    def unpack(cls, reader: Reader, privileges: tuple[int, ...]) -> Self: ...


@dataclass(frozen=True, slots=True)
class Rtc:
    """Audio and video in one channel; `uid` is a number, or an account as a string."""

    type: ClassVar[int] = 1
    title: ClassVar[str] = "rtc"
    known: ClassVar[tuple[int, ...]] = (JOIN_CHANNEL, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA)
    channel: str
    uid: int | str
    privileges: tuple[int, ...]

    @classmethod
    def publisher(cls, channel: str, uid: int | str) -> Self:
        return cls(channel, uid, cls.known)

    @classmethod
    def subscriber(cls, channel: str, uid: int | str) -> Self:
        return cls(channel, uid, (JOIN_CHANNEL,))

    def check(self) -> None:
        limits.check_channel(self.channel)
        limits.check_uid(self.uid)

    def pack(self) -> bytes:
        return pack_string(self.channel) + pack_string(str(self.uid))

    @classmethod
    def unpack(cls, reader: Reader, privileges: tuple[int, ...]) -> Self:
        return cls(reader.text(), reader.text(), privileges)


@dataclass(frozen=True, slots=True)
class Rtm:
    """Signaling (RTM) as one user: login 1."""

    type: ClassVar[int] = 2
    title: ClassVar[str] = "rtm"
    known: ClassVar[tuple[int, ...]] = (1,)
    user_id: str
    privileges: tuple[int, ...] = known

    def check(self) -> None:
        limits.check_user_id("rtm_user_id", self.user_id)

    def pack(self) -> bytes:
        return pack_string(self.user_id)

    @classmethod
    def unpack(cls, reader: Reader, privileges: tuple[int, ...]) -> Self:
        return cls(reader.text(), privileges)


@dataclass(frozen=True, slots=True)
class Chat:
    """Agora Chat: user 1, app 2."""

    type: ClassVar[int] = 5
    title: ClassVar[str] = "chat"
    known: ClassVar[tuple[int, ...]] = (1, 2)
    user_id: str
    privileges: tuple[int, ...] = (1,)

    def check(self) -> None:
        limits.check_user_id("chat_user_id", self.user_id)

    def pack(self) -> bytes:
        return pack_string(self.user_id)

    @classmethod
    def unpack(cls, reader: Reader, privileges: tuple[int, ...]) -> Self:
        return cls(reader.text(), privileges)


@dataclass(frozen=True, slots=True)
class Apaas:
    """Education (Flexible Classroom): room user 1, user 2, app 3; `role` is Agora's, 0 to 3."""

    type: ClassVar[int] = 7
    title: ClassVar[str] = "apaas"
    known: ClassVar[tuple[int, ...]] = (1, 2, 3)
    room_uuid: str
    user_uuid: str
    role: int
    privileges: tuple[int, ...] = (1,)

    def check(self) -> None:
        limits.check_channel(self.room_uuid)
        limits.check_user_id("user_uuid", self.user_uuid)
        if not 0 <= self.role <= 3:
            raise limits.UnusableValue("role", "must be from 0 to 3")

    def pack(self) -> bytes:
        return pack_string(self.room_uuid) + pack_string(self.user_uuid) + pack_int16(self.role)

    @classmethod
    def unpack(cls, reader: Reader, privileges: tuple[int, ...]) -> Self:
        return cls(reader.text(), reader.text(), reader.int16(), privileges)


BY_TYPE: dict[int, type[Service]] = {kind.type: kind for kind in (Rtc, Rtm, Chat, Apaas)}
