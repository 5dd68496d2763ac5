"""Several processes and hosts: everything from the environment, nothing guessed, nothing unsafe."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

from config import log_settings, mail_settings, safety

# First of all, since what cannot be read would break the settings below.
UNSAFE = safety.look(
    os.environ, data_dir=Path(os.environ.get("DATA_DIR") or Path(__file__).parents[3] / "var").resolve()
)
if UNSAFE and safety.is_doctor(sys.argv):
    safety.go_on(UNSAFE)
else:
    safety.refuse(UNSAFE)

from config.settings.base import *  # noqa: E402  looked at before it is read
from config.settings.base import DATABASES, SECRET_KEY, STORAGES  # noqa: E402

SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(50)  # for doctor alone

# A database that does not answer is given up, and asked again by whoever comes next.
DATABASE_CONNECTIONS = int(os.environ.get("DATABASE_CONNECTIONS") or 20)
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    patience = {"connect_timeout": 5, "tcp_user_timeout": 30_000, "keepalives_idle": 30}  # the second in ms
    options: dict[str, Any] = patience | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"] |= {"OPTIONS": options, "CONN_HEALTH_CHECKS": True}
    if Path(sys.argv[0]).name == "manage.py":
        DATABASES["default"]["CONN_MAX_AGE"] = 60
    else:
        # In a server each request has a thread of its own, and what a thread keeps would be lost with it.
        options["pool"] = {"min_size": 1, "max_size": DATABASE_CONNECTIONS, "max_idle": 120}
        options["pool"] |= {"timeout": 5, "reconnect_timeout": 5}

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
WHITENOISE_USE_FINDERS = False
if "SECOND_FACTOR_ROLES" not in os.environ:
    SECOND_FACTOR_ROLES = ["administrator"]

# Where one process is all there is, it does the work of the worker and the scheduler too.
SINGLE_PROCESS = os.environ.get("SINGLE_PROCESS") == "1"
RUN_BACKGROUND_THREADS = SINGLE_PROCESS
HEARTBEATS = True

LOG_FORMAT = os.environ.get("LOG_FORMAT", log_settings.JSON)
LOGGING = log_settings.logging(LOG_FORMAT)

# HTTPS. Who may say so is checked before Django (TRUSTED_PROXIES), so no header needs to be believed here.
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("HSTS_SUBDOMAINS") == "1"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"  # which browsers take from this very host alone, and over HTTPS
CSRF_COOKIE_SECURE = True
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # other sites of the domain are not ours to speak for, unless HSTS_SUBDOMAINS does
    "security.W019",  # previews stand in frames of our own admin
    "security.W021",  # browsers' lists of sites that are never asked without https are for whole domains
]
# Other names under which forms are sent, as https://www.example.gov.cn; a form's own host needs none.
CSRF_TRUSTED_ORIGINS = [
    origin.strip() for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin.strip()
]

# Below a path of a parent portal: /jiamenkou
if SCRIPT_NAME := os.environ.get("SCRIPT_NAME", ""):
    FORCE_SCRIPT_NAME = SCRIPT_NAME
    STATIC_URL, MEDIA_URL = f"{SCRIPT_NAME}/static/", f"{SCRIPT_NAME}/media/"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SCRIPT_NAME}/"
    SESSION_COOKIE_NAME = "__Secure-sessionid"  # of a path, which __Host- does not allow

if EMAIL_URL := os.environ.get("EMAIL_URL", ""):
    locals().update(mail_settings.mail(EMAIL_URL))
    DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("EMAIL_FROM", "webmaster@localhost")
