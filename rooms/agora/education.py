"""Roles of Flexible Classroom, and the services of its token.

Source: docs.agora.io, Flexible Classroom, "Secure authentication with tokens", and
github.com/AgoraIO/Tools, `education_token_builder`.
"""

from hashlib import md5

from rooms.agora.services import Apaas, Chat, Rtm, Service

AUDIENCE, TEACHER, STUDENT, ASSISTANT = range(4)


def room_user(room_uuid: str, user_uuid: str, role: int) -> tuple[Service, ...]:
    """Return the services of a room-user token: the classroom, Signaling, and the classroom's chat."""
    # Agora defines the chat's user id as this digest. It protects no secret.
    chat_user = md5(user_uuid.encode(), usedforsecurity=False).hexdigest()
    return Rtm(user_uuid), Chat(chat_user), Apaas(room_uuid, user_uuid, role)
