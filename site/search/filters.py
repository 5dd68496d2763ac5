"""How residents narrow what was found."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from content_models.base import codes
from content_models.base.filters import PublicFilterSet, counted, counted_codes
from content_models.base.models import Audience, Topic
from content_models.guides.provisions import offered_guides
from content_models.places.models import Department, RegionPage
from search.models import Document

DISTRICT_DEPTH = 2


class DocumentFilters(PublicFilterSet):
    """Filters of the results of one search.

    The communities to choose are those that something found belongs to, and the reader's own (``community``),
    which may offer a guide that was found.
    """

    drawn_apart = ("kind",)

    q = None
    kind = django_filters.ChoiceFilter(label=_("类别"), choices=Document.Kind.choices)
    form = django_filters.MultipleChoiceFilter(
        label=_("办理形式"),
        field_name="handle_forms",
        lookup_expr="has",
        choices=lambda: codes.choices("handle_form"),
        conjoined=True,
    )
    community = django_filters.ChoiceFilter(label=_("街道和社区"), method="in_community")
    audience = django_filters.MultipleChoiceFilter(label=_("服务人群"), field_name="audiences__slug")
    topic = django_filters.MultipleChoiceFilter(label=_("主题"), field_name="topics__slug")
    department = django_filters.MultipleChoiceFilter(label=_("部门"), field_name="department__code")

    class Meta:
        model = Document
        fields: tuple[str, ...] = ()

    def __init__(self, *arguments: Any, community: RegionPage | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        found = list(self.queryset.values_list("kind", "page", "region__path"))
        self.guides = {page for kind, page, _path in found if kind == Document.Kind.GUIDES}
        paths = {path for _kind, _page, path in found if path}
        paths |= {path[: -RegionPage.steplen] for path in paths}
        if community is not None and self.guides:
            paths.add(community.path)
        self.places = {str(place.pk): place for place in self._places(paths)}
        choices = {
            "community": [(pk, place.title) for pk, place in self.places.items()],
            "audience": Audience.objects.values_list("slug", "name"),
            "topic": Topic.objects.values_list("slug", "name"),
            "department": Department.objects.values_list("code", "name"),
        }
        for name, known in choices.items():  # read once, not for each of the form's questions
            self.form.fields[name].choices = list(known)

    def _places(self, paths: set[str]) -> QuerySet[RegionPage]:
        """Streets and communities to choose from in tree order: those at ``paths`` and the chosen one."""
        chosen = self.data.get("community", "")
        is_id = chosen.isascii() and chosen.isdigit() and len(chosen) <= 9
        regions = RegionPage.objects.live().public().filter(depth__gt=DISTRICT_DEPTH)
        return regions.filter(Q(path__in=paths) | Q(pk=chosen if is_id else None)).order_by("path")

    @cached_property
    def offered(self) -> dict[str, set[int]]:
        """Which of the guides found each place offers, by tree path."""
        found: dict[str, set[int]] = offered_guides(self.places.values(), self.guides)
        return found

    def in_community(self, documents: QuerySet[Document], name: str, value: str) -> QuerySet[Document]:
        """What belongs to a street or community, and the guides it offers."""
        place = self.places[value]
        offered = Q(kind=Document.Kind.GUIDES, page__in=self.offered[place.path])
        return documents.filter(Q(region__path__startswith=place.path) | offered)

    def count_community(self, documents: QuerySet[Document]) -> dict[str, int]:
        found = list(documents.values_list("kind", "page", "region__path"))
        counts = {}
        for pk, place in self.places.items():
            guides = self.offered[place.path]
            counts[pk] = sum(
                (path or "").startswith(place.path) or (kind == Document.Kind.GUIDES and page in guides)
                for kind, page, path in found
            )
        return counts

    def count_kind(self, documents: QuerySet[Document]) -> dict[str, int]:
        return counted(documents, "kind")

    def count_form(self, documents: QuerySet[Document]) -> dict[str, int]:
        return counted_codes(documents, "handle_forms", "handle_form")

    def count_audience(self, documents: QuerySet[Document]) -> dict[str, int]:
        return counted(documents, "audiences__slug")

    def count_topic(self, documents: QuerySet[Document]) -> dict[str, int]:
        return counted(documents, "topics__slug")

    def count_department(self, documents: QuerySet[Document]) -> dict[str, int]:
        return counted(documents, "department__code")
