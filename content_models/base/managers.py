"""Pages as residents may see them."""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Left, Length
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet

from content_models.base import memo


def restricted_paths():
    """Tree paths of the pages that carry a view restriction; it holds for everything below them."""
    return memo.remember("restricted paths", _read)


def _read():
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


def is_restricted(path):
    """Whether the page at a tree path lies below a view restriction."""
    return any(path.startswith(above) for above in restricted_paths())


def leave_out_restricted(rows, *lookups):
    """``rows`` without those of pages below a view restriction; lookups name the pages' paths."""
    for path in restricted_paths():
        for lookup in lookups:
            rows = rows.exclude(**{f"{lookup}__startswith": path})
    return rows


def parent_id():
    """The id of the page above, to annotate pages with: no question for each."""
    path = Left(OuterRef("path"), Length(OuterRef("path")) - Page.steplen)
    return Subquery(Page.objects.filter(path=path).values("pk"))


class ContentQuerySet(PageQuerySet):
    def public(self):
        """Leave out pages below a view restriction."""
        return leave_out_restricted(self, "path")


ContentManager = PageManager.from_queryset(ContentQuerySet)
