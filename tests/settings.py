"""Settings of a test run. The environment may set `DATABASE_URL` and `REDIS_URL`, and nothing else."""

import os

from tests.workers import redis_of_worker

os.environ.update(
    SECRET_KEY="a-key-for-test-runs-only-a-key-for-test-runs-only-0123456789",
    DEBUG="false",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    CORS_ALLOWED_ORIGINS="https://app.example",
    ROOM_SECRET="a-room-secret-for-test-runs-only",
    IDENTITY_JWT_SECRET="an-identity-secret-for-test-runs-only",
    AGORA_APP_ID="970ca35de60c44645bbae8a215061b33",
    AGORA_APP_CERTIFICATE="5cfd2fd1755d40ecb72977518be15d3b",
)
os.environ.setdefault("DATABASE_URL", "sqlite:///test.sqlite3")
os.environ.update(redis_of_worker(os.environ))

from tokensvc.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
