"""Writing who did what."""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from staff.models import AuditEntry


def record(action: str, thing: models.Model, *, by: Any = None, **detail: Any) -> AuditEntry:
    """Note in the caller's transaction that ``by`` (None for the system) did ``action`` to ``thing``."""
    entry = _entry(action, thing, by, detail)
    entry.save()
    return entry


def record_all(action: str, details: Mapping[Any, dict[str, Any]], *, by: Any = None) -> None:
    """Note the same of many things, each with its own detail."""
    AuditEntry.objects.bulk_create(_entry(action, thing, by, detail) for thing, detail in details.items())


def _entry(action: str, thing: models.Model, by: Any, detail: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        action=action,
        by=by,
        by_name=str(by) if by is not None else "",
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        label=str(thing)[:300],
        detail=detail,
    )
