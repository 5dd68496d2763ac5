"""How residents narrow the index of data sets."""

from typing import Any

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from api.open_data import datasets
from content_models.base.filters import PublicFilterSet, counted
from content_models.base.scripts import is_in
from content_models.certificates.models import CertificateListPage
from content_models.home.models import StreetPage
from content_models.policy_lists.models import PolicyListPage

STREET_PATH = 3 * Page.steplen


def data_pages() -> QuerySet[Any]:
    """The pages that are a data set each, in the order of the tree, with their kind and street."""
    kinds = {"lists": PolicyListPage, "certificates": CertificateListPage}
    types = {kind: ContentType.objects.get_for_model(model).pk for kind, model in kinds.items()}
    is_one = Q()
    for pages, _of_pages in datasets.BY_PAGE.values():
        is_one |= Q(pk__in=pages().order_by().values("pk"))
    pages = Page.objects.filter(is_one).order_by("path")
    return pages.annotate(
        data_kind=Case(
            *[When(content_type=pk, then=Value(kind)) for kind, pk in types.items()], default=Value("figures")
        ),
        street=Left("path", STREET_PATH),
    )


class DataSetFilters(PublicFilterSet):
    """By kind, by street, by name. ``whole`` are the data sets that are no page, by kind."""

    kind = django_filters.ChoiceFilter(
        label=_("类别"), choices=lambda: list(datasets.KINDS.items()), method="of_kind"
    )
    street = django_filters.ChoiceFilter(label=_("街道"), method="in_street")

    class Meta:
        model = Page
        fields: tuple[str, ...] = ()

    def __init__(self, *arguments: Any, whole: list[datasets.DataSet], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.whole = whole
        streets = StreetPage.objects.live().public().order_by("path").values_list("pk", "path", "title")
        self.paths = {str(pk): path for pk, path, _title in streets}
        self.form.fields["street"].choices = [(str(pk), title) for pk, _path, title in streets]

    def of_kind(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return pages.filter(data_kind=value)

    def in_street(self, pages: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return pages.filter(path__startswith=self.paths[value])

    def count_kind(self, pages: QuerySet[Any]) -> dict[str, int]:
        return counted(pages, "data_kind") | {"whole": len(self.named(besides="kind"))}

    def count_street(self, pages: QuerySet[Any]) -> dict[str, int]:
        found = counted(pages, "street")
        return {pk: found.get(path, 0) for pk, path in self.paths.items()}

    @property
    def found_whole(self) -> list[datasets.DataSet]:
        """Those that are no page and pass."""
        return self.named()

    def named(self, *, besides: str = "") -> list[datasets.DataSet]:
        self.form.is_valid()
        chosen = self.form.cleaned_data
        if chosen.get("street") or (besides != "kind" and chosen.get("kind") not in ("", None, "whole")):
            return []
        words = (chosen.get("q") or "").split()[:6]
        return [made for made in self.whole if all(is_in(made.title, word) for word in words)]
