"""What lanes share whose resource compares a whole file in a trial: staged rows, further sheets, preview."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from content_models.base.resources import PartResource, Problem, SheetField
from content_models.base.widgets import RichTextWidget, plain_text
from imports import staging
from imports.lanes import Lane, ShownCell, ShownRow
from imports.lines import Line, errors_of, lines_of
from imports.match import match, sure_columns, targets_of
from imports.models import StagedRow
from imports.staging import Staged
from imports.tables import Table

NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
BEAT = 25  # rows


class TrialLane(Lane):
    """Rows are kept as texts by column, with old and new ones where the trial found a difference."""

    # The field of the resource that names a thing.
    name_field = "title"

    def lines_of_main(self, table: Table) -> list[Line]:
        return lines_of(table, self.run.mapping, self.privacy.of(self.resource))

    def lines_of_part(self, name: str, table: Table) -> list[Line]:
        return lines_of(table, self.columns_of_part(name, table), self.privacy.of(self.parts()[name]))

    def teller(self, lines: Sequence[Line]) -> Callable[[int], None]:
        """Says now and then how far a check is."""

        def tell(number: int) -> None:
            if number % BEAT == 0:
                self.run.beat(rows_read=lines[number - 1].number)

        return tell

    def tell_lines(self, resource: Any, lines: Sequence[Line], parts: dict[str, list[Line]]) -> None:
        """Let the resource's sentences name lines of the file."""
        resource.lines = [line.number for line in lines]
        for name, part in parts.items():
            resource.part_resources[name].lines = [line.number for line in part]

    def columns_of_part(self, name: str, table: Table) -> dict[str, str]:
        """What the columns of a further sheet are: only what is certain, for nobody is asked."""
        found = match(table.labels, targets_of(self.parts()[name]))
        left = [each.label for each in found if not each.is_sure]
        if left:
            self.run.remarks = [
                *self.run.remarks,
                _("工作表“%(sheet)s”里没有用上的列：%(columns)s。")
                % {"sheet": table.sheet.name, "columns": "、".join(left)},
            ]
        return sure_columns(found)

    def own(self, resource: Any, row: Any) -> list[Any]:
        """Problems of the row itself, and not of rows on further sheets."""
        name = str(resource.sheet_name)
        return [problem for problem in row.problems if problem.sheet == name and problem.row > 1]

    def staged_parts(
        self,
        resource: Any,
        parts: dict[str, list[Line]],
        rows: Sequence[Any],
        lines: Sequence[Line],
        faults: dict[int, list[list[str]]],
    ) -> list[Staged]:
        """The rows of further sheets; that one is wrong is noted in ``faults`` of its page's row."""
        staged = []
        found: dict[tuple[str, int], list[Any]] = {}
        for row in rows:
            for problem in row.problems:
                found.setdefault((problem.sheet, problem.row - 2), []).append(problem)
        for name, part_lines in parts.items():
            part = resource.part_resources[name]
            owner = part.fields[part.owner].title
            for place, line in enumerate(part_lines):
                pages = resource.part_pages[name].get(place + 1, [])
                problems = [
                    *line.problems,
                    *errors_of(found.get((str(part.sheet_name), place), ()), besides=line.damaged),
                ]
                if not pages:
                    text = line.cells.get(owner, "")
                    problems.append([owner, text, _("主表里没有“%(owner)s”。") % {"owner": text}])
                for number in pages if problems else ():
                    faults[number - 1].append(["", "", fault_on(part, line.number)])
                staged.append(
                    Staged(
                        line.number,
                        0,
                        "",
                        "",
                        part_status(part, [rows[number - 1] for number in pages], problems),
                        staging.dump(
                            {"cells": line.cells, "pages": [lines[number - 1].number for number in pages]}
                        ),
                        staging.dump(problems) if problems else staging.NO_PROBLEMS,
                        name,
                    )
                )
        return staged

    # Preview

    def shown(self, rows: Sequence[StagedRow]) -> list[ShownRow]:
        shown = []
        for row in rows:
            resource = self.parts()[row.part] if row.part else self.resource
            shown.append(ShownRow(row, self.label_of(row, resource), self.shown_cells(row, resource)))
        return shown

    def label_of(self, row: StagedRow, resource: Any) -> str:
        column = resource.fields[resource.owner if row.part else self.name_field].title
        return str(row.data.get("title") or row.data["cells"].get(column) or _("（没有名称）"))

    def shown_cells(self, row: StagedRow, resource: Any) -> list[ShownCell]:
        cells, old, new = row.data["cells"], row.data.get("old", {}), row.data.get("new", {})
        is_refused = row.status == REFUSED
        wrong = {column: value for column, value, _message in row.problems if column and is_refused}
        order = [target.title for target in targets_of(resource)]
        columns = sorted({*cells, *old, *wrong}, key=lambda column: _place(column, order))
        rich = rich_columns(resource)
        shown = []
        for column in columns:
            text, was = wrong.get(column, new.get(column, cells.get(column, ""))), old.get(column)
            if column in rich:
                text, was = as_read(text, was)
            shown.append(ShownCell(column, text, was, messages_on(row, column)))
        return shown + [
            ShownCell(name, _("有变化"), "", messages_on(row, name)) for name in row.data.get("parts", ())
        ]


def rich_columns(resource: Any) -> set[str]:
    """Columns of formatted text."""
    fields = (field for field in resource.fields.values() if isinstance(field, SheetField))
    return {field.title for field in fields if isinstance(field.widget, RichTextWidget)}


def as_read(text: str, was: str | None) -> tuple[str, str | None]:
    """Formatted text without its marks, unless old and new differ in nothing else."""
    plain, before = plain_text(text), None if was is None else plain_text(was)
    return (text, was) if plain == before else (plain, before)


def messages_on(row: StagedRow, column: str) -> str:
    return "".join(message for name, _value, message in row.problems if name == column)


def fault_on(part: PartResource, number: int) -> str:
    return _("工作表“%(sheet)s”第 %(row)d 行有错误。") % {"sheet": part.sheet_name, "row": number}


def is_missing(resource: Any, problem: Problem) -> bool:
    """Whether it says that a further sheet lacks a column."""
    return problem.row == 1 and problem.sheet != str(resource.sheet_name)


def missing_on(problem: Problem) -> str:
    return _("工作表“%(sheet)s”“%(column)s”：%(message)s") % {
        "sheet": problem.sheet,
        "column": problem.column,
        "message": problem.message,
    }


def raise_errors(result: Any) -> None:
    """Failures of the program, which are no mistakes of the file."""
    for error in [*result.base_errors, *(error for row in result.rows for error in row.errors)]:
        raise error.error


def status_of(row: Any, problems: Sequence[Any]) -> str:
    if problems or row.validation_error:
        return REFUSED
    if row.is_new():
        return NEW
    return SAME if row.is_skip() else CHANGED


def part_status(part: PartResource, rows: Sequence[Any], problems: Sequence[Any]) -> str:
    """What becomes of a row of a further sheet: as its page fares."""
    if problems:
        return REFUSED
    if any(row.is_new() for row in rows):
        return NEW
    return CHANGED if any(str(part.sheet_name) in row.changes for row in rows) else SAME


def _place(column: str, order: Sequence[str]) -> int:
    return order.index(column) if column in order else len(order)
