"""Addresses for machines that watch the site, answered before Django: whatever host or scheme they use."""

import json
import multiprocessing
import secrets
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST

from operations import metrics, readiness, standing
from operations.watched import Watched

FIGURES = Watched(standing.now, holds=5.0)
FIGURES_WITHIN = 1.5  # seconds
TEXT, JSON = b"text/plain; charset=utf-8", b"application/json"
SHARED = b"Several workers share this port, each with figures of its own. Run one process for each port.\n"


async def health(scope: Any, send: Any) -> None:
    """``/healthz``: this process answers."""
    await _send(scope, send, 200, b"ok\n")


async def ready(scope: Any, send: Any) -> None:
    """``/readyz``: all parts, or ``?parts=database,outbox``; reasons only for those who may know."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("parts", [""])[-1]
    names = [name for name in asked.split(",") if name in readiness.PARTS] or list(readiness.PARTS)
    wrong = await readiness.look(names)
    said: dict[str, Any] = {"ready": not any(wrong.values())}
    said["parts"] = {name: not reason for name, reason in wrong.items()}
    if _may_know(scope):
        said["reasons"] = {name: reason for name, reason in wrong.items() if reason}
    await _send(scope, send, 200 if said["ready"] else 503, json.dumps(said).encode(), JSON)


async def figures(scope: Any, send: Any) -> None:
    """``/metrics``, for this machine and for who has the token."""
    if not _may_know(scope):
        await _send(scope, send, 403, b"METRICS_TOKEN\n")
    elif multiprocessing.parent_process() is not None:  # one of config.serve --workers
        await _send(scope, send, 503, SHARED)
    else:
        try:
            found = await FIGURES.within(FIGURES_WITHIN)
        except Exception:  # no answer in time, or the database is away
            found = None
        await _send(scope, send, 200, metrics.written(found), CONTENT_TYPE_LATEST.encode())


AT = {"/healthz": health, "/readyz": ready, "/metrics": figures}


def _may_know(scope: Any) -> bool:
    """Asked from this machine itself, or with the token."""
    if scope.get("is_local"):
        return True
    given = dict(scope["headers"]).get(b"authorization", b"").removeprefix(b"Bearer ")
    wanted = settings.METRICS_TOKEN.encode()
    return bool(wanted) and secrets.compare_digest(given, wanted)


async def _send(scope: Any, send: Any, status: int, body: bytes, kind: bytes = TEXT) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", scope["request_id"].encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
