"""As ``make run``, but with the static files of production; ``JOINED=0`` leaves them as they are written."""

import os

from config.settings.dev import *  # noqa: F403  all of them
from config.settings.dev import STATIC_ROOT, STATICFILES_FINDERS, STORAGES

STATIC_ROOT = os.environ.get("STATIC_FOLDER", STATIC_ROOT)
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
WHITENOISE_USE_FINDERS = False
if os.environ.get("JOINED") == "0":
    STATICFILES_FINDERS = STATICFILES_FINDERS[1:]
