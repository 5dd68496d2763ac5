"""What the doctor looks at, in this order."""

import asyncio
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core import checks, mail
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_redis import get_redis_connection
from wagtail.search.backends import get_search_backend

from imports.demo_accounts import ACCOUNTS
from operations import heartbeat, standing
from operations.doctor import Finding, examination, fail, ok, warn
from search import documents
from search.models import Document
from staff.models import AuditCheck, User

SPACE_SHORT, SPACE_OUT = 2 * 1024**3, 512 * 1024**2  # bytes
SECONDS_APART, SECONDS_TOO_FAR = 2.0, 30.0  # between the database's clock and ours
OLDEST_REDIS, OLDEST_POSTGRES = 6, 140_000
COPY_HOURS = 24
WAITS_LONG, WAITS_TOO_LONG = 60.0, 300.0  # seconds
VERIFIED_EVERY = timedelta(days=8)
WORDS = ("admin", "doorstep")  # tried as passwords of the demo's accounts, beside their names
SCRATCH = "doctor-"


# Settings


@examination("settings")
def look_at_settings() -> Iterator[Finding]:
    for unsafe in getattr(settings, "UNSAFE", []):
        yield fail("settings", f"{unsafe.variable}: {unsafe.reason}", unsafe.remedy)
    module = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    if not module.endswith(".production"):
        remedy = "On a public site set DJANGO_SETTINGS_MODULE=config.settings.production."
        yield warn("settings", f"these are {module}", remedy)
    found = checks.run_checks(include_deployment_checks=settings.HEARTBEATS)
    told = [message for message in found if not message.is_silenced() and message.level >= checks.WARNING]
    for message in told:
        make = fail if message.level >= checks.ERROR else warn
        yield make("settings", f"{message.id}: {message.msg}", message.hint or "See Django's documentation.")
    if not told:
        yield ok("settings", "Django's own checks find nothing")


# The database


@examination("database")
def look_at_database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        yield fail("database", f"not reachable: {said}", "Start it, or correct DATABASE_URL.")
        return
    if connection.vendor == "postgresql":
        yield from _postgres()
    else:
        yield ok("database", f"SQLite, {connection.settings_dict['NAME']}")
    yield from _migrations()


def _postgres() -> Iterator[Finding]:
    version = connection.cursor().connection.info.server_version
    if version < OLDEST_POSTGRES:
        yield warn("database", f"PostgreSQL {version // 10_000} is old", "Upgrade to PostgreSQL 14 or later.")
    encoding, collation = _one(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
    )
    if encoding == "UTF8":
        yield ok("database", f"PostgreSQL {version // 10_000}, {encoding}, {collation}")
    else:
        yield fail("database", f"its encoding is {encoding}", "Make it anew with ENCODING 'UTF8'.")
    moved = (
        version >= 150_000
        and _one(
            "SELECT datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)"
            " FROM pg_database WHERE datname = current_database()"
        )[0]
    )
    if moved:
        remedy = "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION."
        yield warn("database", "the system sorts text differently than when indexes were built", remedy)
    apart = abs((_one("SELECT clock_timestamp()")[0] - timezone.now()).total_seconds())
    if apart > SECONDS_APART:
        make = fail if apart > SECONDS_TOO_FAR else warn
        yield make(
            "database", f"its clock is {apart:.0f} s from ours", "Let both machines keep time (chrony)."
        )
    most = int(_one("SELECT current_setting('max_connections')")[0])
    wanted = getattr(settings, "DATABASE_CONNECTIONS", 1) * settings.WEB_PROCESSES + 4
    if wanted > most:
        remedy = "Lower DATABASE_CONNECTIONS, or raise max_connections of PostgreSQL."
        yield warn("database", f"our processes may want {wanted} connections of {most}", remedy)
    zone = _one("SELECT current_setting('TimeZone')")[0]
    if zone != "UTC":  # Django sets it for each connection
        yield fail("database", f"connections run in {zone}", "Remove what sets the time zone in between.")


