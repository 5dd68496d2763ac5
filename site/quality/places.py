"""Whose content somebody looks after: the parts of the tree in which they may change pages."""

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import GroupPagePermission

from content_models.base import memo

CHANGES = ("add_page", "change_page", "publish_page")


def own_paths(user: Any) -> list[str]:
    """Paths of the pages below which ``user`` works; the empty one stands for everything."""
    if user.is_active and user.is_superuser:
        return [""]
    paths: list[str] = memo.remember(f"quality.paths {user.pk}", lambda: _paths_of(user))
    return paths


def _paths_of(user: Any) -> list[str]:
    rights = GroupPagePermission.objects.filter(group__user=user, permission__codename__in=CHANGES)
    return sorted(set(rights.values_list("page__path", flat=True)))


def within(paths: list[str], field: str = "path") -> Q:
    """What stands below any of ``paths``, by the path in ``field``."""
    wanted = Q(pk__in=[])
    for path in paths:
        wanted |= Q(**{f"{field}__startswith": path})
    return wanted


def own(queryset: QuerySet[Any], user: Any, field: str = "path") -> QuerySet[Any]:
    """What of ``queryset`` is in somebody's own part of the tree."""
    paths = own_paths(user)
    return queryset if "" in paths else queryset.filter(within(paths, field))
