"""Settings, read once from environment variables; `NAME_FILE` reads a variable from a mounted secret.

`.env.example` lists all variables. A missing or invalid one stops the start with its name.
"""

from base64 import b64decode
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from corsheaders.defaults import default_headers
from environs import FileAwareEnv, ValidationError, validate

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv(strip_whitespace=True)

# --- Parsers and validators ------------------------------------------------------------------------------

long_enough = validate.Length(min=32, error="must have at least 32 characters")


def each_long_enough(values: list[str]) -> None:
    for value in values:
        long_enough(value)


def web_address(*schemes: str) -> Any:
    def check(value: str) -> None:
        parts = urlsplit(value)
        if value and (parts.scheme not in schemes or not parts.netloc):
            raise ValidationError(f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")

    return check


def webhook_secret(value: str) -> None:
    """Accept an empty value, or `whsec_` and 24 to 64 bytes in base64 (standardwebhooks.com)."""
    try:
        key = b64decode(value.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if value and not (value.startswith("whsec_") and 24 <= len(key) <= 64):
        raise ValidationError("must be whsec_ and 24 to 64 random bytes in base64")


@env.parser_for("networks")
def read_networks(value: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(item.strip()) for item in value.split(",") if item.strip()]
    except ValueError as error:
        raise ValidationError(str(error)) from error


@env.parser_for("rate")
def read_rate(value: str) -> tuple[int, int]:
    """Parse `120/min` as (requests, seconds)."""
    count, _, period = value.partition("/")
    seconds = {"s": 1, "min": 60, "hour": 3600, "day": 86400}.get(period)
    if not count.isdecimal() or seconds is None:
        raise ValidationError("must look like 120/min; the periods are s, min, hour and day")
    return int(count), seconds


# --- Django ----------------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", validate=long_enough)
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
DATABASE_URL = env.str("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
REDIS_URL = env.str("REDIS_URL", "", validate=web_address("redis", "rediss", "unix"))

ROOT_URLCONF = "tokensvc.urls"
WSGI_APPLICATION = "tokensvc.wsgi.application"
ASGI_APPLICATION = "tokensvc.asgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "tokensvc" / "static"]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "tokensvc.web.problems.forbidden"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rooms",
    "moderation",
]

MIDDLEWARE = [
    "tokensvc.proxies.ProxyMiddleware",
    "tokensvc.logs.RequestIdMiddleware",
    "tokensvc.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tokensvc.middleware.CorsMiddleware",
    "tokensvc.web.problems.ProblemMiddleware",
    "tokensvc.middleware.StaticMiddleware",
    "tokensvc.middleware.SessionMiddleware",
    "tokensvc.middleware.CsrfViewMiddleware",
    "tokensvc.middleware.AuthenticationMiddleware",
    "tokensvc.middleware.MessageMiddleware",
    "tokensvc.middleware.XFrameOptionsMiddleware",
]

# Silenced: the clickjacking and CSRF middleware are present as subclasses in tokensvc.middleware.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tokensvc" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Serve static files from the installed packages, without collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# --- Database and cache ----------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = env.dj_db_url("DATABASE_URL", url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            # Concurrent writers wait instead of failing.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["ENGINE"] = "tokensvc.postgresql"
        config["CONN_MAX_AGE"] = None
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = {"connect_timeout": 5, **config.get("OPTIONS", {})}
    else:
        raise ValidationError("DATABASE_URL must be sqlite:///… or postgres://…")
    return config


DATABASES = {"default": database(DATABASE_URL)}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- Callers and throttles -------------------------------------------------------------------------------

BACKEND_NETWORKS = env.networks("BACKEND_NETWORKS", "")
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "")
CLIENT_COUNTRY_HEADER = env.str("CLIENT_COUNTRY_HEADER", "")
if CLIENT_COUNTRY_HEADER and not TRUSTED_PROXIES:
    raise ValidationError(
        "CLIENT_COUNTRY_HEADER is accepted from TRUSTED_PROXIES only: set both, or neither."
    )
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CORS_URLS_REGEX = "^/api/"
CORS_ALLOW_HEADERS = [*default_headers, "x-request-id"]
CORS_EXPOSE_HEADERS = ["retry-after", "x-request-id"]

IDENTITY_JWT_SECRET = env.str(
    "IDENTITY_JWT_SECRET", "", validate=lambda value: long_enough(value) if value else None
)
IDENTITY_JWKS_URL = env.str("IDENTITY_JWKS_URL", "", validate=web_address("https", "http"))
if IDENTITY_JWT_SECRET and IDENTITY_JWKS_URL:
    raise ValidationError("Set IDENTITY_JWT_SECRET or IDENTITY_JWKS_URL, not both.")
IDENTITY_JWT_AUDIENCE = env.str("IDENTITY_JWT_AUDIENCE", "tokensvc")
IDENTITY_JWT_ISSUER = env.str("IDENTITY_JWT_ISSUER", "")

TOKEN_RATE = env.rate("TOKEN_RATE", "120/min")
REDEEM_RATE = env.rate("REDEEM_RATE", "20/min")
AUTH_FAILURE_RATE = env.rate("AUTH_FAILURE_RATE", "20/min")

# --- Credentials: tickets, Agora, Photon -----------------------------------------------------------------

ROOM_SECRET = env.str("ROOM_SECRET", validate=long_enough)
ROOM_SECRET_RETIRING: list[str] = env.list("ROOM_SECRET_RETIRING", [], validate=each_long_enough)
LIVE_URL = env.str("LIVE_URL", "", validate=web_address("wss", "ws")).rstrip("/")

# The providers' settings are checked by rooms.checks, which both servers run before they start.
AGORA_APP_ID = env.str("AGORA_APP_ID", "")
AGORA_APP_CERTIFICATE = env.str("AGORA_APP_CERTIFICATE", "")
AGORA_APP_CERTIFICATE_RETIRING: list[str] = env.list("AGORA_APP_CERTIFICATE_RETIRING", [])
AGORA_TOKEN_VERSION = env.str("AGORA_TOKEN_VERSION", "007")
AGORA_CLASSROOM = env.bool("AGORA_CLASSROOM", False)
PHOTON_APP_ID = env.str("PHOTON_APP_ID", "")
PHOTON_REGION = env.str("PHOTON_REGION", "")

# --- Provider APIs and callbacks -------------------------------------------------------------------------

AGORA_CUSTOMER_ID = env.str("AGORA_CUSTOMER_ID", "")
AGORA_CUSTOMER_SECRET = env.str("AGORA_CUSTOMER_SECRET", "")
if bool(AGORA_CUSTOMER_ID) != bool(AGORA_CUSTOMER_SECRET):
    raise ValidationError("Set AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET, or neither.")
AGORA_REST_URL = env.str(
    "AGORA_REST_URL", "https://api.agora.io", validate=web_address("https", "http")
).rstrip("/")
AGORA_NOTIFICATION_SECRET = env.str("AGORA_NOTIFICATION_SECRET", "")
PHOTON_AUTH_KEY = env.str("PHOTON_AUTH_KEY", "")
PHOTON_WEBHOOK_SECRET = env.str("PHOTON_WEBHOOK_SECRET", "")

# --- Webhook to the app, and retention -------------------------------------------------------------------

WEBHOOK_URL = env.str("WEBHOOK_URL", "", validate=web_address("https", "http"))
WEBHOOK_SECRET = env.str("WEBHOOK_SECRET", "", validate=webhook_secret)
if bool(WEBHOOK_URL) != bool(WEBHOOK_SECRET):
    raise ValidationError("Set WEBHOOK_URL and WEBHOOK_SECRET, or neither.")
RETENTION_SECONDS = env.int("RETENTION_SECONDS", 3600, validate=validate.Range(min=0))

# --- HTTPS (except with DEBUG) ---------------------------------------------------------------------------

SECURE_SSL_REDIRECT = not DEBUG
# tokensvc.proxies drops this header unless a proxy of TRUSTED_PROXIES sent it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
X_FRAME_OPTIONS = "DENY"

# --- API -------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rooms.api.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rooms.api.permissions.IsBackend"],
    "DEFAULT_PARSER_CLASSES": ["tokensvc.web.parsers.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tokensvc.web.parsers.AlwaysJson",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "tokensvc.web.problems.handle_api_exception",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "tokensvc",
    "DESCRIPTION": "Decides who may enter a real-time room and hands them the credentials for it.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_INSERT": "",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tokensvc.web.openapi.close_requests",
        "tokensvc.web.openapi.require_response_fields",
        "tokensvc.web.openapi.require_bodies",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Role": "rooms.roles.Role",
        "DefaultRole": "rooms.models.room.DEFAULT_ROLES",
        "MemberRole": "rooms.api.serializers.MEMBER_ROLES",
        "Region": "rooms.regions.Region",
        "UidType": "rooms.models.UidType",
        "Encryption": "rooms.models.Encryption",
        "EncryptionMode": "rooms.credentials.agora.ENCRYPTION_MODES",
        "Override": "moderation.rule.Override",
        "Action": "moderation.models.Action",
    },
}

# --- Logs ------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tokensvc.logs.JsonFormatter"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Drop Django's line for every response of 400 and above; views log the important refusals.
        "django.request": {"level": "ERROR"},
        # Its warnings quote the addresses of webhooks, which may contain secrets.
        "urllib3": {"level": "ERROR"},
    },
}
