"""Pushes the feed of changes to the endpoints that are behind: in order, signed, until it has arrived.

What is sent is written down first, so that after a crash the very same message goes out again. An endpoint is
in one worker's hands at a time; should that die, the claim runs out.
"""

import json
import logging
import random
import secrets
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from api.changes import feed
from api.webhooks import signing
from api.webhooks.models import Delivery, Webhook, WebhookQuerySet
from api.webhooks.post import Outcome, post
from publishing import outbox
from publishing.models import OutboxEntry
from staff import audit

logger = logging.getLogger("api")
Clock = Callable[[], datetime]

BATCH = 100  # rows in one message
AT_ONCE = 8  # endpoints
CLAIMED_FOR = timedelta(minutes=1)  # longer than a message may take
WORKS_FOR = timedelta(seconds=20)  # before other tasks get their turn
FIRST_RETRY, LONGEST_RETRY, SLOWER = 10.0, 6 * 3600.0, 3  # seconds, seconds, times
JITTER = 0.2
GIVE_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
BEHIND_OTHERS = -10  # of the tasks: imports that staff wait for come first


@dataclass(frozen=True)
class Parcel:
    """A message in the hands of this worker."""

    webhook: int
    delivery: int
    claim: str
    url: str
    message_id: str
    body: bytes = field(repr=False)
    secrets: list[str] = field(repr=False)

    def send(self, timestamp: int) -> Outcome:
        headers = signing.headers(self.message_id, timestamp, self.body, self.secrets)
        return post(self.url, self.body, headers)


# When


@task(priority=BEHIND_OTHERS)
def deliver() -> None:
    run()
    call_worker()


def follow(entries: list[OutboxEntry]) -> None:
    """Follow the outbox: have the worker deliver what was committed."""
    if any(entry.standing != OutboxEntry.Standing.HIDDEN for entry in entries):
        call_worker()


def call_worker() -> int:
    """Enqueue the task if an endpoint is due and none waits yet; the schedule asks too, for retries."""
    if not _due(timezone.now()).exists():
        return 0
    if DBTaskResult.objects.ready().filter(task_path=deliver.module_path).exists():
        return 0
    deliver.enqueue()
    return 1


def _due(now: datetime) -> WebhookQuerySet:
    return Webhook.objects.due(now, newest=outbox.newest())


def run(clock: Clock = timezone.now) -> int:
    """Send to every endpoint that is due, several at once, one message after the other; returns how many."""
    until, sent = clock() + WORKS_FOR, 0
    with ThreadPoolExecutor(AT_ONCE, "webhooks") as pool:
        running: dict[Future[Outcome], Parcel] = {}
        while True:
            if clock() < until:
                for parcel in _take_some(AT_ONCE - len(running), clock):
                    running[pool.submit(parcel.send, int(clock().timestamp()))] = parcel
            if not running:
                return sent
            done, _others = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                note(running.pop(future), future.result(), clock())
                sent += 1


def _take_some(most: int, clock: Clock) -> list[Parcel]:
    parcels: list[Parcel] = []
    if most:
        for pk in _due(clock()).order_by("told_until").values_list("pk", flat=True)[:most]:
            if parcel := take(pk, clock()):
                parcels.append(parcel)
    return parcels


# What


def take(pk: int, now: datetime) -> Parcel | None:
    """Claim an endpoint and put its next message together; None if another has it or nothing is to tell."""
    claim = secrets.token_hex(16)
    with transaction.atomic():
        is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        mine = Webhook.objects.filter(is_free, pk=pk, is_active=True)
        if not mine.update(claim=claim, claimed_until=now + CLAIMED_FOR):
            return None
        webhook = Webhook.objects.get(pk=pk)
        delivery = webhook.deliveries.filter(state=Delivery.State.WAITING).first() or _next(webhook, now)
        if delivery is None:
            Webhook.objects.filter(pk=pk).update(claim="", claimed_until=None)
            return None
    return parcel_of(webhook, delivery, now, claim=claim)


