"""The server's entry: HTTP by Django, and the life of the background threads."""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

from channels.routing import ProtocolTypeRouter  # noqa: E402  the path and settings come first
from django.core.asgi import get_asgi_application  # noqa: E402

django_application = get_asgi_application()

from config.lifespan import Lifespan  # noqa: E402  needs the apps loaded

application = ProtocolTypeRouter({"http": django_application, "lifespan": Lifespan()})
