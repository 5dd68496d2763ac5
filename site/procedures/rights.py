"""Who sees which cases, and who may begin one: rights follow from the pages they are about."""

from typing import Any

from django.db.models import QuerySet
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from procedures.models import Case


def cases_of(user: Any) -> QuerySet[Case]:
    """Cases about places in the user's own parts of the site."""
    own = page_permission_policy.instances_user_has_permission_for(user, "change")
    cases = Case.objects.filter(place__in=own.order_by().values("pk"))
    return cases.select_related("procedure__workflow", "place", "department", "created_by", "notice")


def places_to_begin(user: Any) -> QuerySet[Page]:
    """Places for which the user may hand something in."""
    return page_permission_policy.instances_user_has_permission_for(user, "add")


def may_see(user: Any) -> bool:
    """Whether there can be any case for this user."""
    return bool(page_permission_policy.user_has_any_permission(user, ["add", "change"]))


def may_begin(user: Any) -> bool:
    return bool(page_permission_policy.user_has_permission(user, "add"))


def may_keep(user: Any, case: Case) -> bool:
    """Whether the user looks after what was agreed to: whose post decides the last step, on others' cases."""
    steps = case.procedure.steps
    return bool(steps) and steps[-1].is_decided_by(user, case) and not case.is_own(user)