def _one(query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone() or ()


def _migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    ours = {name for app, name in unknown if app in executor.loader.migrated_apps}
    if plan:
        first = f"{plan[0][0].app_label}.{plan[0][0].name}"
        remedy = "python manage.py migrate"
        yield fail("database", f"{len(plan)} migrations are not applied, first {first}", remedy)
    elif ours:
        remedy = "Fine while an older release runs on; else install the newer one."
        yield warn("database", f"it knows migrations that this release does not: {min(ours)}", remedy)
    else:
        yield ok("database", "all migrations are applied")


# Redis


@examination("redis")
def look_at_redis() -> Iterator[Finding]:
    layer = get_channel_layer()
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        yield ok("redis", "none: one process keeps everything in its memory")
        return
    info = get_redis_connection("default").info()
    version = str(info["redis_version"])
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield warn("redis", f"Redis {version} is old", "Upgrade to Redis 6 or later.")
    else:
        yield ok("redis", f"Redis {version}")
    if info.get("maxmemory", 0) and str(info.get("maxmemory_policy")) == "noeviction":
        remedy = "Set maxmemory-policy to allkeys-lru."
        yield warn("redis", "when its memory is full it takes nothing more into the cache", remedy)
    elif not info.get("maxmemory", 0):
        remedy = "Set maxmemory 256mb and maxmemory-policy allkeys-lru."
        yield warn("redis", "it may take all memory of its machine", remedy)
    asyncio.run(_send_and_hear(layer))
    yield ok("redis", "a message sent through the channel layer comes back")


async def _send_and_hear(layer: Any) -> None:
    async with asyncio.timeout(5):
        channel, word = await layer.new_channel(SCRATCH), secrets.token_hex(4)
        await layer.send(channel, {"type": "doctor", "word": word})
        heard = await layer.receive(channel)
    if heard.get("word") != word:
        raise ValueError("another message came back than was sent")


# Processes, and what they have to do in time


@examination("processes", needs_database=True)
def look_at_processes() -> Iterator[Finding]:
    if not settings.HEARTBEATS:
        yield ok("processes", "the server does the work of the worker and the scheduler")
        return
    alive = heartbeat.alive()
    web, is_single = alive["web"], getattr(settings, "SINGLE_PROCESS", False)
    if is_single and web > 1:
        remedy = "Stop all but one, or remove SINGLE_PROCESS and set REDIS_URL."
        yield fail("processes", f"{web} web processes run, each with a memory of its own", remedy)
    elif not web:
        yield warn("processes", "no web process gave a sign of life", "systemctl start doorstep-web@8001")
    else:
        yield ok("processes", f"{web} web, {alive['worker']} worker, {alive['schedule']} scheduler")
    for work, name in () if is_single else (("worker", "worker"), ("schedule", "scheduler")):
        if not alive[work]:
            last = heartbeat.last(work)
            since = f"since {timezone.localtime(last):%Y-%m-%d %H:%M}" if last else "ever"
            remedy = f"systemctl start doorstep-{name}"
            yield fail("processes", f"no {name} gave a sign of life {since}", remedy)


@examination("in time", needs_database=True)
def look_at_what_waits() -> Iterator[Finding]:
    look = "Look into the scheduler's log."
    waits = {
        "what was published is not told everywhere": (standing.outbox_delay(), look),
        "something due on the schedule waits": (standing.overdue(), look),
        "a task waits for a worker": (standing.tasks_delay(), "Start a worker, or one more."),
    }
    late = {what: each for what, each in waits.items() if each[0] > WAITS_LONG}
    for what, (seconds, remedy) in late.items():
        make = fail if seconds > WAITS_TOO_LONG else warn
        yield make("in time", f"{what} since {seconds:.0f} s", remedy)
    if failed := standing.schedule_failed():
        remedy = "Open 报表 → 定时发布 in the admin: it says why, and what to do."
        yield warn("in time", f"{failed} items could not be done at their time", remedy)
    if not late:
        yield ok("in time", "nothing published, scheduled or left for the worker waits")


@examination("search", needs_database=True)
def look_at_search() -> Iterator[Finding]:
    remedy = "python manage.py rebuild_search"
    public = set(documents.all_pages())
    known = set(Document.objects.filter(key="").values_list("page", flat=True))
    if missing := public - known:
        yield warn("search", f"{len(missing)} public pages cannot be found", remedy)
    if stale := known - public:
        yield warn("search", f"{len(stale)} pages can be found that are not public", remedy)
    if not missing and not stale:
        yield ok("search", f"all {len(public)} public pages can be found")
    backend = get_search_backend()
    if hasattr(backend, "send_missed"):
        backend.search("a", Document.objects.all())[:1].count()  # raises where the server is away
        yield ok("search", "the search server answers")


@examination("accounts", needs_database=True, within=60)
def look_at_accounts() -> Iterator[Finding]:
    names = [account.username for account in ACCOUNTS]
    known = list(User.objects.filter(username__in=names, is_active=True))
    words = [word for word in (os.environ.get("DEMO_PASSWORD", ""), *WORDS) if word]
    open_doors = [user for user in known if any(map(user.check_password, [user.username, *words]))]
    if open_doors:
        who = ", ".join(user.username for user in open_doors)
        remedy = "python manage.py changepassword NAME, or disable the accounts."
        yield fail("accounts", f"everybody knows the password of {who}", remedy)
    if settings.HEARTBEATS and len(known) > len(names) // 2:
        remedy = "Disable those that nobody works with."
        yield warn("accounts", "the accounts of the demo are still there", remedy)
    if not User.objects.filter(is_active=True, is_superuser=True).exists():
        yield warn("accounts", "there is no administrator", "python manage.py createsuperuser")
    elif not open_doors:
        yield ok("accounts", "no account of the demo has a known password")


# Files


@examination("record", needs_database=True)
def look_at_record() -> Iterator[Finding]:
    """The chain of who did what: verified lately, and whole."""
    remedy = "Run manage.py verify_audit, each night by a timer (doorstep-verify.timer)."
    last = AuditCheck.objects.first()
    if last is None:
        yield warn("record", "the record of who did what was never verified", remedy)
    elif last.problem:
        yield fail("record", f"the chain is broken: {last.problem}", "See docs/operators.md: The record.")
    elif timezone.now() - last.at > VERIFIED_EVERY:
        yield warn("record", f"verified {last.at:%Y-%m-%d}, which is long ago", remedy)
    else:
        yield ok("record", f"verified {last.at:%Y-%m-%d}, whole up to number {last.number}")


@examination("files")
def look_at_files() -> Iterator[Finding]:
    for name, text in (("DATA_DIR", settings.DATA_DIR), ("MEDIA_ROOT", settings.MEDIA_ROOT)):
        folder = Path(text)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            scratch = folder / f"{SCRATCH}{secrets.token_hex(4)}"
            scratch.touch()
            scratch.unlink()
        except OSError as error:
            remedy = "Make the folder and give it to the user the site runs as."
            yield fail("files", f"{name}: nothing can be written to {folder} ({error.strerror})", remedy)
        else:
            yield from _space(name, folder)
    private = Path(settings.DATA_DIR) / "imports"
    if private.is_dir() and private.stat().st_mode & 0o007:
        yield warn("files", f"other users may read {private}", f"chmod o-rwx {private}")


def _space(name: str, folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    says = f"{name}: {free / 1024**3:.1f} GB free in {folder}"
    if free > SPACE_SHORT:
        yield ok("files", says)
    else:
        make = fail if free < SPACE_OUT else warn
        yield make("files", says, "Make room: old backups and logs first, then a larger disk.")


@examination("static files")
def look_at_static_files() -> Iterator[Finding]:
    """Whether each file of this release is there under the name that its content gives it."""
    storage = staticfiles_storage
    if not isinstance(storage, ManifestFilesMixin):
        yield ok("static files", "served from where they are")
        return
    remedy = "python manage.py collectstatic --noinput"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        yield fail("static files", f"they were not collected into {settings.STATIC_ROOT}", remedy)
        return
    known = json.loads(manifest.read_text())["paths"]
    own = [finder for finder in finders.get_finders() if hasattr(finder, "storages")]
    missing = [
        path
        for finder in own
        for path, _storage in finder.list([])
        if path not in known or not (Path(settings.STATIC_ROOT) / known[path]).exists()
    ]
    if missing:
        yield fail("static files", f"{len(missing)} were not collected, first {missing[0]}", remedy)
    else:
        yield ok("static files", f"all {len(known)} are collected")


@examination("copy")
def look_at_copy() -> Iterator[Finding]:
    """The copy that is given out while no web process answers."""
    home = Path(settings.DATA_DIR) / "export" / "index.html"
    remedy = f"python manage.py export_site {home.parent}"
    if not home.exists():
        if settings.HEARTBEATS:
            yield warn("copy", "there is no copy of the site for when it is down", remedy)
        return
    hours = (time.time() - home.stat().st_mtime) / 3600
    if hours > COPY_HOURS:
        yield warn("copy", f"the copy of the site is {hours:.0f} hours old", remedy)
    else:
        yield ok("copy", f"the copy of the site is {hours:.0f} hours old")


# Mail


@examination("mail")
def look_at_mail() -> Iterator[Finding]:
    if not settings.EMAIL_HOST or (settings.EMAIL_HOST, settings.EMAIL_PORT) == ("localhost", 25):
        remedy = "Set EMAIL_URL, if people are to be told of reviews and to set a new password themselves."
        yield warn("mail", "no mail server is set", remedy)
        return
    server = mail.get_connection(timeout=5)
    server.open()
    server.close()
    yield ok("mail", f"{settings.EMAIL_HOST} takes mail")
