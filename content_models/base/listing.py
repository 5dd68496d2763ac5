"""A filtered, paged listing as residents read it; every address of it can be shared."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _


class Listing:
    """Rows of a public page after filters and paging.

    ``items`` a queryset, ``filterset_class`` a django-filter FilterSet or None. Values a filter does not know
    are ignored and named in ``notes``; a page number past the end shows the last page. ``params`` is what the
    address asks for where that is not just what the request says.
    """

    def __init__(
        self, items, *, request, filterset_class=None, page_size=20, filterset_kwargs=None, params=None
    ):
        self.request = request
        self.page_size = page_size
        self.params = params or (request.GET if request is not None else QueryDict())
        self.filterset = (
            filterset_class(self.params, queryset=items, request=request, **(filterset_kwargs or {}))
            if filterset_class
            else None
        )
        self.items = items

    @cached_property
    def queryset(self):
        return self.filterset.found() if self.filterset else self.items

    @cached_property
    def page(self):
        """The page asked for, else the nearest there is."""
        return Paginator(self.queryset, self.page_size).get_page(self.params.get("page"))

    @property
    def count(self):
        return self.page.paginator.count

    @property
    def notes(self):
        """Plain sentences about filter values and page numbers that were not understood."""
        notes = list(self.filterset.notes) if self.filterset else []
        asked = self.params.get("page", "")
        if asked and asked != str(self.page.number):
            notes.append(
                _("没有第“%(asked)s”页，下面是第 %(number)d 页。")
                % {"asked": asked[:20], "number": self.page.number}
            )
        return notes

    @property
    def chosen(self):
        """Filters in force: ``[{label, value, remove}]``, ``remove`` being the address without it."""
        return self.filterset.chosen if self.filterset else []

    @property
    def pages(self):
        """Page numbers to offer, with gaps."""
        return self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)

    @property
    def kept_params(self):
        """``[(name, value)]`` of the address the filter form does not own (edition, as_of) and keeps."""
        owned = self.filterset.owned if self.filterset else set()
        return [
            (name, value)
            for name, values in self.params.lists()
            for value in values
            if name not in owned and name != "page"
        ]

    @property
    def clear_query(self):
        """The address of this listing without any filter."""
        return f"?{urlencode(self.kept_params)}"

    @property
    def query(self):
        """The current query string without the page number, ending in & when not empty."""
        params = self.params.copy()
        params.pop("page", None)
        return f"{params.urlencode()}&" if params else ""
