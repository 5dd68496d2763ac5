"""Reading the whole chain again, to find the first entry that is not as it was written."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from staff import audit, chain, guard
from staff.models import AuditChain, AuditCheck, AuditEntry

AT_ONCE = 2_000
SEALS = ["sequence", "previous_hash", "hash", "key_name", "by_id", "content_type_id"]


@dataclass
class Verdict:
    """What was found: entries read, from and to which number, and the first thing that is wrong."""

    read: int = 0
    begins_at: int = 1
    whole_to: int = 0
    problem: str = ""
    broken_at: int | None = None  # the number, and the row's id, of the first broken entry
    broken_id: int | None = None
    is_guarded: bool = True  # the database refuses changes
    lacks_key: bool = False  # for want of which nothing could be verified

    @property
    def is_whole(self) -> bool:
        return not self.problem


class Broken(Exception):
    """An entry that is not what it was, or an end of the chain."""

    def __init__(self, problem: str, *, number: int | None = None, pk: int | None = None) -> None:
        super().__init__(problem)
        self.problem, self.number, self.pk = problem, number, pk


class NoKey(Broken):
    """Something that was sealed with a key which this site does not have: nobody can tell."""


def verify() -> Verdict:
    """Read all there is in one stream; what is added meanwhile is left for the next time."""
    while True:
        ends = _ends()
        verdict = _verify(ends)
        # Entries that were removed on time while this was reading are no fault: begin again.
        if verdict.is_whole or _ends().removed_number == ends.removed_number:
            break
    verdict.is_guarded = guard.stands()
    AuditCheck.objects.create(number=verdict.whole_to, problem=verdict.problem)
    old = AuditCheck.objects.order_by("-pk").values_list("pk", flat=True)[100:]
    AuditCheck.objects.filter(pk__in=list(old)).delete()
    return verdict


def _ends() -> AuditChain:
    return AuditChain.objects.filter(pk=AuditChain.ONLY).first() or AuditChain(pk=AuditChain.ONLY)


def _verify(ends: AuditChain) -> Verdict:
    verdict = Verdict(begins_at=ends.removed_number + 1, whole_to=ends.removed_number)
    try:
        _check_ends(ends)
        previous = ends.removed_hash if ends.removed_number else chain.START
        for hashed in _follow(ends, previous):
            previous = hashed
            verdict.read += 1
            verdict.whole_to += 1
        if verdict.whole_to != ends.number or previous != ends.hash:
            raise Broken(
                _("链的末尾应是第 %(number)s 条，后面的记录不见了。") % {"number": ends.number},
                number=verdict.whole_to + 1,
            )
        _check_nothing_beside()
    except Broken as found:
        verdict.lacks_key = isinstance(found, NoKey)
        verdict.problem, verdict.broken_at, verdict.broken_id = found.problem, found.number, found.pk
    return verdict


def _check_ends(ends: AuditChain) -> None:
    if ends.number:
        _check_seal("head", ends.number, ends.hash, ends.key_name, ends.seal)
    elif ends.hash != chain.START or ends.seal or AuditEntry.objects.filter(sequence__isnull=False).exists():
        raise Broken(_("链头的签名不见了。"))
    if ends.removed_number:
        _check_seal("stump", ends.removed_number, ends.removed_hash, ends.removed_key_name, ends.removed_seal)


def _check_seal(what: str, number: int, hashed: str, key_name: str, seal: str) -> None:
    key = chain.keys().get(key_name)
    if key is None:
        raise NoKey(_no_key(key_name))
    if not hmac.compare_digest(seal, chain.seal_of(what, number, hashed, key)):
        raise Broken(_("链头的签名不对。") if what == "head" else _("清理处的签名不对。"))


def _no_key(name: str) -> str:
    return _("没有名为“%(name)s”的密钥，请把换下的密钥加到 AUDIT_KEY_FALLBACKS。") % {"name": name}


def _follow(ends: AuditChain, previous: str) -> Iterator[str]:
    """The hash of each entry in turn, each recomputed from what stands there; Broken at the first other."""
    keys = chain.keys()
    kinds = {pk: f"{app}.{model}" for pk, app, model in ContentType.objects.values_list()}
    entries = AuditEntry.objects.filter(sequence__gt=ends.removed_number, sequence__lte=ends.number)
    width = len(chain.Sealed._fields)
    expected = ends.removed_number
    rows = entries.order_by("sequence").values_list(*chain.Sealed._fields, *SEALS)
    for row in rows.iterator(chunk_size=AT_ONCE):
        entry = chain.Sealed(*row[:width])
        number, before, hashed, key_name, by, content_type = row[width:]
        expected += 1
        problem = ""
        if number != expected:
            raise Broken(_("第 %(number)s 条不见了。") % {"number": expected}, number=expected)
        if key_name not in keys:
            raise NoKey(_no_key(key_name), number=number, pk=entry.pk)
        if before != previous:
            problem = _("第 %(number)s 条接不上前一条。") % {"number": number}
        elif not hmac.compare_digest(hashed, chain.hash_of(entry, number, previous, keys[key_name])):
            problem = _("第 %(number)s 条的内容与校验值不符。") % {"number": number}
        elif not _refers_rightly(entry, by, content_type, kinds):
            problem = _("第 %(number)s 条指向的人员或对象类型被改过。") % {"number": number}
        if problem:
            raise Broken(problem, number=number, pk=entry.pk)
        previous = hashed
        yield hashed


def _refers_rightly(entry: chain.Sealed, by: Any, content_type: Any, kinds: dict[int, str]) -> bool:
    """What an entry refers to may be gone, and never be another."""
    is_person = by is None or str(by) == entry.person
    return is_person and (content_type is None or kinds.get(content_type, entry.kind) == entry.kind)


def _check_nothing_beside() -> None:
    """No committed entry stands without a number, nor outside the ends; those of now are asked after."""
    stray = AuditEntry.objects.filter(sequence=None).order_by("pk").values_list("pk", flat=True).first()
    if stray is not None:
        raise Broken(_("编号 %(pk)s 的记录不在链中。") % {"pk": stray}, pk=stray)
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", "pk").first()
    oldest = AuditEntry.objects.order_by("sequence").values_list("sequence", "pk").first()
    ends = _ends()
    for found, is_inside in (
        (newest, lambda number: number <= ends.number),
        (oldest, lambda number: number > ends.removed_number),
    ):
        if found is not None and not is_inside(found[0]):
            raise Broken(_("第 %(number)s 条在链外。") % {"number": found[0]}, number=found[0], pk=found[1])


@transaction.atomic
def adopt() -> int:
    """Take what an older version of the site left outside the chain into it, and say so."""
    strays = list(AuditEntry.objects.filter(sequence=None).order_by("pk").values_list("pk", flat=True))
    if not strays:
        return 0
    head = chain.locked_head()
    audit.record("adopt_audit", head, entries=strays[:1000], number=len(strays))
    return chain.seal(strays)
