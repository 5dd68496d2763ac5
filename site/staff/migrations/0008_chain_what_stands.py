"""What was recorded before there was a chain: in the order in which it was, names of person and kind as text."""

import hashlib
import hmac
import json
from datetime import UTC

from django.conf import settings
from django.db import migrations
from django.db.models import CharField, F
from django.db.models.functions import Cast

START = "0" * 64
FIELDS = ["pk", "at", "person", "by_name", "action", "kind", "object_id", "label", "detail"]
AT_ONCE = 1000


def fill(apps, schema_editor):
    entries = apps.get_model("staff", "AuditEntry").objects.order_by("pk")
    entries.filter(by__isnull=False).update(person=Cast(F("by_id"), CharField()))
    for content_type in apps.get_model("contenttypes", "ContentType").objects.all():
        kind = f"{content_type.app_label}.{content_type.model}"
        entries.filter(content_type=content_type).update(kind=kind)
    name, key = current_key()
    number, previous, last = 0, START, 0
    while rows := list(entries.filter(pk__gt=last).values_list(*FIELDS)[:AT_ONCE]):
        seals = []
        for row in rows:
            number, last = number + 1, row[0]
            hashed = hash_of(row, number, previous, key)
            seals.append((number, previous, hashed, name, row[0]))
            previous = hashed
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE staff_auditentry SET sequence = %s, previous_hash = %s, hash = %s, key_name = %s"
                " WHERE id = %s",
                seals,
            )
    chain = apps.get_model("staff", "AuditChain").objects
    if number:
        seal = hmac.digest(key, f"head {number} {previous}".encode(), "sha256").hex()
        chain.create(pk=1, number=number, hash=previous, key_name=name, seal=seal)
    else:
        chain.create(pk=1)


def current_key():
    secret = settings.AUDIT_KEY or settings.SECRET_KEY
    key = hmac.digest(secret.encode(), b"staff.audit", "sha256")
    return hashlib.sha256(key).hexdigest()[:8], key


def hash_of(row, number, previous, key):
    content = [1, number, previous, row[1].astimezone(UTC).isoformat(timespec="microseconds"), *row[2:]]
    text = json.dumps([*content, row[0]], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


class Migration(migrations.Migration):
    dependencies = [("staff", "0007_first_passwords"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
