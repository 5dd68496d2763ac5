"""What the rows of a sheet are: titles, header, data, totals, notes, and guides one under another.

Pure functions over ``(number, cells)`` as ``Workbook.iter_rows`` gives them. Nothing is dropped in silence:
each row left out is reported with the reason.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from django.utils.translation import gettext_lazy as _

from content_models.base.widgets import fold
from imports.reading.places import Merge
from imports.reading.workbook import Cell

Cells = Sequence[Cell]
NumberedRow = tuple[int, Cells]

LOOK_AHEAD = 60  # rows in which a header must stand
JOIN = "·"
LONGEST_LABEL = 40

TOTAL = _("合计行")
NOTE = _("说明行")
SIGNATURE = _("落款行")
REPEATED = _("重复的表头")
NUMBERING = _("栏号行")
SECTION = _("分组标题")
TITLE = _("表格标题")
UNNAMED = _("没有表头的列")
OUTSIDE = _("不属于任何一份")

_TOTAL = re.compile(r"(本页|本表)?(合计|小计|总计|共计|累计|总数)[:：]?[\d,.]*[个项条户人件次元万]*")
_NOTE = re.compile(r"(注|备注|说明|填表说明|填报说明|附注|注释)\d*[:：、.]")
_SIGNATURE = re.compile(
    r"(填表人|填报人|制表人?|审核人?|复核人?|负责人|单位负责人|填报单位|填表单位|编制单位|填报日期|填表日期|制表日期|"
    r"填报时间|填表时间|制表时间|联系人|联系电话|单位\(盖章\))[:：]"
)
_NUMBERED = re.compile(r"\(?\d{1,3}\)?")


@dataclass(frozen=True)
class Skipped:
    """A row that is no data, and why."""

    number: int
    reason: str
    text: str
    cells: Cells = field(default=(), compare=False)  # of a total, to be compared with the rows


@dataclass(frozen=True)
class Header:
    """Where the header stands and what its columns are called, from column A; some may have no name."""

    rows: tuple[int, ...]
    labels: tuple[str, ...]
    known: int = 0  # how many labels are known names
    titles: tuple[Skipped, ...] = ()

    @property
    def last_row(self) -> int:
        return self.rows[-1]

    @property
    def columns(self) -> dict[str, int]:
        """Label → column, from 1."""
        return {label: column for column, label in enumerate(self.labels, 1) if label}


@dataclass(frozen=True)
class DataRow:
    """A row of data: its cells by label, merged cells filled in, and the group title above it."""

    number: int
    cells: Mapping[str, Cell]
    section: str = ""

    def __getitem__(self, label: str) -> Cell:
        return self.cells[label]


@dataclass
class Table:
    """A header and what stands under it; ``skipped`` is complete once ``rows`` has run through."""

    header: Header
    rows: Iterable[DataRow]
    skipped: list[Skipped] = field(default_factory=list)


@dataclass
class Block:
    """One guide among several on a sheet: its labelled values, and its own tables."""

    first_row: int
    fields: dict[str, Cell] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def find_table(rows: Iterable[NumberedRow], known_labels: Iterable[str] = ()) -> Table | None:
    """The table of a sheet, read on as its rows are asked for; None where no header can be made out."""
    source = iter(rows)
    top = list(islice(source, LOOK_AHEAD))
    header = find_header(top, known_labels)
    if header is None:
        return None
    table = Table(header, ())
    rest = chain((row for row in top if row[0] > header.last_row), source)
    before = [row for row in top if row[0] in header.rows]
    table.skipped += header.titles
    table.rows = data_rows(rest, header, table.skipped, before=before)
    return table


def find_header(rows: Sequence[NumberedRow], known_labels: Iterable[str] = ()) -> Header | None:
    """The header under title rows: the one with most known labels, or else the first that looks like one.

    Two rows are joined as 一级·二级 where the upper label spans columns, merged or left empty, that the lower
    names.
    """
    known = {fold(label) for label in known_labels} - {""}
    header = _best_header(rows, known)
    return header and replace(header, titles=titles([row for row in rows if row[0] < header.rows[0]]))


def _best_header(rows: Sequence[NumberedRow], known: set[str]) -> Header | None:
    found = [header for at in range(len(rows)) if (header := header_at(rows, at, known))]
    best = max(found, key=lambda header: header.known, default=None)
    if best is not None and (best.known >= 2 or len(best.columns) == best.known):
        return best
    widest = max((filled(cells) for _number, cells in rows), default=0)
    return next((header for header in found if 2 * len(header.columns) >= max(widest, 4)), None)


def header_at(rows: Sequence[NumberedRow], at: int, known: set[str]) -> Header | None:
    """The header that would begin on this row."""
    number, cells = rows[at]
    if reason_to_skip(cells) or not looks_like_header(cells):
        return None
    labels = labels_of(cells)
    numbers: tuple[int, ...] = (number,)
    if at + 1 < len(rows) and rows[at + 1][0] == number + 1:
        joined = two_level(cells, rows[at + 1][1])
        if joined:
            labels, numbers = joined, (number, number + 1)
    score = len({fold(label) for label in labels if is_known(label, known)})
    return Header(numbers, unique(labels), score)


def titles(rows: Sequence[NumberedRow]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(number, str(reason_to_skip(cells) or TITLE), row_text(cells))
        for number, cells in rows
        if filled(cells)
    )


def is_known(label: str, known: set[str]) -> bool:
    return fold(label) in known or (JOIN in label and fold(label.partition(JOIN)[2]) in known)


def filled(cells: Cells) -> int:
    return sum(1 for cell in cells if not cell.is_empty)


def row_text(cells: Cells) -> str:
    """The row in one line, for a report."""
    return " ".join(cell.raw.strip() for cell in cells if not cell.is_empty)[:120]


def plain(text: str) -> str:
    """For comparing with the words that mark totals and notes."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def looks_like_header(cells: Cells) -> bool:
    """Labels are short different texts; a title is one cell alone."""
    found = [cell for cell in cells if not cell.is_empty]
    texts = [cell.raw.strip() for cell in found if cell.kind == "text"]
    if not texts or len(texts) < len(found) or any(len(text) > LONGEST_LABEL for text in texts):
        return False
    if len(texts) == 1:
        return spans(found[0]) == 1
    return len(set(texts)) >= len(texts) - max(1, len(texts) // 4)


def spans(cell: Cell) -> int:
    """How many columns a cell covers."""
    return cell.merge.last_column - cell.merge.first_column + 1 if cell.merge else 1


def label_text(cell: Cell) -> str:
    return " ".join(cell.raw.split())


def labels_of(cells: Cells) -> list[str]:
    """The labels of a header of one row."""
    labels = [label_text(cell) for cell in cells]
    while labels and not labels[-1]:
        labels.pop()
    return labels


def two_level(upper: Cells, lower: Cells) -> list[str] | None:
    """The labels of a header of two rows; None where the second row is no part of it.

    With merged cells, the file says which upper label stands over which columns. Without (CSV), a label
    stands over the empty columns to its right that the lower row names.
    """
    if filled(upper) < 2 or reason_to_skip(lower):
        return None
    width = max(len(upper), len(lower))
    above = [cell_at(upper, column) for column in range(1, width + 1)]
    below = [cell_at(lower, column) for column in range(1, width + 1)]
    if any(cell.kind not in ("text", "empty") or len(cell.raw.strip()) > LONGEST_LABEL for cell in below):
        return None
    labels: list[str] = []
    joined = 0
    group = ""
    for column, (top, bottom) in enumerate(zip(above, below, strict=True), 1):
        if not top.is_empty or bottom.is_empty:
            group = label_text(top)
        if bottom.is_empty:
            labels.append(label_text(top))
        elif top.is_empty or spans(top) > 1 or next_is_gap(above, below, column):
            labels.append(f"{group}{JOIN}{label_text(bottom)}" if group else label_text(bottom))
            joined += bool(group)
        else:
            return None  # both rows name this column alone: the lower one is data
    while labels and not labels[-1]:
        labels.pop()
    return labels if joined >= 2 else None


def next_is_gap(above: Sequence[Cell], below: Sequence[Cell], column: int) -> bool:
    """Whether the upper label goes on over the next column, which only the lower row names."""
    return column < len(above) and above[column].is_empty and not below[column].is_empty


def cell_at(cells: Cells, column: int) -> Cell:
    return cells[column - 1] if column <= len(cells) else Cell(0, column)


def unique(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels that say the same twice get a number, so that no column hides another."""
    seen: dict[str, int] = {}
    named: list[str] = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        named.append(f"{label}({seen[label]})" if label and seen[label] > 1 else label)
    return tuple(named)


def reason_to_skip(cells: Cells) -> str:
    """Why a row is no data whatever the header: a total, a note, a signature; empty for all others."""
    found = [cell for cell in cells if not cell.is_empty]
    if not found:
        return ""
    words = [plain(cell.raw) for cell in found[:2] if cell.kind == "text"]
    first = plain(found[0].raw)
    if any(_TOTAL.fullmatch(word) for word in words):
        return str(TOTAL)
    if _NOTE.match(first) and len(found) <= 2:
        return str(NOTE)
    if _SIGNATURE.match(first):
        return str(SIGNATURE)
    return ""


def data_rows(
    rows: Iterable[NumberedRow],
    header: Header,
    skipped: list[Skipped],
    *,
    before: Sequence[NumberedRow] = (),
) -> Iterator[DataRow]:
    """The rows of data under a header; merged cells mean "as above"; rows left out are reported."""
    reader = RowReader(header, skipped.append, before=before)
    for number, cells in rows:
        row = reader.take(number, cells)
        if row is not None:
            yield row


class RowReader:
    """Tells rows of data from totals, notes and repeated headers, one after another.

    ``report`` hears of each row left out; ``before`` are the rows of the header.
    """

    def __init__(
        self, header: Header, report: Callable[[Skipped], None], *, before: Sequence[NumberedRow] = ()
    ) -> None:
        self.header, self.report = header, report
        self.names = [[label_text(cell) for cell in cells] for _number, cells in before]
        self.held: dict[Merge, Cell] = {}
        self.unnamed: set[int] = set()
        self.section = ""
        self.after_note = False

    def take(self, number: int, cells: Cells) -> DataRow | None:
        """The row as data; None where it is none."""
        if not filled(cells):
            return None
        if reason := self.reason_to_leave_out(number, cells):
            self.report(Skipped(number, reason, row_text(cells), cells if reason == str(TOTAL) else ()))
            return None
        self.after_note = False
        self.held = {merge: cell for merge, cell in self.held.items() if merge.last_row >= number}
        labels = self.header.labels
        found: dict[str, Cell] = {}
        for column in range(1, max(len(labels), len(cells)) + 1):
            cell = fill(cell_at(cells, column), number, column, self.held)
            if column <= len(labels) and labels[column - 1]:
                found[labels[column - 1]] = cell
            elif not cell.is_empty and column not in self.unnamed:
                self.unnamed.add(column)
                self.report(Skipped(number, str(UNNAMED), f"{cell.address} {cell.raw[:40]}"))
        return DataRow(number, found, self.section)

    def reason_to_leave_out(self, number: int, cells: Cells) -> str:
        width = len(self.header.labels)
        reason = reason_to_skip(cells)
        self.after_note = self.after_note or reason == str(NOTE)
        if reason:
            return reason
        if self.after_note and is_note_line(cells):
            return str(NOTE)
        if [label_text(cell) for cell in cells][:width] in self.names:
            return str(REPEATED)
        if number == self.header.last_row + 1 and is_numbering(cells, width):
            return str(NUMBERING)
        if is_section(cells, width):
            self.section = row_text(cells)
            return str(SECTION)
        return ""


def fill(cell: Cell, number: int, column: int, held: dict[Merge, Cell]) -> Cell:
    """The cell, or what the merged cell it lies in says."""
    merge = cell.merge
    if merge is None:
        return cell if cell.row else Cell(number, column)
    if not cell.is_empty:
        held[merge] = cell
        return cell
    same = held.get(merge)
    if same is None:
        return cell
    return Cell(number, column, same.kind, same.value, same.raw, merge)


def is_note_line(cells: Cells) -> bool:
    """A further line of a note: one text, beginning with a number."""
    found = [cell for cell in cells if not cell.is_empty]
    return len(found) == 1 and bool(re.match(r"[(（]?\d+[.、)）．]|[①-⑳]", found[0].raw.strip()))


def is_numbering(cells: Cells, width: int) -> bool:
    """The row 1 2 3 4 … under a printed form's header."""
    found = [plain(cell.raw) for cell in cells if not cell.is_empty]
    return len(found) >= 3 and len(found) == width and found in (
        [str(number) for number in range(1, width + 1)],
        [f"({number})" for number in range(1, width + 1)],
        ["序号", *(str(number) for number in range(1, width))],
    )  # fmt: skip


def is_section(cells: Cells, width: int) -> bool:
    """A title over the whole width between rows of data: 一、公共服务."""
    found = [cell for cell in cells if not cell.is_empty]
    return len(found) == 1 and width > 2 and found[0].kind == "text" and spans(found[0]) >= max(2, width - 1)


def find_blocks(
    rows: Iterable[NumberedRow],
    *,
    first_label: str,
    field_labels: Iterable[str],
    table_labels: Iterable[str],
) -> list[Block]:
    """Guides one under another: each begins at ``first_label``, has labelled values, and tables of its own.

    A label's value stands to its right; one that is merged over several rows gathers their values as lines.
    """
    first = fold(first_label)
    in_fields = {fold(label) for label in field_labels} | {first}
    in_tables = {fold(label) for label in table_labels}
    blocks: list[Block] = []
    held: dict[Merge, Cell] = {}
    waiting: list[Skipped] = []
    table: list[NumberedRow] | None = None
    for number, cells in rows:
        if not filled(cells):
            continue
        known = sum(1 for cell in cells if fold(cell.raw) in in_tables)
        if blocks and known >= 3 and looks_like_header(cells):
            table = []
            header = Header((number,), unique(labels_of(cells)), known)
            blocks[-1].tables.append(Table(header, table_rows(table, header, blocks[-1].skipped)))
            continue
        pairs = labelled_values(number, cells, in_fields, held)
        if pairs:
            table = None
            if any(fold(label) == first for label, _cell in pairs):
                blocks.append(Block(number, skipped=waiting))
                waiting = []
            if blocks:
                for label, cell in pairs:
                    add_value(blocks[-1].fields, label, cell)
                continue
        if table is not None and len(cells) > 1 and not is_section(cells, 3):
            table.append((number, cells))
            continue
        table = None
        reason = reason_to_skip(cells) or str(SECTION if filled(cells) == 1 else OUTSIDE)
        ours = blocks[-1].skipped if blocks and not blocks[-1].tables else waiting
        ours.append(Skipped(number, reason, row_text(cells)))
    if blocks:
        blocks[-1].skipped += waiting
    for block in blocks:
        for found in block.tables:
            found.rows = list(found.rows)
    return blocks


def table_rows(rows: Sequence[NumberedRow], header: Header, skipped: list[Skipped]) -> Iterator[DataRow]:
    """The rows gathered for a block's table, once all are there."""
    yield from data_rows(rows, header, skipped)


def labelled_values(
    number: int, cells: Cells, labels: set[str], held: dict[Merge, Cell]
) -> list[tuple[str, Cell]]:
    """The pairs of label and value on a row whose first filled cell is a label."""
    for merge in [merge for merge in held if merge.last_row < number]:
        del held[merge]
    whole = [fill(cell, number, column, held) for column, cell in enumerate(cells, 1)]
    first = next((cell for cell in whole if not cell.is_empty), None)
    if first is None or fold(first.raw) not in labels:
        return []
    pairs: list[tuple[str, Cell]] = []
    label = ""
    for cell in whole:
        if cell.is_empty or (cell.merge and cell.column > cell.merge.first_column):
            continue
        if fold(cell.raw) in labels and cell.kind == "text":
            label = label_text(cell)
        elif label:
            pairs.append((label, cell))
            label = ""
    return pairs


def add_value(fields: dict[str, Cell], label: str, cell: Cell) -> None:
    """Keep a value; further lines of one label are joined."""
    old = fields.get(label)
    if old is None or old.is_empty:
        fields[label] = cell
    elif old.kind == cell.kind == "text" and old.raw != cell.raw:
        text = f"{old.raw}\n{cell.raw}"
        fields[label] = Cell(old.row, old.column, "text", text, text, old.merge)
