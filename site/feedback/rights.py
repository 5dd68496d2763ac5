"""Whose feedback a member of staff may read: that of the places for which they may publish."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from feedback.models import DemandReport, ReportQuerySet
from staff.models import Post, User
from staff.roles import Role


def own_pages(user: Any) -> QuerySet[Page]:
    """Pages for which ``user`` may speak."""
    pages: QuerySet[Page] = page_permission_policy.instances_user_has_permission_for(user, "publish")
    return pages


def keeps_pages(user: Any) -> bool:
    """Whether there are any."""
    return bool(page_permission_policy.user_has_permission(user, "publish"))


def keeps_district(user: Any) -> bool:
    """Whether ``user`` also handles what no office is known of: district editors and administrators."""
    return bool(user.has_perm("feedback.change_demandreport"))


def reports_of(user: Any) -> ReportQuerySet:
    """Reports about offices of one's own places; those of no office only for the district."""
    own = Q(office__in=own_pages(user).values("pk"))
    return DemandReport.objects.filter(own | Q(office=None) if keeps_district(user) else own)


HANDLE = [Role.DISTRICT_EDITOR, Role.STREET_EDITOR, Role.COMMUNITY_EDITOR]


def handlers() -> QuerySet[User]:
    """Who may be asked to handle reports of one place or another."""
    people = User.objects.filter(is_active=True).filter(Q(posts__role__in=HANDLE) | Q(is_superuser=True))
    return User.objects.filter(pk__in=people.values("pk")).order_by("display_name", "username")


def handlers_of(report: DemandReport) -> QuerySet[User]:
    """Who may be asked to handle a report: who may read it, nearest place first."""
    editors = Q(posts__role=Role.DISTRICT_EDITOR)
    if report.office is not None:
        path = report.office.path
        above = [path[:end] for end in range(Page.steplen, len(path) + 1, Page.steplen)]
        editors |= Q(
            posts__role__in=[Role.STREET_EDITOR, Role.COMMUNITY_EDITOR], posts__place__path__in=above
        )
    return handlers().filter(pk__in=User.objects.filter(editors | Q(is_superuser=True)).values("pk"))


def keepers_of(page: Page) -> list[User]:
    """The editors of the nearest place around ``page`` that has any."""
    above = [page.path[:end] for end in range(len(page.path), 0, -Page.steplen)]
    posts = Post.objects.filter(
        role__in=HANDLE,
        place__path__in=above,
        user__is_active=True,
    ).select_related("user", "place")
    by_path: dict[str, list[User]] = {}
    for post in posts:
        if post.place is not None:
            by_path.setdefault(post.place.path, []).append(post.user)
    nearest = next((path for path in above if path in by_path), "")
    return by_path.get(nearest, [])
