"""`python -m tokensvc.generate_env` prints a `.env` with random keys for local development."""

import secrets

TEMPLATE = """\
# For local development. The Agora app id and certificate are made up: tokens signed with them can be decoded,
# but no Agora server accepts them. Replace them with those of your Agora project.
AGORA_APP_ID={app_id}
AGORA_APP_CERTIFICATE={certificate}
DEBUG=true
SECRET_KEY={secret_key}
ROOM_SECRET={room_secret}
IDENTITY_JWT_SECRET={identity_jwt_secret}
"""

if __name__ == "__main__":
    print(  # noqa: T201 (the output is the file)
        TEMPLATE.format(
            app_id=secrets.token_hex(16),
            certificate=secrets.token_hex(16),
            secret_key=secrets.token_urlsafe(48),
            room_secret=secrets.token_urlsafe(32),
            identity_jwt_secret=secrets.token_urlsafe(32),
        ),
        end="",
    )
