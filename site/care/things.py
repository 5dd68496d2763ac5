"""Published pages and editions as what somebody looks after: whose they are, and when they are due again."""

import calendar
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.urls import reverse
from wagtail.models import GroupPagePermission, Page

from care.models import ReviewPeriod
from content_models.base.models import Edition
from content_models.base.pages import ContentPage
from content_models.notices.models import NoticePage

USUAL_MONTHS = 6
MONTHS = {NoticePage: 0}  # a notice says itself until when it holds
Paths = Sequence[str]  # of the tree; what lies below one of them belongs to somebody


@dataclass(frozen=True, slots=True)
class Thing:
    """One live page, or the edition in force of a list; ``path`` is where it stands in the tree."""

    model: type[Any]
    pk: int
    title: str
    path: str
    owner: int | None
    substitute: int | None
    checked_on: datetime.date | None
    due: datetime.date | None

    @property
    def key(self) -> tuple[type[Any], int]:
        return self.model, self.pk

    @property
    def kind(self) -> str:
        return str(self.model._meta.verbose_name)

    @property
    def edit_url(self) -> str:
        return edit_url(self.model, self.pk)

    @property
    def confirm_url(self) -> str:
        return confirm_url(self.model, self.pk)

    def is_overdue(self, today: datetime.date) -> bool:
        return self.due is not None and self.due <= today


def edit_url(model: type[Any], pk: int) -> str:
    if issubclass(model, Edition):
        return reverse(model.snippet_viewset.get_url_name("edit"), args=[pk])
    return reverse("wagtailadmin_pages:edit", args=[pk])


def confirm_url(model: type[Any], pk: int) -> str:
    return reverse("care:confirm", args=[model._meta.app_label, model._meta.model_name, pk])


@cache
def page_models() -> tuple[type[ContentPage], ...]:
    """Every kind of page of ours that can be made."""
    found = [model for model in apps.get_models() if issubclass(model, ContentPage) and model.is_creatable]
    return tuple(sorted(found, key=lambda model: model._meta.label_lower))


@cache
def edition_models() -> tuple[type[Edition], ...]:
    found = [model for model in apps.get_models() if issubclass(model, Edition)]
    return tuple(sorted(found, key=lambda model: model._meta.label_lower))


def every_model() -> tuple[type[Any], ...]:
    return (*page_models(), *edition_models())


def model_named(label: str) -> type[Any] | None:
    """``guides.guidepage`` as the model that somebody looks after; None where there is no such kind."""
    return next((model for model in every_model() if model._meta.label_lower == label), None)


def own_paths(user: Any, *, rights: Iterable[str] = ("change_page", "publish_page")) -> Paths:
    """The parts of the tree in which ``user`` has one of these rights; ``[""]`` is everywhere."""
    if not user.is_active:
        return []
    if user.is_superuser:
        return [""]
    given = GroupPagePermission.objects.filter(group__user=user, permission__codename__in=list(rights))
    return _outermost(given.values_list("page__path", flat=True))


def _outermost(paths: Iterable[str]) -> list[str]:
    found: list[str] = []
    for path in sorted(set(paths)):
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return found


def is_within(path: str, paths: Paths) -> bool:
    return any(path.startswith(above) for above in paths)


def below(paths: Paths, lookup: str = "path") -> Q:
    """What stands in one of these parts of the tree."""
    if "" in paths:
        return Q()
    either = Q(pk__in=[])
    for path in paths:
        either |= Q(**{f"{lookup}__startswith": path})
    return either


def things_within(
    paths: Paths, *, due_until: datetime.date | None = None, is_undated: bool = False
) -> list[Thing]:
    """What is public below ``paths`` and due by a day, or has no day; one question for each kind."""
    due = Q(review_due__isnull=True) if is_undated else Q()
    if due_until is not None:
        due = Q(review_due__lte=due_until)
    found = []
    for model in page_models():
        if is_undated and not months_usual(model):
            continue
        names = ["pk", "title", "path", "content_owner_id", "substitute_id", "checked_on", "review_due"]
        pages = model._default_manager.filter(due, below(paths), live=True)
        found += [Thing(model, *row) for row in pages.values_list(*names)]
    for kind in edition_models():
        found += _editions(kind, kind.objects.filter(due, below(paths, "owner__path")))
    return found


def _editions(model: type[Edition], editions: QuerySet[Any]) -> list[Thing]:
    """An edition that names nobody is in the hands of whoever has its page."""
    current = editions.filter(is_current=True, live=True, owner__live=True)
    rows = current.values_list(
        "pk", "owner__title", "title", "owner__path", "content_owner_id", "owner__content_owner_id",
        "substitute_id", "owner__substitute_id", "checked_on", "review_due",
    )  # fmt: skip
    return [
        Thing(model, pk, f"{title} · {edition}", path, owner or above, substitute or its, checked, due)
        for pk, title, edition, path, owner, above, substitute, its, checked, due in rows
    ]


def months_usual(model: type[Any]) -> int:
    return MONTHS.get(model, USUAL_MONTHS)


def months_of(model: type[Any]) -> int:
    """After how many months a thing of this kind is due again; 0 where nothing is set by itself."""
    period = ReviewPeriod.objects.filter(kind=model._meta.label_lower).first()
    return period.months if period is not None else months_usual(model)


def next_due(model: type[Any], today: datetime.date) -> datetime.date | None:
    months = months_of(model)
    return months_later(today, months) if months else None


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day some months on, or the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def page_of(thing: Any) -> Page:
    """The page on which rights on a thing hang."""
    page: Page = thing.owner if isinstance(thing, Edition) else thing
    return page
