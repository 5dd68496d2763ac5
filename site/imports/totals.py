"""Totals that a file or a document states, compared with what was read: said before anything is written."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from content_models.base.widgets import NumberWidget
from content_models.policy_lists.cells import cell as cell_in
from content_models.policy_lists.models import ListEdition
from imports import staging
from imports.models import ImportRun
from imports.reading import normalise
from imports.reading.workbook import Cell, cell_of
from imports.tables import FileRow, Table

REMARKS = 5
PLACES = 6  # a spreadsheet's own sums are off by less
_COUNT = re.compile(r"\d+(?=[条项个]$)")


# Total rows of a file


@dataclass
class Summed:
    """One column from the top: its sum and its filled cells so far, and both as they were at each total."""

    total: Decimal = Decimal()
    count: int = 0
    numbers: int = 0
    before: list[tuple[Decimal, int]] = field(default_factory=lambda: [(Decimal(), 0)])

    def add(self, amount: Decimal | None) -> None:
        self.count += 1
        if amount is not None:
            self.numbers += 1
            self.total += amount

    @property
    def is_number(self) -> bool:
        return self.numbers == self.count > 0

    @property
    def is_serial(self) -> bool:
        """Whether the numbers only count the rows."""
        return self.total * 2 == self.count * (self.count + 1)

    def agrees(self, stated: Decimal) -> bool:
        """Whether the rows since any earlier total, or since the top, add up to this; texts are counted."""
        is_summed, is_counted = self.is_number, not self.is_number or self.is_serial
        return any(
            (is_summed and round(self.total - total - stated, PLACES) == 0)
            or (is_counted and self.count - count == stated)
            for total, count in self.before
        )


def remarks_on_table(table: Table) -> list[str]:
    """Where a total row says something else than the rows above it; once the table has been read."""
    totals = [(row.number, row.cells) for row in table.skipped if row.cells]
    stated = {number: stated_in(cells, len(table.header.labels)) for number, cells in totals}
    return list(islice(compared(table, stated), REMARKS)) if any(stated.values()) else []


def stated_in(cells: Sequence[Cell], width: int) -> list[tuple[Cell, Decimal]]:
    """The numbers of a total row with their cells; of its label only a count (合计42条)."""
    found = []
    for cell in cells[:width]:
        label = _COUNT.search(normalise.text_of(cell.raw)) if cell.kind == "text" else None
        amount = Decimal(label[0]) if label else amount_of(cell)
        if amount is not None:
            found.append((cell, amount))
    return found


def compared(table: Table, stated: dict[int, list[tuple[Cell, Decimal]]]) -> Iterator[str]:
    columns = {cell.column: Summed() for found in stated.values() for cell, _amount in found}
    waiting = sorted(stated)
    amounts: dict[Any, Decimal | None] = {}
    for row in chain(table.rows(), [None]):
        while waiting and (row is None or waiting[0] < row.number):
            yield from differing(table, columns, stated[waiting.pop(0)])
        if row is not None:
            add_row(columns, row, amounts)


def add_row(columns: dict[int, Summed], row: FileRow, amounts: dict[Any, Decimal | None]) -> None:
    for column, summed in columns.items():
        value = row.values[column - 1] if column <= len(row.values) else None
        if value is None or (isinstance(value, Cell) and (value.is_empty or is_repeated(value, row.number))):
            continue
        if type(value) is not str:
            summed.add(amount_of(value))
            continue
        if value not in amounts:
            amounts[value] = amount_of(value)
        summed.add(amounts[value])


def is_repeated(cell: Cell, number: int) -> bool:
    """Whether a merged cell was counted on its first row."""
    return cell.merge is not None and cell.merge.first_row < number


def amount_of(value: Any) -> Decimal | None:
    found = normalise.number(value if isinstance(value, Cell) else cell_of(0, 0, value)).value
    return found.number if found is not None else None


def differing(
    table: Table, columns: dict[int, Summed], stated: Iterable[tuple[Cell, Decimal]]
) -> Iterator[str]:
    for cell, amount in stated:
        summed = columns[cell.column]
        is_mixed = 0 < summed.numbers < summed.count
        if not is_mixed and not summed.agrees(amount):
            named = {"sheet": table.sheet.name, "cell": cell.address, "stated": shown(amount)}
            if summed.is_number:
                yield _("工作表“%(sheet)s”%(cell)s 的合计写的是 %(stated)s，各行相加是 %(sum)s。请核对。") % {
                    **named,
                    "sum": shown(summed.total),
                }
            else:
                yield _("工作表“%(sheet)s”%(cell)s 的合计写的是 %(stated)s，读到 %(count)d 行。请核对。") % {
                    **named,
                    "count": summed.count,
                }
    for summed in columns.values():
        summed.before.append((summed.total, summed.count))


def shown(amount: Decimal) -> str:
    return NumberWidget().render(amount)


# Numbers that a document states of a list


def remarks_on_edition(run: ImportRun, base: ListEdition) -> list[str]:
    """Where the list would have more entries than its document states; fewer is said once, as usual."""
    if base.pk is None or (base.stated_total is None and not base.stated_by_category):
        return []
    counts = counts_after(run, base)
    entered = sum(counts.values())
    remarks = [
        _("“%(name)s”导入后有 %(entered)d 条，比公布的 %(stated)d 条多 %(more)d 条。请核对。")
        % {"name": name, "entered": counts[name], "stated": number, "more": counts[name] - number}
        for name, number in base.stated_by_category
        if base.category_column is not None and counts[name] > number
    ]
    if base.stated_total is None or entered == base.stated_total:
        return remarks
    named = {"entered": entered, "stated": base.stated_total, "more": entered - base.stated_total}
    if entered > base.stated_total:
        return [
            *remarks,
            _("导入后共 %(entered)d 条，比公布的 %(stated)d 条多 %(more)d 条。请核对。") % named,
        ]
    return [*remarks, _("导入后：已录入 %(entered)d / 公布 %(stated)d。") % named]


def counts_after(run: ImportRun, base: ListEdition) -> Counter[str]:
    """Entries by category as they would be: the sound rows of the file, and what the site has besides."""
    key = base.category_column.key if base.category_column is not None else ""
    category = staging.json_text(key) if key else "''"
    sound = "s.run_id = %s AND s.part = '' AND s.status <> 'refused'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {category}, COUNT(*) FROM {staging.TABLE} s WHERE {sound} GROUP BY 1", [run.pk]
        )
        counts = Counter({name or "": number for name, number in cursor.fetchall()})
    kept = base.rows.order_by().extra(
        where=[
            f"NOT EXISTS (SELECT 1 FROM {staging.TABLE} s WHERE {sound} "
            f'AND s.key = "{base.row_model._meta.db_table}"."key")'
        ],
        params=[run.pk],
    )
    if key:
        found = kept.annotate(cell=cell_in(key)).values_list("cell").annotate(number=Count("pk"))
        counts.update({name or "": number for name, number in found})
    else:
        counts[""] += kept.count()
    return counts
