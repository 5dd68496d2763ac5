"""What is read and what is not: numbers by page and day, without anybody being followed."""

import datetime
from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Sum
from django.utils import timezone
from wagtail.models import Page, Site

from care.models import Reading
from care.things import Paths, below, page_models
from content_models.base.pages import Channel, ContentPage
from content_models.places.models import RegionPage

KEPT_DAYS = 400
UNREAD_DAYS = 90
AT_ONCE = 500


def write(counts: dict[str, int]) -> None:
    """Add what a process has counted by address to the numbers of the pages there."""
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return
    root = site.root_page.url_path
    wanted = {root + path.lstrip("/"): times for path, times in counts.items()}
    pages = _pages_at(set(wanted))
    times_of: dict[int, int] = defaultdict(int)
    for address, times in wanted.items():
        if (page := _nearest(address, pages, root)) is not None:
            times_of[page] += times
    _add(times_of, timezone.localdate())


def _pages_at(addresses: set[str]) -> dict[str, int]:
    """Pages at these addresses or above them: rows of lists are read on a page of their list."""
    for address in list(addresses):
        while address.count("/") > 2:
            address = address.rstrip("/").rpartition("/")[0] + "/"
            addresses.add(address)
    found: dict[str, int] = {}
    every = sorted(addresses)
    for start in range(0, len(every), AT_ONCE):
        pages = Page.objects.filter(live=True, url_path__in=every[start : start + AT_ONCE])
        found |= dict(pages.values_list("url_path", "pk"))
    return found


def _nearest(address: str, pages: dict[str, int], root: str) -> int | None:
    """The page at an address or above it; the home is read only where it was asked for itself."""
    if address == root:
        return pages.get(root)
    while address.startswith(root) and address != root:
        if address in pages:
            return pages[address]
        address = address.rstrip("/").rpartition("/")[0] + "/"
    return None


@transaction.atomic
def _add(times_of: dict[int, int], day: datetime.date) -> None:
    """In the order of the pages, so that two processes never wait for each other."""
    Reading.objects.bulk_create(
        [Reading(page_id=page, day=day) for page in sorted(times_of)], ignore_conflicts=True, batch_size=500
    )
    for page in sorted(times_of):
        Reading.objects.filter(page=page, day=day).update(times=F("times") + times_of[page])


def forget_readings() -> int:
    """Remove what was counted longer ago than is said to readers."""
    before = timezone.localdate() - datetime.timedelta(days=KEPT_DAYS)
    return Reading.objects.filter(day__lt=before).delete()[0]


def counted_since() -> datetime.date | None:
    """The first day of which anything is known."""
    return Reading.objects.aggregate(first=Min("day"))["first"]


def is_conclusive(today: datetime.date) -> bool:
    """Whether it has been counted long enough to say that something is not read."""
    since = counted_since()
    return since is not None and (today - since).days >= UNREAD_DAYS


def unread_within(paths: Paths, today: datetime.date) -> list[tuple[type[Any], Any]]:
    """``[(model, row)]`` of the pages older than the period that nobody read in it; rows by VALUES."""
    if not is_conclusive(today):
        return []
    since = today - datetime.timedelta(days=UNREAD_DAYS)
    read = Reading.objects.filter(day__gt=since, times__gt=0).values("page")
    found: list[tuple[type[Any], Any]] = []
    for model in page_models():
        if issubclass(model, Channel | RegionPage):
            continue
        old = _pages_of(model, paths).filter(first_published_at__date__lte=since)
        rows = old.exclude(pk__in=read).values_list(*VALUES)
        found += [(model, row) for row in rows]
    return sorted(found, key=lambda each: (each[1][2], each[1][3]))


VALUES = ("pk", "title", "first_published_at", "path", "content_owner_id")


def _pages_of(model: type[ContentPage], paths: Paths) -> Any:
    return model._default_manager.filter(below(paths), live=True)


def times_read(paths: Paths, since: datetime.date) -> int:
    """How often anything below ``paths`` was read since a day."""
    read = Reading.objects.filter(below(paths, "page__path"), day__gte=since)
    return read.aggregate(all=Sum("times"))["all"] or 0
