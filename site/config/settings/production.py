"""Several processes and hosts: everything from the environment, nothing guessed."""

import os

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import ALLOWED_HOSTS, DATABASES, SECRET_KEY, STORAGES

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set SECRET_KEY to a random text of at least 50 characters.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "Set ALLOWED_HOSTS to the site's host names, separated by commas; * is not allowed."
    )
if not os.environ.get("DATABASE_URL"):
    raise ImproperlyConfigured("Set DATABASE_URL, for example postgres://user:password@host/name.")

DATABASES["default"]["CONN_MAX_AGE"] = 60
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
WHITENOISE_USE_FINDERS = False
RUN_BACKGROUND_THREADS = False
if "SECOND_FACTOR_ROLES" not in os.environ:
    SECOND_FACTOR_ROLES = ["administrator"]
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = os.environ.get("HSTS_SUBDOMAINS") == "1"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"  # which browsers take from this very host alone, and over HTTPS
CSRF_COOKIE_SECURE = True
SILENCED_SYSTEM_CHECKS = [
    "security.W019",  # previews stand in frames of our own admin
    "security.W021",  # browsers' lists of sites that are never asked without https are for whole domains
]
