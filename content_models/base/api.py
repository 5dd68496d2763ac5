"""What the API has to know of a kind of content; each kind describes itself in its ``api.py``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject, Left, Length
from wagtail.models import Page

from content_models.base.filters import PublicFilterSet
from content_models.base.managers import ContentQuerySet
from content_models.base.pages import ContentPage
from content_models.base.parts import Relation, parts_of, read_parts
from content_models.base.serializers import LINK_CELLS, PublicSerializer


@dataclass
class Asked:
    """What a request wants besides filters: names of fields (None: all), and whose community it is for."""

    fields: frozenset[str] | None = None
    community: Any = None
    context: dict[str, Any] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        return self.fields is None or name in self.fields


class ContentApi:
    """One kind: where its rows are, how they are filtered and ordered, and how each is shown.

    Override what differs; ``order`` names what rows are sorted by, the last of it unique.
    """

    name: str
    title: Any  # as people call it
    said: Any = ""  # what developers should know of it
    serializer: type[PublicSerializer]
    filterset: type[PublicFilterSet]
    order: Sequence[str] = ("pk",)
    # What a list shows of each row where nothing else is asked for; empty for all.
    brief: frozenset[str] = frozenset()
    # Where a row's place in the tree is read, for ``region``; None where rows have none.
    path: str | None = None
    # Whether a community has a say in what it answers.
    is_local = False
    # Whether rows are asked for by number.
    has_numbers = False
    # Whether what it says changes with the clock, not only with what is published.
    goes_by_the_clock = False

    def rows(self, asked: Asked) -> Any:
        """Every row residents may see, as a queryset."""
        raise NotImplementedError

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        """Fetch at once what showing these rows needs."""


class PageApi(ContentApi):
    """A kind whose rows are pages; ``relations`` are the rows that belong to each."""

    model: type[ContentPage]
    relations: Sequence[Relation] = ()
    order = ("sort_name", "pk")
    path = "path"
    has_numbers = True
    shown_with: Sequence[str] = ()
    steps_to_region = 2  # a channel lies between

    def rows(self, asked: Asked) -> ContentQuerySet:
        shown = [name for name in self.shown_with if asked.wants(name)]
        pages = self.model.objects.live().public().select_related(*(shown or [None]))
        return pages.annotate(region_cells=page_above(self.steps_to_region))

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        relations = [relation for relation in self.relations if asked.wants(relation.name)]
        parts = read_parts(self.model, [page.pk for page in rows], [*relations, *self.further(asked)])
        for page in rows:
            page.parts = parts[page.pk]

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        """The same of one page in memory, which the database does not have like this."""
        page.parts = (
            parts_of(page, self.relations) | read_parts(self.model, [page.pk], self.further(asked))[page.pk]
        )
        page.region_cells = cells_above(page, self.steps_to_region)

    def further(self, asked: Asked) -> Sequence[Relation]:
        """Override: relations that depend on what is asked."""
        return ()


def page_above(steps: int) -> Subquery:
    """The cells of a link to the page so many steps above, to annotate pages with."""
    path = Left(OuterRef("path"), Length(OuterRef("path")) - Page.steplen * steps)
    return Subquery(Page.objects.filter(path=path).values(cells=JSONObject(**{n: n for n in LINK_CELLS})))


def cells_above(page: Page, steps: int) -> dict[str, Any] | None:
    """The same of one page."""
    return Page.objects.filter(path=page.path[: -Page.steplen * steps]).values(*LINK_CELLS).first()
