"""Figures of regions: a file speaks of some figures of some regions, and leaves the others alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.models import Page

from content_models.base import memo
from content_models.base.resources import PageResource
from content_models.communities.models import CommunityPage
from content_models.communities.resources import CommunityResource, FigureResource
from content_models.home.models import HomePage, StreetPage
from content_models.home.resources import DistrictResource, StreetResource
from content_models.places.models import RegionPage
from content_models.places.resources import RegionWidget
from imports import staging
from imports.lanes import Outcome
from imports.lines import Line, dataset_of, errors_of
from imports.models import ImportRun, StagedRow
from imports.pages import KEY_LIMIT, Load, PageLane
from imports.staging import Staged
from imports.tables import Table

NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
RESOURCES: dict[Any, type[PageResource]] = {
    HomePage: DistrictResource,
    StreetPage: StreetResource,
    CommunityPage: CommunityResource,
}
PART = "figures"


class KnownFigures:
    """A region as its newest revision has it, with its figures by key."""

    def __init__(self, region: Any, figures: FigureResource) -> None:
        self.latest_revision_id = region.latest_revision_id
        self.code = region.region_code
        self.page = region.get_latest_revision_as_object() if region.latest_revision_id else region
        self.by_key = {figures.key_of(figure): figure for figure in self.page.figures.all()}


class FigureLane(PageLane):
    """Each row is a figure; those of one region come as one revision of its page."""

    retires_when_published = False

    @cached_property
    def resource(self) -> Any:
        return FigureResource()

    def parts(self) -> dict[str, Any]:
        return {}

    @property
    def region_column(self) -> str:
        return str(self.resource.fields[self.resource.owner].title)

    # Check

    def check(self, tables: dict[str, Table]) -> None:
        lines = self.lines_of_main(tables[""])
        self.regions, self.known = RegionWidget(), dict[int, KnownFigures]()
        tell = self.teller(lines)
        with memo.kept():
            staged = []
            for number, line in enumerate(lines, 1):
                tell(number)
                staged.append(self.staged_figure(line))
        staging.write(self.run, staged)

    def staged_figure(self, line: Line) -> Staged:
        problems, known, pk = list(line.problems), None, 0
        if self.region_column not in line.damaged:
            try:
                pk, known = self.region_of(line.cells.get(self.region_column, ""))
                line.cells[self.region_column] = known.code
            except ValueError as error:
                text = line.cells.get(self.region_column, "")
                problems.append([self.region_column, text, str(error)])
        self.resource.problems = []
        row = dict(line.cells)
        figure = self.resource.read(1, row)
        problems += errors_of(self.resource.problems, besides=line.damaged)
        key = self.resource.key_of(figure) if figure is not None else ()
        before = known.by_key.get(key) if known is not None else None
        old: dict[str, str] = {}
        new: dict[str, str] = {}
        if before is not None and not problems:
            after = self.resource.renewed(before, figure, row)
            old, new = self.difference(before, after)
        status = REFUSED if problems else NEW if before is None else CHANGED if new else SAME
        data = {
            "cells": line.cells,
            "old": old,
            "new": new,
            "title": known.page.title if known is not None else "",
            "revision": known.latest_revision_id if known is not None else None,
        }
        return Staged(
            line.number,
            pk,
            "|".join(key)[:KEY_LIMIT],
            "",
            status,
            staging.dump(data),
            staging.dump(problems) if problems else staging.NO_PROBLEMS,
        )

    def region_of(self, text: str) -> tuple[int, KnownFigures]:
        pk = self.regions.clean(text)
        if not pk:
            raise ValueError(_("必须填写。"))
        if pk not in self.known:
            self.known[pk] = KnownFigures(RegionPage.objects.get(pk=pk).specific, self.resource)
        known = self.known[pk]
        if not known.code:
            raise ValueError(_("“%(region)s”还没有区划代码。") % {"region": known.page.title})
        if problems := self.why_not(known.page, None):
            raise ValueError(problems[0][2])
        return pk, known

    def difference(self, before: Any, after: Any) -> tuple[dict[str, str], dict[str, str]]:
        """The cells in which two figures differ, as the first and as the second has them."""
        fields = [field for field in self.resource.fields.values() if field.attribute and not field.readonly]
        pairs = {field.title: (field.export(before), field.export(after)) for field in fields}
        differing = {title: pair for title, pair in pairs.items() if pair[0] != pair[1]}
        return (
            {title: old for title, (old, _new) in differing.items()},
            {title: new for title, (_old, new) in differing.items()},
        )

    def label_of(self, row: StagedRow, resource: Any) -> str:
        metric = row.data["cells"].get(self.resource.fields["metric"].title, "")
        return f"{row.data['title']} {metric}".strip()

    # What the file lacks

    def missing_pages(self) -> QuerySet[Any]:
        """No page is ever missing: a file of figures speaks of figures."""
        return Page.objects.none()

    def missing(self, limit: int) -> tuple[int, list[str]]:
        """Figures of the file's regions that it lacks."""
        staged: dict[int, set[str]] = {}
        for owner, key in self.run.rows.filter(part="").exclude(owner=0).values_list("owner", "key"):
            staged.setdefault(owner, set()).add(key)
        names = []
        for region in RegionPage.objects.filter(pk__in=staged).order_by("path"):
            known = KnownFigures(region.specific, self.resource)
            names += [
                f"{region.title} {figure}"
                for key, figure in known.by_key.items()
                if "|".join(key)[:KEY_LIMIT] not in staged[region.pk]
            ]
        return len(names), names[:limit]

    # Confirm

    def is_outdated(self, row: StagedRow, page: Page | None) -> bool:
        return page is None or super().is_outdated(row, page)

    def known_pages(self) -> list[int]:
        rows = self.run.rows.filter(part="").exclude(owner=0).exclude(status=REFUSED)
        return list(rows.values_list("owner", flat=True).distinct().order_by("owner"))

    def loads(self) -> Iterator[Load]:
        """Of each kind of region, those whose other figures stay and those whose go."""
        rows: dict[int, list[Mapping[str, str]]] = {}
        refused = set(self.run.rows.filter(status=REFUSED).values_list("owner", flat=True))
        retires = self.run.missing == ImportRun.Missing.RETIRE
        for row in self.run.rows.exclude(status=REFUSED).order_by("number"):
            rows.setdefault(row.owner, []).append(row.data["cells"])
        for model, resource in RESOURCES.items():
            regions = model.objects.filter(pk__in=rows).order_by("path").in_bulk()
            for keeps in (True, False):
                # What a refused row says of a figure is unknown, so nothing of its region goes.
                chosen = [pk for pk in regions if (not retires or pk in refused) is keeps]
                if chosen:
                    yield self.load_of(
                        resource(by=self.run.by), [(regions[pk], rows[pk]) for pk in chosen], keeps=keeps
                    )

    def load_of(
        self, resource: Any, regions: Sequence[tuple[Any, list[Mapping[str, str]]]], *, keeps: bool
    ) -> Load:
        code = resource.fields["region_code"].title
        return Load(
            resource,
            dataset_of([{code: region.region_code} for region, _rows in regions]),
            {PART: dataset_of([row for _region, rows in regions for row in rows])},
            (PART,) if keeps else (),
        )

    def retire(self, pages: Sequence[Any], outcome: Outcome) -> None:
        """Figures go with the revision of their region."""
