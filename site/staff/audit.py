"""Writing who did what."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from staff.models import AuditEntry


def record(action: str, thing: models.Model, *, by: Any = None, **detail: Any) -> AuditEntry:
    """Note in the caller's transaction that ``by`` (None for the system) did ``action`` to ``thing``."""
    return AuditEntry.objects.create(
        action=action,
        by=by,
        by_name=str(by) if by is not None else "",
        content_type=ContentType.objects.get_for_model(thing),
        object_id=str(thing.pk),
        label=str(thing)[:300],
        detail=detail,
    )