def parcel_of(webhook: Webhook, delivery: Delivery, now: datetime, *, claim: str = "") -> Parcel:
    return Parcel(
        webhook=webhook.pk,
        delivery=delivery.pk,
        claim=claim,
        url=webhook.url,
        message_id=delivery.message_id,
        body=delivery.payload.encode(),
        secrets=webhook.secrets_at(now),
    )


def _next(webhook: Webhook, now: datetime) -> Delivery | None:
    """The message with what follows; where nothing is for this endpoint it counts as told."""
    # Links lead to the site as its staff know it: there is no request here that would say.
    absolute = partial(urljoin, settings.WAGTAILADMIN_BASE_URL)
    try:
        part = feed.read(webhook.told_until, limit=BATCH, kinds=webhook.kinds, absolute=absolute)
    except feed.Ahead:  # a backup was put back
        Webhook.objects.filter(pk=webhook.pk).update(told_until=outbox.newest())
        return None
    if not part.changes:
        Webhook.objects.filter(pk=webhook.pk).update(told_until=part.last)
        return None
    return Delivery.objects.create(
        webhook=webhook,
        message_id=new_message_id(),
        first=part.changes[0]["sequence"],
        last=part.last,
        rows=len(part.changes),
        payload=payload("changes", part.changes, part.last),
        created_at=now,
    )


def payload(kind: str, changes: list[dict[str, object]], last: int) -> str:
    told = {"type": kind, "changes": changes, "last": last}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def new_message_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


# What became of it


def note(parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """Keep how it went: go on, try again later, or stop. Nothing if the claim has run out meanwhile."""
    with transaction.atomic():
        mine = Webhook.objects.select_for_update().filter(pk=parcel.webhook, claim=parcel.claim)
        webhook = mine.first()
        if webhook is None:
            return
        delivery = webhook.deliveries.get(pk=parcel.delivery)
        keep(delivery, outcome, now)
        webhook.claim, webhook.claimed_until = "", None
        if outcome.is_success:
            delivery.state = Delivery.State.DELIVERED
            webhook.told_until, webhook.delivered_at = delivery.last, now
            webhook.failing_since, webhook.attempts, webhook.next_try_at = None, 0, None
        else:
            webhook.failing_since = webhook.failing_since or now
            webhook.attempts += 1
            webhook.next_try_at = now + pause_after(webhook.attempts, random.random())
            if webhook.is_active:
                _stop_if_hopeless(webhook, outcome, now)
        delivery.save()
        webhook.save()


def keep(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    delivery.attempts += 1
    delivery.tried_at, delivery.status_code, delivery.error = now, outcome.status, outcome.error[:200]
    delivery.duration_ms, delivery.response = outcome.duration_ms, outcome.response


def pause_after(attempts: int, chance: float) -> timedelta:
    """How long to leave an endpoint alone after so many failures; ``chance`` (0 to 1) keeps them apart."""
    seconds = min(FIRST_RETRY * SLOWER ** min(attempts - 1, 20), LONGEST_RETRY)
    return timedelta(seconds=seconds * (1 + JITTER * (2 * chance - 1)))


def _stop_if_hopeless(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    since = webhook.failing_since or now
    if outcome.is_gone:
        webhook.stopped_because = Webhook.Stopped.GONE
    elif now - since >= GIVE_UP_AFTER:
        webhook.stopped_because = Webhook.Stopped.FAILING
    else:
        return
    webhook.is_active, webhook.next_try_at = False, None
    audit.record("stop_webhook", webhook, reason=webhook.stopped_because, error=outcome.error)
    logger.warning("Webhook %s was stopped: %s", webhook.pk, webhook.stopped_because)


def forget_deliveries() -> int:
    """Remove old deliveries and secrets that hold no longer; returns how many deliveries."""
    now = timezone.now()
    Webhook.objects.filter(old_secret_until__lte=now).update(old_secret="", old_secret_until=None)
    old = Delivery.objects.filter(created_at__lt=now - KEPT).exclude(state=Delivery.State.WAITING)
    return old.delete()[0]
