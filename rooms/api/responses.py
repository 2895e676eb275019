"""The shapes of answers that no model has, for the OpenAPI schema."""

from rest_framework import serializers

from rooms.credentials import PROTOCOL
from rooms.models import Encryption, UidType
from rooms.regions import AREAS, Region
from rooms.roles import Role

ENCRYPTION_MODES = [choice for choice in Encryption.choices if choice[0] != Encryption.NONE]


class RoomSummary(serializers.Serializer[None]):
    id = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()


class UserSummary(serializers.Serializer[None]):
    id = serializers.CharField(help_text="The app's own id; Agora and Photon never see it.")
    alias = serializers.CharField(help_text="What Agora and Photon see.")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class Area(serializers.Serializer[None]):
    """What `AgoraRTC.setArea` takes, before a client is made. The SDK applies it; no server enforces it.

    Who may enter from where (`region_denied`) is enforced by this service, when it issues.
    """

    areaCode = serializers.ListField(  # noqa: N815 (Agora's own spelling)
        child=serializers.ChoiceField(choices=[area.web for area in AREAS.values()]),
        min_length=1,
        max_length=1,
    )


class MediaEncryption(serializers.Serializer[None]):
    """What `setEncryptionConfig` takes, before joining; null if the room has no encryption.

    The same for everybody in the channel, and new with the channel.
    """

    mode = serializers.ChoiceField(choices=ENCRYPTION_MODES)
    key = serializers.CharField(
        min_length=32, max_length=32, help_text="Printable ASCII, to be handed on as it is."
    )
    salt = serializers.CharField(
        min_length=44, max_length=44, help_text="32 bytes in base64, to be handed on decoded."
    )


class UidField(serializers.Field[int | str, int | str, int | str, None]):
    """What the client hands to `join()` as it is: a string in `account` rooms, a number in `uid` rooms."""


class Screen(serializers.Serializer[None]):
    uid = UidField()
    rtc_token = serializers.CharField()


class AgoraCredentials(serializers.Serializer[None]):
    app_id = serializers.CharField()
    channel = serializers.CharField()
    uid = UidField()
    uid_type = serializers.ChoiceField(choices=UidType.choices)
    rtc_token = serializers.CharField()
    rtm_user_id = serializers.CharField()
    rtm_token = serializers.CharField()
    area = Area()
    native_area_code = serializers.IntegerField(
        min_value=0,
        max_value=2**32 - 1,
        help_text="`area` for the native SDKs: the engine context's area code. Applied by the SDK too.",
    )
    encryption = MediaEncryption(allow_null=True)
    screen = Screen(allow_null=True)


class PhotonParameters(serializers.Serializer[None]):
    token = serializers.CharField(help_text="A ticket for Photon's custom authentication.")


class PhotonCredentials(serializers.Serializer[None]):
    """What connecting and `AuthenticationValues` take; null unless Photon is configured."""

    app_id = serializers.CharField()
    region = serializers.CharField(help_text="Empty if the client is to choose.")
    room_name = serializers.CharField(help_text="The channel: the only Photon room that this opens.")
    user_id = serializers.CharField(help_text="The alias.")
    auth_type = serializers.IntegerField(
        min_value=0, max_value=255, help_text="0, custom authentication (`CustomAuthenticationType`)."
    )
    auth_parameters = PhotonParameters()


class ClassroomCredentials(serializers.Serializer[None]):
    """The launch values of the Flexible Classroom SDK; null unless it is switched on."""

    room_uuid = serializers.CharField(help_text="The channel.")
    user_uuid = serializers.CharField(help_text="The alias.")
    role_type = serializers.IntegerField(
        min_value=0, max_value=3, help_text="Audience 0, teacher 1, student 2, assistant 3."
    )
    region = serializers.ChoiceField(
        choices=Region.choices, help_text="The room's, or the same for every room that has none."
    )
    token = serializers.CharField(help_text="Opens this classroom, its chat and Signaling; always a 007.")


class Live(serializers.Serializer[None]):
    url = serializers.CharField()
    protocol = serializers.ChoiceField(choices=[PROTOCOL])
    ticket = serializers.CharField()


class Limits(serializers.Serializer[None]):
    audio = serializers.IntegerField()
    video = serializers.IntegerField()


class Credentials(serializers.Serializer[None]):
    room = RoomSummary()
    user = UserSummary()
    issued_at = serializers.DateTimeField()
    renew_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    agora = AgoraCredentials()
    photon = PhotonCredentials(allow_null=True)
    classroom = ClassroomCredentials(allow_null=True)
    live = Live()
    limits = Limits()
