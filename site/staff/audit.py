"""Writing who did what."""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from staff import chain
from staff.models import AuditEntry


def record(action: str, thing: models.Model, *, by: Any = None, **detail: Any) -> AuditEntry:
    """Note in the caller's transaction that ``by`` (None for the system) did ``action`` to ``thing``."""
    entry = _entry(action, thing, by, detail)
    with transaction.atomic(savepoint=False):
        entry.save()
        chain.seal_before_commit([entry])
    return entry


def record_all(action: str, details: Mapping[Any, dict[str, Any]], *, by: Any = None) -> None:
    """Note the same of many things, each with its own detail."""
    entries = [_entry(action, thing, by, detail) for thing, detail in details.items()]
    with transaction.atomic(savepoint=False):
        chain.seal_before_commit(AuditEntry.objects.bulk_create(entries))


def _entry(action: str, thing: models.Model, by: Any, detail: dict[str, Any]) -> AuditEntry:
    content_type = ContentType.objects.get_for_model(thing)
    return AuditEntry(
        action=action,
        by=by,
        person=str(by.pk) if by is not None else "",
        by_name=str(by) if by is not None else "",
        content_type=content_type,
        kind=f"{content_type.app_label}.{content_type.model}",
        object_id=str(thing.pk),
        label=str(thing)[:300],
        detail=detail,
    )
