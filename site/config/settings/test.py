"""Settings for the tests: fast hashing, mail in memory, no background threads."""

from config import search_settings
from config.settings.base import *
from config.settings.base import DATABASES

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WAGTAILSEARCH_BACKENDS = search_settings.backends("")
RUN_BACKGROUND_THREADS = False
SECOND_FACTOR_ROLES = []
SEARCHES_WRITTEN_EVERY = 0
READINGS_WRITTEN_EVERY = 0
WHITENOISE_AUTOREFRESH = True
POSTER_FONT = "/nowhere"  # looking for one and reading it takes seconds; who needs it asks for it
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["TEST"] = {"TEMPLATE": "template0", "CHARSET": "UTF8"}
