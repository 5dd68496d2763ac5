"""How long the record is kept, and how its oldest part goes without breaking the rest."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import transaction
from django.utils import timezone

from staff import audit, chain
from staff.models import AuditChain, AuditEntry

AT_LEAST = 180  # days, whatever is configured
BATCH = 5_000  # entries that go in one transaction, during which nobody can add any


def kept_days() -> int:
    """Days for which entries are kept."""
    return max(AT_LEAST, int(settings.AUDIT_KEPT_DAYS))


def check_kept_days(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Says that a shorter time than the least is not followed."""
    if kept_days() == int(settings.AUDIT_KEPT_DAYS):
        return []
    said = (
        f"AUDIT_KEPT_DAYS is {settings.AUDIT_KEPT_DAYS}; audit entries are kept {AT_LEAST} days all the same."
    )
    return [checks.Warning(said, hint=f"Set it to {AT_LEAST} or more.", id="staff.W001")]


def forget_audit() -> int:
    """Remove entries older than ``AUDIT_KEPT_DAYS`` from the old end of the chain; returns how many."""
    before = timezone.now() - timedelta(days=kept_days())
    removed = 0
    while some := _remove_some(before):
        removed += some
    if removed:
        head = AuditChain.objects.get(pk=AuditChain.ONLY)
        audit.record("forget_audit", head, removed=removed, up_to=head.removed_number)
    return removed


@transaction.atomic
def _remove_some(before: Any) -> int:
    """Cut up to ``BATCH`` entries off; the signed stump says where first, so that the database allows it."""
    if not AuditEntry.objects.filter(at__lt=before, sequence__isnull=False).exists():
        return 0
    head = chain.locked_head()
    first = AuditEntry.objects.filter(sequence__gt=head.removed_number).order_by("sequence")
    oldest: list[Any] = list(first.values_list("sequence", "hash", "at")[:BATCH])
    gone = 0
    while gone < len(oldest) and oldest[gone][2] < before:
        gone += 1
    if not gone:
        return 0
    number, hashed = oldest[gone - 1][:2]
    name, key = chain.current_key()
    AuditChain.objects.filter(pk=head.pk).update(
        removed_number=number,
        removed_hash=hashed,
        removed_key_name=name,
        removed_seal=chain.seal_of("stump", number, hashed, key),
        removed_at=timezone.now(),
    )
    entries = AuditEntry.objects.filter(sequence__lte=number)
    entries._raw_delete(entries.db)  # nothing refers to them
    return gone
