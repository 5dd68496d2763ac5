"""What residents read: the stars of all communities, and what was asked of communities and decided."""

from typing import Any

import django_filters
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from content_models.base.filters import PublicFilterSet
from content_models.base.listing import Listing
from content_models.base.managers import leave_out_restricted
from content_models.communities.models import CommunityPage, Rating
from content_models.communities.ratings import FAIR, FAIRLY_GOOD, GOOD
from content_models.home.models import StreetPage
from content_models.places.calendar import Calendar
from content_models.places.models import RegionPage
from procedures.due import decision_due
from procedures.models import Case, Procedure

PER_PAGE = 30
State = Case.State
# By the fewest and the most stars of each.
LEVELS = {
    "good": (GOOD, 10, _("好")),
    "fairly_good": (FAIRLY_GOOD, GOOD - 1, _("较好")),
    "fair": (FAIR, FAIRLY_GOOD - 1, _("一般")),
    "poor": (0, FAIR - 1, _("差")),
}


class RatingFilters(PublicFilterSet):
    """How residents narrow the list of stars."""

    street = django_filters.ChoiceFilter(
        label=_("街道（乡镇）"), method="within", choices=lambda: _places(StreetPage)
    )
    year = django_filters.ChoiceFilter(label=_("年度"), choices=lambda: _years())
    level = django_filters.MultipleChoiceFilter(
        label=_("等次"),
        method="at_level",
        choices=[(name, label) for name, (_low, _high, label) in LEVELS.items()],
    )
    search_fields = ["page__title"]

    class Meta:
        model = Rating
        fields: list[str] = []

    def within(self, ratings: QuerySet[Rating], name: str, value: str) -> QuerySet[Rating]:
        return ratings.filter(page__path__startswith=_path_of(value)) if value else ratings

    def at_level(self, ratings: QuerySet[Rating], name: str, value: list[str]) -> QuerySet[Rating]:
        wanted = Q()
        for level in value:
            low, high, _label = LEVELS[level]
            wanted |= Q(stars__gte=low, stars__lte=high)
        return ratings.filter(wanted)


class AdmissionFilters(PublicFilterSet):
    """How residents narrow what was asked of communities."""

    place = django_filters.ChoiceFilter(
        label=_("社区或街道"), method="within", choices=lambda: _places(StreetPage, CommunityPage)
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("结果"),
        method="in_state",
        choices=[
            ("running", _("办理中")),
            (State.AGREED.value, _("已准入")),
            (State.REFUSED.value, State.REFUSED.label),
            (State.EXITED.value, State.EXITED.label),
        ],
    )
    search_fields = ["title"]

    class Meta:
        model = Case
        fields: list[str] = []

    def within(self, cases: QuerySet[Case], name: str, value: str) -> QuerySet[Case]:
        return cases.filter(place__path__startswith=_path_of(value)) if value else cases

    def in_state(self, cases: QuerySet[Case], name: str, value: list[str]) -> QuerySet[Case]:
        wanted = {*value, *([State.RETURNED.value] if "running" in value else [])}
        return cases.filter(state__in=wanted) if value else cases


def _places(*kinds: type[RegionPage]) -> list[tuple[str, str]]:
    """Public regions of these kinds in the order of the tree."""
    found = [
        region
        for kind in kinds
        for region in kind.objects.live().public().order_by().values_list("path", "pk", "title")
    ]
    return [(str(pk), title) for _path, pk, title in sorted(found)]


def _path_of(number: str) -> str:
    return RegionPage.objects.values_list("path", flat=True).get(pk=int(number))


def _years() -> list[tuple[int, int]]:
    years = _public_ratings().order_by("-year").values_list("year", flat=True).distinct()
    return [(year, year) for year in years]


def _public_ratings() -> QuerySet[Rating]:
    found: QuerySet[Rating] = leave_out_restricted(Rating.objects.filter(page__live=True), "page__path")
    return found


def _public_procedure(kind: str) -> Procedure | None:
    return Procedure.objects.filter(kind=kind, is_public=True).first()


@require_safe
def ratings(request: HttpRequest) -> HttpResponse:
    """All communities by their stars: of a year, or the newest of each."""
    found = _public_ratings()
    if request.GET.get("year", "") not in {str(year) for year, _label in _years()}:
        newest = Rating.objects.filter(page=OuterRef("page")).order_by("-year").values("year")[:1]
        found = found.annotate(newest=Subquery(newest)).filter(year=F("newest"))
    listing = Listing(
        found.select_related("page").order_by("-stars", "page__sort_name", "page"),
        request=request,
        filterset_class=RatingFilters,
        page_size=PER_PAGE,
    )
    procedure = _public_procedure(Procedure.Kind.RATING)
    return render(request, "procedures/ratings.html", {"listing": listing, "procedure": procedure})


def public_admissions() -> QuerySet[Case]:
    """Applications that everybody may read of: handed in, of a public procedure, for a public list."""
    seen = [State.RUNNING, State.RETURNED, State.AGREED, State.REFUSED, State.EXITED]
    cases = Case.objects.filter(
        procedure__kind=Procedure.Kind.ADMISSION,
        procedure__is_public=True,
        state__in=seen,
        place__live=True,
        target__live=True,
        target__is_internal=False,
    )
    found: QuerySet[Case] = leave_out_restricted(cases, "place__path", "target__path")
    return found


@require_safe
def admission(request: HttpRequest) -> HttpResponse:
    """What was asked of communities, what was let in, what was not and why, and when that was decided."""
    listing = Listing(
        public_admissions()
        .select_related("procedure", "place", "target", "department")
        .order_by("-submitted_at", "-pk"),
        request=request,
        filterset_class=AdmissionFilters,
        page_size=PER_PAGE,
    )
    calendar = Calendar.load()
    lines: list[dict[str, Any]] = [
        {"case": case, "due": decision_due(case, calendar)} for case in listing.page
    ]
    context = {
        "listing": listing,
        "lines": lines,
        "procedure": _public_procedure(Procedure.Kind.ADMISSION),
    }
    return render(request, "procedures/admission.html", context)
