"""The chain of the record: every entry is numbered and sealed with the hash of the one before.

Entries are written where the change is made, without a number. The last statements of their transaction,
right before its commit, lock the head of the chain, number them and seal them. So numbers follow the order
of commits, without gaps and forks; nobody waits longer than for another's commit; and since no other lock is
taken after this one, it can be part of no deadlock. (docs/decisions/0013-the-audit-chain.md)
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, transaction

from content_models.base.bulk import batches
from staff.models import AuditChain, AuditEntry

BATCH = 500
START = "0" * 64  # what the first entry names as the hash before


class Sealed(NamedTuple):
    """What the hash of an entry is made of, as the database returns it."""

    pk: int
    at: datetime
    person: str
    by_name: str
    action: str
    kind: str
    object_id: str
    label: str
    detail: Any


def hash_of(entry: Sealed, number: int, previous: str, key: bytes) -> str:
    """The keyed hash over an entry in its one canonical form."""
    content = [1, number, previous, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), *entry[2:]]
    text = json.dumps([*content, entry.pk], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def seal_of(what: str, number: int, hashed: str, key: bytes) -> str:
    """The keyed hash over an end of the chain: ``head`` or ``stump``."""
    return hmac.digest(key, f"{what} {number} {hashed}".encode(), "sha256").hex()


def keys() -> dict[str, bytes]:
    """Every key that entries may be sealed with, by its name; new entries take the first."""
    before = [*settings.AUDIT_KEY_FALLBACKS, *settings.SECRET_KEY_FALLBACKS]
    secrets = [settings.AUDIT_KEY, settings.SECRET_KEY, *before]
    found: dict[str, bytes] = {}
    for secret in filter(None, secrets):
        key = hmac.digest(str(secret).encode(), b"staff.audit", "sha256")
        found.setdefault(hashlib.sha256(key).hexdigest()[:8], key)
    return found


def current_key() -> tuple[str, bytes]:
    """The name and the key that new entries are sealed with."""
    return next(iter(keys().items()))


def seal_before_commit(entries: Iterable[AuditEntry]) -> None:
    """Have these, written in the transaction that is open, sealed by its last statements."""
    connection: Any = transaction.get_connection()
    if not hasattr(connection, "unsealed_entries"):
        connection.unsealed_entries = set()
        connection._commit = _sealing_first(connection, connection._commit)
        connection._rollback = _forgetting_first(connection, connection._rollback)
    connection.unsealed_entries.update(entry.pk for entry in entries)


def _sealing_first(connection: Any, commit: Callable[[], None]) -> Callable[[], None]:
    """Django has no hook before a commit, through which every writer would pass; this is one."""

    def seal_and_commit() -> None:
        waiting = sorted(connection.unsealed_entries)
        connection.unsealed_entries.clear()
        if waiting:
            try:
                seal(waiting)
            except DatabaseError:
                raise  # Django rolls back
            except BaseException:
                connection.rollback()
                raise
        commit()

    return seal_and_commit


def _forgetting_first(connection: Any, rollback: Callable[[], None]) -> Callable[[], None]:
    def forget_and_roll_back() -> None:
        connection.unsealed_entries.clear()
        rollback()

    return forget_and_roll_back


def seal(pks: Sequence[int]) -> int:
    """Number and seal those of these entries that are there and not sealed yet; returns how many."""
    head = locked_head()
    name, key = current_key()
    number, previous = head.number, head.hash
    for some in batches(pks, BATCH):
        found = AuditEntry.objects.filter(pk__in=some, sequence=None).order_by("pk")
        seals = []
        for values in found.values_list(*Sealed._fields):
            entry, number = Sealed(*values), number + 1
            hashed = hash_of(entry, number, previous, key)
            seals.append((number, previous, hashed, name, entry.pk))
            previous = hashed
        _write(seals)
    sealed = number - head.number
    if sealed:
        AuditChain.objects.filter(pk=head.pk).update(
            number=number, hash=previous, key_name=name, seal=seal_of("head", number, previous, key)
        )
    return sealed


def _write(seals: Sequence[tuple[int, str, str, str, int]]) -> None:
    if not seals:
        return
    with transaction.get_connection().cursor() as cursor:
        cursor.executemany(
            "UPDATE staff_auditentry SET sequence = %s, previous_hash = %s, hash = %s, key_name = %s"
            " WHERE id = %s",
            seals,
        )


def locked_head() -> AuditChain:
    """The head of the chain, which nobody else can move until this transaction ends."""
    locked = AuditChain.objects.select_for_update().filter(pk=AuditChain.ONLY)
    if (head := locked.first()) is None:
        AuditChain.objects.get_or_create(pk=AuditChain.ONLY)
        head = locked.get()
    return head
