"""What administrators do with an endpoint; each leaves an audit record, none of which knows the secret."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from api.webhooks import deliver
from api.webhooks.models import BOTH_SECRETS_FOR, Delivery, Webhook
from api.webhooks.signing import new_secret
from publishing import outbox
from staff import audit

Cause, State = Delivery.Cause, Delivery.State


@transaction.atomic
def create(webhook: Webhook, *, by: Any) -> str:
    """Keep a new endpoint, to be told of what comes from now on; returns its secret, to be shown once."""
    webhook.created_by, webhook.told_until, webhook.secret = by, outbox.newest(), new_secret()
    webhook.save()
    audit.record("create_webhook", webhook, by=by, url=webhook.url, kinds=webhook.kinds)
    return webhook.secret


@transaction.atomic
def change(webhook: Webhook, *, by: Any) -> None:
    """Keep another name, address or choice of kinds; a new address is tried at once."""
    fields = ["name", "url", "kinds"]
    webhook.save(update_fields=fields)
    Webhook.objects.filter(pk=webhook.pk).update(next_try_at=None)
    audit.record("change_webhook", webhook, by=by, **{name: getattr(webhook, name) for name in fields})
    deliver.call_worker()


@transaction.atomic
def stop(webhook: Webhook, *, by: Any) -> None:
    mine = Webhook.objects.filter(pk=webhook.pk, is_active=True)
    if mine.update(is_active=False, stopped_because=Webhook.Stopped.BY_HAND, next_try_at=None):
        audit.record("stop_webhook", webhook, by=by, reason=Webhook.Stopped.BY_HAND)


@transaction.atomic
def resume(webhook: Webhook, *, by: Any) -> None:
    """Go on where it stopped, beginning with what could not be delivered."""
    anew = {"failing_since": None, "attempts": 0, "next_try_at": None}
    mine = Webhook.objects.filter(pk=webhook.pk, is_active=False)
    if mine.update(is_active=True, stopped_because="", **anew):
        audit.record("resume_webhook", webhook, by=by)
        deliver.call_worker()


@transaction.atomic
def rotate(webhook: Webhook, *, by: Any) -> str:
    """A new secret, to be shown once. For a day the one before signs too, so that nothing is refused."""
    secret = new_secret()
    Webhook.objects.filter(pk=webhook.pk).update(
        secret=secret,
        old_secret=webhook.secret,
        old_secret_until=timezone.now() + BOTH_SECRETS_FOR,
    )
    audit.record("rotate_webhook_secret", webhook, by=by)
    return secret


@transaction.atomic
def remove(webhook: Webhook, *, by: Any) -> None:
    audit.record("delete_webhook", webhook, by=by, url=webhook.url)
    webhook.delete()


def test(webhook: Webhook, *, by: Any) -> Delivery:
    """Send a message without changes, now; what waits to be delivered is not touched."""
    payload = deliver.payload("test", [], webhook.told_until)
    message = Delivery(message_id=deliver.new_message_id(), cause=Cause.TEST, payload=payload)
    return _send_now(webhook, message, "test_webhook", by)


def resend(delivery: Delivery, *, by: Any) -> Delivery:
    """Send the same message again, now, under the same id; how far the endpoint is does not change."""
    same = {name: getattr(delivery, name) for name in ("message_id", "first", "last", "rows", "payload")}
    message = Delivery(cause=Cause.RESEND, **same)
    return _send_now(delivery.webhook, message, "resend_delivery", by)


def _send_now(webhook: Webhook, message: Delivery, action: str, by: Any) -> Delivery:
    """Outside any transaction: nobody who publishes waits for a stranger's server."""
    message.webhook, now = webhook, timezone.now()
    outcome = deliver.parcel_of(webhook, message, now).send(int(now.timestamp()))
    deliver.keep(message, outcome, now)
    message.state = State.DELIVERED if outcome.is_success else State.FAILED
    with transaction.atomic():
        message.save()
        detail = {"message": message.message_id, "status": outcome.status, "error": outcome.error}
        audit.record(action, webhook, by=by, **detail)
    return message
