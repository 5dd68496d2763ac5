"""Items of certificate lists with what to do instead: a new edition through the resource, row by row."""

from collections import defaultdict
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from content_models.base import memo
from content_models.base.models import Edition
from content_models.base.resources import SheetRefused
from content_models.certificates.models import CertificateEdition, CertificateListPage
from content_models.certificates.resources import CertificateItemResource
from imports import staging
from imports.editions import EditionLane
from imports.lanes import NotNow, Outcome
from imports.lines import Line, dataset_of, errors_of
from imports.models import ImportRun, StagedRow
from imports.staging import Staged
from imports.tables import Table
from imports.trials import TrialLane, is_missing, missing_on, raise_errors

NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
PART = "alternatives"
SENTENCES = 5
ORDER = "顺序"  # what the resource calls a row that merely stands elsewhere


class CertificateLane(TrialLane, EditionLane):
    """One certificate list: a new edition of its items."""

    edition_model = CertificateEdition
    name_field = "name"

    @cached_property
    def page(self) -> CertificateListPage:
        page = CertificateListPage.objects.filter(pk=self.run.into_id).first()
        if page is None:
            raise NotNow(_("要导入的清单已经不在了。"))
        return page

    def owner_ids(self) -> list[int]:
        return [self.page.pk]

    def owner(self, pk: int) -> CertificateListPage:
        return self.page

    @cached_property
    def resource(self) -> CertificateItemResource:
        base = CertificateEdition.objects.filter(pk=self.base_id(self.page.pk) or 0).first()
        return self.resource_of(base or self.page.current_edition)

    def resource_of(self, edition: Edition | None) -> CertificateItemResource:
        return CertificateItemResource(edition or CertificateEdition(owner=self.page))

    def parts(self) -> dict[str, Any]:
        return dict(self.resource.part_resources)

    @property
    def key_column(self) -> str:
        return str(self.resource.fields["key"].title)

    # Check

    def check(self, tables: dict[str, Table]) -> None:
        current = self.page.current_edition
        self.run.bases = {str(self.page.pk): current.pk if current else None}
        lines = self.lines_of_main(tables[""])
        parts = {name: self.lines_of_part(name, table) for name, table in tables.items() if name}
        sheet = dataset_of([line.cells for line in parts[PART]]) if PART in parts else None
        with memo.kept():
            resource = self.resource_of(current)
            self.tell_lines(resource, lines, parts)
            result = resource.import_data(
                dataset_of([line.cells for line in lines]),
                dry_run=True,
                is_excerpt=True,
                alternatives=sheet,
                tell=self.teller(lines),
            )
            raise_errors(result)
            faults: dict[int, list[list[str]]] = defaultdict(list)
            staged = self.staged_parts(resource, parts, result.rows, lines, faults)
            seen: set[str] = set()
            for place, (line, row) in enumerate(zip(lines, result.rows, strict=True)):
                staged.append(self.staged(resource, line, row, faults[place], seen))
        staging.write(self.run, staged)

    def staged(self, resource: Any, line: Line, row: Any, faults: list[list[str]], seen: set[str]) -> Staged:
        item = row.instance
        key = "" if self.key_column in line.damaged or item is None else item.key
        found = self.own(resource, row)
        if key in seen:  # said with both lines once all rows are staged
            found = [problem for problem in found if problem.column != self.key_column]
        seen.add(key)
        problems = [*line.problems, *errors_of(found, besides=line.damaged), *faults]
        problems += [
            ["", "", missing_on(problem)] for problem in row.problems if is_missing(resource, problem)
        ]
        if row.validation_error and not problems:
            own = str(resource.sheet_name)
            problems += errors_of(each for each in resource.problems if each.row == 1 and each.sheet == own)
        changes = {name: change for name, change in row.changes.items() if name != ORDER}
        if problems or row.validation_error:
            status = REFUSED
        else:
            status = NEW if row.is_new() else CHANGED if changes else SAME
        told = changes if status == CHANGED else {}
        data = {
            "cells": {**line.cells, self.key_column: key} if key else line.cells,
            "old": {name: old for name, (old, new) in told.items() if old or new},
            "new": {name: new for name, (old, new) in told.items() if old or new},
            "parts": [name for name, change in told.items() if not any(change)],
            "title": item.name if item is not None else "",
        }
        return Staged(
            line.number,
            self.page.pk,
            key,
            item.digest if status != REFUSED else "",
            status,
            staging.dump(data),
            staging.dump(problems) if problems else staging.NO_PROBLEMS,
        )

    # Confirm

    def begin(self, owner: Any, current: Edition | None) -> Edition:
        if current is None:
            return super().begin(owner, None)
        edition = current.new_draft(by=self.run.by, title=self.title)
        edition.effective_on = self.run.effective_on
        edition.full_clean(exclude=["owner", "based_on", "replaces", "created_by"])
        edition.save()
        return edition

    def fill(self, edition: Edition, current: Edition | None) -> None:
        """The file's items over those of the current edition, which the new one holds already."""
        rows = list(self.run.rows.filter(part="").order_by("number"))
        sound = [row for row in rows if row.status != REFUSED]
        kept = {row.key for row in rows if row.status == REFUSED}
        if current is not None and self.run.missing == ImportRun.Missing.KEEP:
            kept |= set(current.rows.values_list("key", flat=True)) - {row.key for row in rows}
        numbers = {row.number for row in sound}
        further = self.run.rows.filter(part=PART).order_by("number")
        alternatives = [
            row.data["cells"]
            for row in further
            if row.status != REFUSED and numbers.intersection(row.data["pages"])
        ]
        try:
            with memo.kept():
                self.resource_of(edition).load(
                    dataset_of([row.data["cells"] for row in sound]),
                    alternatives=dataset_of(alternatives) if alternatives else None,
                    kept=kept,
                    is_excerpt=True,
                )
        except SheetRefused as error:
            raise NotNow(
                _("预览之后，网站上的内容有了变化，什么都没有写入。请重新检查。%(problems)s")
                % {"problems": "".join(error.messages[:SENTENCES])}
            ) from error

    def hand_on(self, edition: Edition, outcome: Outcome) -> None:
        super().hand_on(edition, outcome)
        address = reverse("wagtailsnippets_certificates_certificateedition:rows", args=[edition.pk])
        outcome.links.append((str(edition), address))
