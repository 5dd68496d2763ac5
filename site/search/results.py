"""What was found, narrowed by the filters of the address and cut into pages."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from content_models.base.listing import Listing
from content_models.places.models import RegionPage
from search.filters import DocumentFilters
from search.find import MOST, Found
from search.lines import Line, Verdict, lines_of, verdicts_of
from search.models import Document
from search.rank import Hit

FURTHER = (*DocumentFilters.base_filters, "page")  # parameters of who goes on from a first answer
AT_A_GLANCE = 5
VALUES_AT_MOST = 20  # of one filter
LONGEST_VALUE = 60


class Results(Listing):
    """A page of what was found, best first.

    Certificates that the question names come before all, and are told as verdicts instead of lines.
    """

    filterset: DocumentFilters

    def __init__(
        self, found: Found, asked: str, *, request: HttpRequest, community: RegionPage | None
    ) -> None:
        self.community = community
        self.named = {hit.pk for hit in found.verdicts}
        self.hits = [*found.verdicts, *(hit for hit in found.hits if hit.pk not in self.named)]
        super().__init__(
            Document.objects.filter(pk__in=[hit.pk for hit in self.hits]),
            request=request,
            params=understood(request.GET, asked),
            filterset_class=DocumentFilters,
            filterset_kwargs={"community": community},
        )

    @cached_property
    def queryset(self) -> list[Hit]:
        """The hits that pass the filters, in their order."""
        if not self.is_narrowed:
            return self.hits
        kept = set(self.filterset.found().values_list("pk", flat=True))
        return [hit for hit in self.hits if hit.pk in kept]

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether any filter is in force."""
        self.filterset.form.is_valid()
        return any(self.filterset.form.cleaned_data.values())

    @property
    def total(self) -> int:
        """How many were found before any filter."""
        return len(self.hits)

    @property
    def are_all(self) -> bool:
        """Whether nothing was left out for being too much."""
        return self.total < MOST

    @property
    def is_worth_narrowing(self) -> bool:
        """Whether there is more than one takes in at a glance, or less than there was."""
        return self.is_narrowed or self.total > AT_A_GLANCE

    @property
    def all_query(self) -> str:
        """The address of the same search without any filter."""
        return f"?{self._params_without(*self.filterset.form.fields)}"

    @cached_property
    def kinds(self) -> list[dict[str, Any]]:
        """The kinds that were found, all of them first: ``label``, ``count``, ``url``, ``is_chosen``."""
        kept = self._params_without("kind")
        kinds = [
            {
                "label": option["label"],
                "count": option["count"],
                "url": f"?{kept}&kind={option['value']}",
                "is_chosen": option["is_chosen"],
            }
            for option in self.filterset.field_with_counts("kind").options
        ]
        everything = {
            "label": _("全部"),
            "count": sum(kind["count"] for kind in kinds),
            "url": f"?{kept}",
            "is_chosen": not any(kind["is_chosen"] for kind in kinds),
        }
        return [everything, *kinds]

    @cached_property
    def all_lines(self) -> list[Line]:
        return lines_of(list(self.page), self.community)

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """The certificates the question names, each once, with every list that says the same."""
        return verdicts_of(line for line in self.all_lines if line.hit.pk in self.named)

    @cached_property
    def lines(self) -> list[Line]:
        """What this page holds besides the verdicts."""
        told = {line.hit.pk for verdict in self.verdicts for line in verdict.lines}
        return [line for line in self.all_lines if line.hit.pk not in told]

    @property
    def told(self) -> int:
        """How many results of this page the verdicts tell."""
        return len(self.all_lines) - len(self.lines)

    def _params_without(self, *names: str) -> str:
        params = self.params.copy()
        for name in (*names, "page"):
            params.pop(name, None)
        return params.urlencode()


def understood(asked: QueryDict, text: str) -> QueryDict:
    """What of an address this page knows, within reason, and ``text``: links made from it stay short."""
    params = QueryDict(mutable=True)
    params["q"] = text
    for name in FURTHER:
        values = [readable(value, LONGEST_VALUE) for value in asked.getlist(name)[:VALUES_AT_MOST]]
        if any(values):
            params.setlist(name, [value for value in values if value])
    return params


def readable(text: str, most: int) -> str:
    """What of ``text`` can be read, in one line of at most ``most`` characters."""
    seen = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * most])
    return " ".join(seen.split())[:most]
