"""Whether pages were useful to those who read them: counting, adding up, and who is to be told."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from wagtail.models import Page

from content_models.base.managers import is_restricted
from content_models.certificates.models import CertificateListPage
from content_models.guides.models import GuidePage
from content_models.places.models import OfficePage
from feedback.models import Rating, Remark
from feedback.rights import keepers_of
from publishing.outbox import publication

LOOKED_AT = 500  # unread remarks, the newest of which are sorted by who is told of them
RATED = (GuidePage, OfficePage)  # as a whole; of certificate lists, each certificate by itself


@dataclass(frozen=True)
class Rated:
    """What a reader judges: a page, or with ``key`` one certificate of a list."""

    page: Any
    key: str
    title: str
    url: str


def rated(page_id: int, key: str = "") -> Rated:
    """The public page that may be judged; raises Http404 for any other."""
    page = Page.objects.filter(pk=page_id, live=True).first()
    if page is None or is_restricted(page.path):
        raise Http404
    page = page.specific
    if isinstance(page, CertificateListPage) and key:
        edition = page.current_edition
        item = edition.rows.filter(key=key).first() if edition is not None else None
        if item is not None:
            return Rated(page, key, item.name, page.entry_url(key))
    if not isinstance(page, RATED) or key:
        raise Http404
    return Rated(page, "", page.title, page.url)


@publication()
def note(thing: Rated, *, is_useful: bool, text: str = "") -> None:
    """Count one answer, and keep what was written beside it."""
    Rating.count(page_id=thing.page.pk, key=thing.key, is_useful=is_useful)
    if text:
        Remark.objects.create(page_id=thing.page.pk, key=thing.key, is_useful=is_useful, text=text)


def by_page(
    pages: Iterable[Page | int], since: datetime.date | None = None
) -> dict[int, tuple[int, int, int]]:
    """``{page id: (yes, no, remarks)}`` since a day, for those of ``pages`` that were judged at all."""
    wanted = [getattr(page, "pk", page) for page in pages]
    ratings = Rating.objects.filter(page__in=wanted)
    remarks = Remark.objects.filter(page__in=wanted)
    if since is not None:
        ratings, remarks = ratings.filter(day__gte=since), remarks.filter(at__gte=start_of(since))
    written = dict(remarks.order_by().values_list("page").annotate(Count("pk")))
    added = ratings.order_by().values_list("page").annotate(Sum("yes"), Sum("no"))
    found = {page: (yes, no, written.pop(page, 0)) for page, yes, no in added}
    return found | {page: (0, 0, number) for page, number in written.items()}


def start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def answers_for(page: Any, key: str = "") -> list[Any]:
    """Who is told of remarks: the owner of the content, else the substitute, else the place's editors."""
    holders = [page]
    if key and getattr(page, "current_edition", None) is not None:
        holders.insert(0, page.current_edition)
    for holder in holders:
        for person in (holder.content_owner, holder.substitute):
            if person is not None and person.is_active:
                return [person]
    return keepers_of(page)


def unread_of(user: Any) -> list[Remark]:
    """Remarks nobody has looked at yet on pages that ``user`` answers for, newest first."""
    remarks = list(Remark.objects.unread().select_related("page")[:LOOKED_AT])
    told = told_of({(remark.page_id, remark.key) for remark in remarks})
    return [remark for remark in remarks if user.pk in told.get((remark.page_id, remark.key), ())]


def told_of(things: Iterable[tuple[int, str]]) -> dict[tuple[int, str], set[int]]:
    """``{(page id, key): numbers of people}`` who are told of remarks there."""
    wanted = set(things)
    pages = {
        page.pk: page for page in Page.objects.filter(pk__in={page_id for page_id, _key in wanted}).specific()
    }
    return {
        (page_id, key): {person.pk for person in answers_for(pages[page_id], key)}
        for page_id, key in wanted
        if page_id in pages
    }


def screen_of(page_id: int, key: str = "") -> str:
    """Where staff read what was said of a page."""
    address = reverse("usefulness:page", args=[page_id])
    return f"{address}?{urlencode({'key': key})}" if key else address
