"""The server's entry: HTTP by Django, sockets by Channels, and the life of the background threads."""

import os
import sys
import warnings
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

# WhiteNoise hands files over in blocks from a thread, which is what we want of it.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

import django  # noqa: E402  the path and settings come first
from channels.routing import ProtocolTypeRouter  # noqa: E402  the path and settings come first

django.setup(set_prefix=False)

from channels.auth import AuthMiddlewareStack  # noqa: E402  needs the apps loaded
from channels.routing import URLRouter  # noqa: E402  the path and settings come first
from django.urls import path, re_path  # noqa: E402  the path and settings come first

from api.changes.http import ChangesHttp  # noqa: E402  needs the apps loaded
from config.lifespan import Lifespan  # noqa: E402  needs the apps loaded
from config.origins import OwnOriginOnly  # noqa: E402  needs the apps loaded
from delivery.http import PageStore  # noqa: E402  needs the apps loaded
from imports import sockets as import_sockets  # noqa: E402  needs the apps loaded
from live.consumer import LiveConsumer  # noqa: E402  needs the apps loaded
from live.http import LiveHttp  # noqa: E402  needs the apps loaded
from operations.front import Front  # noqa: E402  needs the apps loaded
from operations.handler import Handler  # noqa: E402  needs the apps loaded
from publishing.headers import SafeAnswers  # noqa: E402  needs the apps loaded
from staff.sign_in.sockets import StaffSockets  # noqa: E402  needs the apps loaded

staff_sockets = AuthMiddlewareStack(StaffSockets(URLRouter(import_sockets.urlpatterns)))
# Open pages need no session, and the room for signing in costs more than the socket.
sockets = URLRouter([path("live/", LiveConsumer.as_asgi()), re_path("", staff_sockets)])

changes = ChangesHttp(Handler())
pages = PageStore(SafeAnswers(LiveHttp(changes)))

application = Front(
    ProtocolTypeRouter({"http": pages, "websocket": OwnOriginOnly(sockets), "lifespan": Lifespan(pages)})
)
