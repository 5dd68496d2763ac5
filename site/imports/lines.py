"""Rows of a file as texts by column of the site: what is staged, shown, and read again when it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tablib

from content_models.base.widgets import text_of
from imports.privacy import Keep
from imports.reading.workbook import Cell, cell_of
from imports.tables import Table


@dataclass
class Line:
    """A row of a file: its number there, its cells by column, and cells that no column can use."""

    number: int
    cells: dict[str, str]
    problems: list[list[str]] = field(default_factory=list)

    @property
    def damaged(self) -> set[str]:
        return {column for column, _value, _message in self.problems}


def lines_of(table: Table, mapping: Mapping[str, str], keeps: Mapping[str, Keep]) -> list[Line]:
    """The rows of a table; ``mapping`` is ``{label of the file: column}``, ``keeps`` watches public texts."""
    places = table.places(mapping)
    lines = []
    for row in table.rows():
        line = Line(row.number, {})
        for column, place in places.items():
            value = row.values[place] if place < len(row.values) else None
            cell = value if isinstance(value, Cell) else cell_of(row.number, place + 1, value)
            text = text_in(cell)
            if cell.problem:
                line.problems.append([column, cell.raw, cell.problem])
            elif column in keeps:
                try:
                    text = keeps[column](text)
                except ValueError as error:
                    line.problems.append([column, cell.raw, str(error)])
            line.cells[column] = text
        lines.append(line)
    return lines


def text_in(cell: Cell) -> str:
    """A cell in the words from which every column reads what it reads in the cell."""
    return cell.raw if cell.kind == "number" else text_of(cell.value)


def dataset_of(rows: Sequence[Mapping[str, str]]) -> tablib.Dataset:
    """The sheet that these rows make."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return tablib.Dataset(*[[row.get(column, "") for column in columns] for row in rows], headers=columns)


def errors_of(problems: Iterable[Any], *, besides: Iterable[str] = ()) -> list[list[str]]:
    """A resource's problems as rows keep them, but for columns whose cells are damaged in themselves."""
    return [
        [problem.column, problem.value, problem.message]
        for problem in problems
        if problem.column not in besides or not problem.column
    ]
