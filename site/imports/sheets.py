"""Which sheet of a workbook holds what: the main table, those of further parts, forms one under another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base import public_tables
from content_models.base.resources import PartResource, SheetResource
from content_models.base.widgets import fold
from imports.lanes import Lane, NotNow
from imports.match import match, sure_columns, targets_of
from imports.reading import layout
from imports.reading.layout import Block, Header, NumberedRow, Skipped
from imports.reading.workbook import Cell, Sheet, Workbook
from imports.tables import Batch, FileRow, Table, table_under, top_of

LEAST = 2  # columns that must be known for a sheet to count as a part by its header


@dataclass
class BlockTable(Table):
    """A table whose rows were gathered from forms on a sheet."""

    gathered: list[FileRow] = field(default_factory=list)

    def pieces(self) -> Iterator[Batch]:
        self.skipped_count = len(self.skipped)
        yield Batch.of(self.gathered)


NOTES_SHEET = gettext_lazy("填写说明")  # of our own templates
NOTES_SHEETS = (NOTES_SHEET, public_tables.NOTES_SHEET)


class Fit(NamedTuple):
    """How well a sheet suits a part."""

    by_name: bool
    known: int
    part: str


def find_tables(book: Workbook, lane: Lane, sheet_name: str = "") -> tuple[dict[str, Table], list[str]]:
    """``{"": main table, part: table}`` and remarks on sheets of no use; NotNow where there is no main table.

    The main sheet is the one named, else the one whose header has the most known columns.
    """
    tops = {sheet.index: top_of(book, sheet) for sheet in book.sheets if lane.parts() or not sheet_name}
    if sheet_name:
        main_sheet = book.sheet(sheet_name)
        found = find_main(book, main_sheet, tops.get(main_sheet.index) or top_of(book, main_sheet), lane)
    else:
        main_sheet, found = best_sheet(book, tops, lane)
    if found is None:
        raise no_header(book, main_sheet)
    tables, remarks = dict(found), list[str]()
    parts = lane.parts()
    for sheet in book.sheets:
        if sheet == main_sheet or not sheet.rows or sheet.is_hidden or sheet.name in NOTES_SHEETS:
            continue
        top = tops.get(sheet.index, [])
        fits = (fit_of(book, sheet, top, name, part) for name, part in parts.items())
        fit = max((fit for fit in fits if fit is not None), default=None)
        if fit is None or fit.part in tables:
            remarks.append(_("没有用上工作表“%(sheet)s”。") % {"sheet": sheet.name})
            continue
        table = table_under(book, sheet, top, known_names(parts[fit.part]))
        assert table is not None, "a fit has a table"
        if sheet.rows > table.header.last_row:  # an empty sheet of a form says nothing
            tables[fit.part] = table
    return tables, remarks


def no_header(book: Workbook, sheet: Sheet) -> NotNow:
    """What to say of a sheet on which no header can be made out."""
    if not sheet.rows:
        text = _("工作表“%(sheet)s”是空的。")
    else:
        text = _("工作表“%(sheet)s”里没有找到表头：要有一行写着每一列是什么。")
    text += _("请选择别的工作表。") if len(book.sheets) > 1 else _("请检查文件，改好再上传。")
    return NotNow(text % {"sheet": sheet.name})


def layout_of(tables: Mapping[str, Table], lane: Lane, mapping: Mapping[str, str]) -> dict[str, Any]:
    """``{part: {"sheet": its name, "places": {column of the site: place from 1}}}``, to name cells later.

    ``mapping`` is ``{label: column}`` of the main table. What was gathered from forms has no places.
    """
    found = {}
    for part, table in tables.items():
        own = mapping if not part else sure_columns(match(table.labels, targets_of(lane.parts()[part])))
        places = {} if isinstance(table, BlockTable) else table.places(own)
        found[part] = {
            "sheet": table.sheet.name,
            "places": {column: place + 1 for column, place in places.items()},
        }
    return found


def best_sheet(
    book: Workbook, tops: dict[int, list[NumberedRow]], lane: Lane
) -> tuple[Sheet, dict[str, Table] | None]:
    """The sheet with the most known columns, the first of equals; hidden ones only where all are."""
    sheets = [sheet for sheet in book.sheets if not sheet.is_hidden] or book.sheets
    found = [(sheet, find_main(book, sheet, tops[sheet.index], lane)) for sheet in sheets]
    names = {fold(str(lane.resource.sheet_name))}
    return max(
        found,
        key=lambda each: (
            -1 if each[1] is None else each[1][""].header.known + (100 if fold(each[0].name) in names else 0)
        ),
    )


def find_main(book: Workbook, sheet: Sheet, top: list[NumberedRow], lane: Lane) -> dict[str, Table] | None:
    """The table of a sheet, or what its forms say, with the tables they bring along."""
    known = [name for target in lane.targets() for name in target.names]
    table = table_under(book, sheet, top, known)
    if lane.form_begins:
        blocks = find_forms(book, sheet, top, lane)
        if blocks and (table is None or len(blocks[0].fields) > table.header.known):
            return from_blocks(book, sheet, blocks, lane)
    return None if table is None else {"": table}


def known_names(resource: SheetResource) -> list[str]:
    return [name for target in targets_of(resource) for name in target.names]


def fit_of(
    book: Workbook, sheet: Sheet, top: list[NumberedRow], name: str, part: SheetResource
) -> Fit | None:
    """Whether a sheet can be a part: it has every column that a row needs, by certain names."""
    table = table_under(book, sheet, top, known_names(part))
    if table is None:
        return None
    found = columns_for(part, table.labels)
    is_named = fold(sheet.name) in (fold(str(part.sheet_name)), fold(name))
    if is_named:
        return Fit(True, len(found), name)
    needed = {target.title for target in targets_of(part) if target.is_required}
    return Fit(False, len(found), name) if len(found) >= LEAST and needed <= found else None


def columns_for(part: SheetResource, labels: Sequence[str]) -> set[str]:
    """The columns of a part that surely are among these labels."""
    return set(sure_columns(match(labels, targets_of(part))).values()) - {""}


# Forms one under another


def find_forms(book: Workbook, sheet: Sheet, top: list[NumberedRow], lane: Lane) -> list[Block]:
    targets = [target for target in lane.targets() if target.is_read]
    first = next(target for target in targets if target.title == lane.form_begins)
    if not any(fold(cell.raw) == fold(first.title) for _number, cells in top for cell in cells):
        return []
    tables = [name for part in lane.parts().values() for name in known_names(part)]
    fields = [name for target in targets for name in target.names]
    return layout.find_blocks(
        book.iter_rows(sheet), first_label=lane.form_begins, field_labels=fields, table_labels=tables
    )


def from_blocks(book: Workbook, sheet: Sheet, blocks: Sequence[Block], lane: Lane) -> dict[str, Table]:
    """The forms as rows of one table, and their own tables as those of the parts they suit best."""
    labels = list(dict.fromkeys(label for block in blocks for label in block.fields))
    skipped = [skipped for block in blocks for skipped in block.skipped]
    rows = [FileRow(block.first_row, [block.fields.get(label) for label in labels]) for block in blocks]
    tables: dict[str, Table] = {"": gathered(book, sheet, labels, rows, skipped)}
    parts = lane.parts()
    found: dict[str, list[tuple[Cell, layout.Table]]] = {}
    for block in blocks:
        title = next(cell for label, cell in block.fields.items() if fold(label) == fold(lane.form_begins))
        for table in block.tables:
            name = max(parts, key=lambda name: known_columns(table, parts[name]))
            found.setdefault(name, []).append((title, table))
    for name, own in found.items():
        part = parts[name]
        assert isinstance(part, PartResource)
        owner = part.fields[part.owner].title
        columns = list(
            dict.fromkeys(label for _title, table in own for label in table.header.labels if label)
        )
        rows = [
            FileRow(row.number, [title, *(row.cells.get(label) for label in columns)])
            for title, table in own
            for row in table.rows
        ]
        tables[name] = gathered(book, sheet, [owner, *columns], rows)
    return tables


def known_columns(table: layout.Table, part: SheetResource) -> int:
    labels = [label for label in table.header.labels if label]
    return len(columns_for(part, labels))


def gathered(
    book: Workbook, sheet: Sheet, labels: Sequence[str], rows: list[FileRow], skipped: Sequence[Skipped] = ()
) -> BlockTable:
    first = rows[0].number if rows else 1
    header = Header((first,), tuple(labels), len(labels))
    return BlockTable(book, sheet, header, skipped=list(skipped), gathered=rows)
