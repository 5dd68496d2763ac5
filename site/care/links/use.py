"""What staff do about an address: leave it out, take it in again, have it tried at once."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from care.models import Link, LinkUse
from care.things import Paths, is_within
from staff import audit


def in_own_hands(links: Collection[int], paths: Paths) -> set[int]:
    """Those of ``links`` that stand nowhere but below ``paths``: nobody else is concerned."""
    uses = LinkUse.objects.filter(link__in=links).values_list("link", "page__path")
    found: set[int] = set()
    elsewhere: set[int] = set()
    for link, path in uses:
        (found if is_within(path, paths) else elsewhere).add(link)
    return found - elsewhere


@transaction.atomic
def leave_out(link: Link, *, by: Any) -> None:
    """Check this address no more, and count it no more."""
    if Link.objects.filter(pk=link.pk, is_left_out=False).update(is_left_out=True, left_out_by=by):
        audit.record("leave_out_link", link, by=by)


@transaction.atomic
def resume(link: Link, *, by: Any) -> None:
    if Link.objects.filter(pk=link.pk, is_left_out=True).update(is_left_out=False, left_out_by=None):
        audit.record("resume_link", link, by=by)


def try_again(link: Link) -> None:
    """Have the worker look at it soon; the schedule calls it."""
    Link.objects.filter(pk=link.pk).update(asked_at=timezone.now())
