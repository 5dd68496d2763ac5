"""What a database must forget and renew that was put back from a backup."""

import secrets
import shutil
from pathlib import Path

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db.models import F
from wagtail.admin.models import EditingSession
from wagtail.models import Site

from live.models import Tally
from publishing.models import OutboxEntry, TopicVersion
from publishing.models import Sequence as Counter
from publishing.outbox import OUTBOX, announce_all, publication
from staff import audit

# Further than anything that was published after the backup and is lost: no number is given out twice.
AHEAD = 10_000_000


def settle(*, name: str) -> int:
    """Make a restored database fit to be served; returns how many topics were told again.

    Open pages notice by the new epochs. Who follows the feed of changes has a number from before: going on
    beyond all of them, everything that stands is told once more.
    """
    _forget_what_ran()
    ContentType.objects.clear_cache()
    Site.clear_site_root_paths_cache()
    with publication():
        number = _tell_again()
        if site := Site.objects.first():
            audit.record("restore_backup", site, backup=name)
    for cache in caches.all():
        cache.clear()
    for known in settings.CACHES:
        caches[known].clear()
    shutil.rmtree(Path(settings.OPEN_DATA_ROOT), ignore_errors=True)
    call_command("rebuild_search", verbosity=0)
    return number


def _forget_what_ran() -> None:
    """Everybody signs in again; processes and open editors of then are gone."""
    Session.objects.all().delete()
    EditingSession.objects.all().delete()
    Tally.objects.all().delete()


def _tell_again() -> int:
    Counter.objects.filter(name=OUTBOX).update(value=F("value") + AHEAD)
    topics = list(TopicVersion.objects.order_by("topic"))
    for topic in topics:
        topic.epoch, topic.version = secrets.token_hex(4), topic.version + AHEAD
    TopicVersion.objects.bulk_update(topics, ["epoch", "version"], batch_size=500)
    announce_all((each.topic, OutboxEntry.What.PUBLISHED, {"action": "restore"}) for each in topics)
    return len(topics)
