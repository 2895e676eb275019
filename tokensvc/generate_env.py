"""`python -m tokensvc.generate_env` prints a `.env` for one's own machine, with fresh random keys."""

import secrets

TEMPLATE = """\
# For this machine only. The Agora app id and certificate are made up: they are well-formed, and tokens signed
# with them decode, but no Agora server accepts them. Put your own project's here to talk to Agora.
AGORA_APP_ID={app_id}
AGORA_APP_CERTIFICATE={certificate}
DEBUG=true
SECRET_KEY={secret_key}
ROOM_SECRET={room_secret}
IDENTITY_JWT_SECRET={identity_jwt_secret}
"""

if __name__ == "__main__":
    print(  # noqa: T201 (its output is the file)
        TEMPLATE.format(
            app_id=secrets.token_hex(16),
            certificate=secrets.token_hex(16),
            secret_key=secrets.token_urlsafe(48),
            room_secret=secrets.token_urlsafe(32),
            identity_jwt_secret=secrets.token_urlsafe(32),
        ),
        end="",
    )
