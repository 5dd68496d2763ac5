"""Pages as residents may see them."""

from wagtail.models import PageManager, PageViewRestriction
from wagtail.query import PageQuerySet

from content_models.base import memo


def restricted_paths():
    """Tree paths of the pages that carry a view restriction; it holds for everything below them."""
    return memo.remember("restricted paths", _read)


def _read():
    return list(PageViewRestriction.objects.values_list("page__path", flat=True))


class ContentQuerySet(PageQuerySet):
    def public(self):
        """Leave out pages below a view restriction."""
        pages = self
        for path in restricted_paths():
            pages = pages.exclude(path__startswith=path)
        return pages


ContentManager = PageManager.from_queryset(ContentQuerySet)
