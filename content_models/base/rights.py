"""Which pages a member of staff may see in the admin."""

from django.db.models import Q
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.models import Page
from wagtail.permissions import page_permission_policy


def explorable_pages(user):
    """Own subtrees and the way to them."""
    if not user_has_any_page_permission(user):
        return Page.objects.none()
    return page_permission_policy.explorable_instances(user)


def visible_pages(user):
    """Pages whose titles ``user`` may read: what may be explored, and what is public."""
    own = explorable_pages(user).values("pk")
    return Page.objects.filter(Q(pk__in=own) | Q(live=True, depth__gt=1) | Q(depth=1))
