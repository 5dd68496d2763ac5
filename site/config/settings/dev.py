"""What ``make run`` uses: one process, SQLite, no configuration. ``DEBUG=1`` for developers."""

import os
import secrets

from config.settings.base import *
from config.settings.base import DATA_DIR, STATIC_ROOT

STATIC_ROOT.mkdir(exist_ok=True)

DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    *[h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h],
]


def _own_secret_key() -> str:
    """A key of this machine's own, made once and kept beside the data."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()


SECRET_KEY = os.environ.get("SECRET_KEY") or _own_secret_key()
