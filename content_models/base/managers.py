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


def parent_id():
    """The id of the page above, to annotate pages with: no question for each."""
    path = Left(OuterRef("path"), Length(OuterRef("path")) - Page.steplen)
    return Subquery(Page.objects.filter(path=path).values("pk"))


class ContentQuerySet(PageQuerySet):
    def public(self):
        """Leave out pages below a view restriction."""
        pages = self
        for path in restricted_paths():
            pages = pages.exclude(path__startswith=path)
        return pages


ContentManager = PageManager.from_queryset(ContentQuerySet)
