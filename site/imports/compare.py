"""Two spreadsheets side by side: in both, only in one, different. In memory only; nothing is kept.

Keys and cells are compared without width, spaces and case (１２ and 12 are the same), and shown as written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from content_models.base.spreadsheets import OutColumn, OutSheet
from content_models.base.widgets import fold, narrow
from imports.cells import raw
from imports.lanes import NotNow
from imports.match import LIKELY, Target, match
from imports.reading import workbook
from imports.tables import Table, find_table

FILE_LIMIT = 10 << 20  # bytes each
KEY_NAMES = ("身份证号", "证件号码", "编号", "编码", "代码", "手机号", "电话", "户号", "姓名", "名称")


@dataclass
class Side:
    """One of the two files: its header and its rows by key."""

    name: str
    labels: list[str]
    key: str
    rows: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    repeated: list[tuple[int, str]] = field(default_factory=list)
    without_key: list[int] = field(default_factory=list)


@dataclass
class Difference:
    """A row of both files whose cells differ: ``cells`` are (column of A, text in A, text in B)."""

    key: str
    row_a: int
    row_b: int
    cells: list[tuple[str, str, str]]


@dataclass
class Comparison:
    a: Side
    b: Side
    columns: list[tuple[str, str]]
    same: int = 0
    different: list[Difference] = field(default_factory=list)
    only_a: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    only_b: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def table_in(content: bytes, name: str) -> Table:
    """The first sheet with a table; NotNow where there is none, Refused where it is no spreadsheet."""
    book = workbook.read(content, name=name)
    for sheet in book.sheets:
        table = find_table(book, sheet, KEY_NAMES) if not sheet.is_hidden else None
        if table is not None:
            return table
    raise NotNow(_("“%(name)s”里没有找到表头。") % {"name": name})


def proposed_keys(a: Sequence[str], b: Sequence[str]) -> tuple[str, str]:
    """The columns by which rows most likely belong together, empty where none does."""
    pairs = {fold(left): (left, right) for left, right in pairs_of(a, b)}
    for name in KEY_NAMES:
        for folded, pair in pairs.items():
            if fold(name) in folded:
                return pair
    return next(iter(pairs.values()), ("", ""))


def pairs_of(a: Sequence[str], b: Sequence[str]) -> list[tuple[str, str]]:
    """Columns of A with those of B that mean the same."""
    found = match(a, [Target(label, (label,)) for label in b])
    return [(each.label, each.target) for each in found if each.target and each.score >= LIKELY]


def compare(
    a: Table, b: Table, *, key_a: str = "", key_b: str = "", columns: Sequence[str] | None = None
) -> Comparison:
    """Compare by key; ``columns`` are those of A to look at, all that both have when None."""
    if not (key_a and key_b):
        key_a, key_b = proposed_keys(a.labels, b.labels)
    for table, key in ((a, key_a), (b, key_b)):
        if key not in table.labels:
            raise NotNow(
                _("“%(file)s”里没有“%(key)s”这一列。请选择用哪一列对应。")
                % {"file": table.book.name, "key": key or "?"}
            )
    one, other = side_of(a, key_a), side_of(b, key_b)
    pairs = [
        pair
        for pair in pairs_of(a.labels, b.labels)
        if pair[0] != key_a and (columns is None or pair[0] in columns)
    ]
    result = Comparison(one, other, pairs)
    for key, (row, cells) in one.rows.items():
        if key not in other.rows:
            result.only_a.append((row, cells))
            continue
        row_b, cells_b = other.rows[key]
        differing = [
            (left, cells[left], cells_b[right])
            for left, right in pairs
            if comparable(cells[left]) != comparable(cells_b[right])
        ]
        if differing:
            result.different.append(Difference(cells[key_a], row, row_b, differing))
        else:
            result.same += 1
    result.only_b = [found for key, found in other.rows.items() if key not in one.rows]
    return result


def side_of(table: Table, key: str) -> Side:
    side = Side(table.book.name, table.labels, key)
    places = table.columns
    for number, values in table.rows():
        cells = {label: raw(values[place]) if place < len(values) else "" for label, place in places.items()}
        name = comparable(cells[key])
        if not name:
            side.without_key.append(number)
        elif name in side.rows:
            side.repeated.append((number, cells[key]))
        else:
            side.rows[name] = (number, cells)
    return side


def comparable(text: str) -> str:
    return narrow(text).casefold()


def sheets_of(result: Comparison) -> list[OutSheet]:
    """The comparison as a workbook: one sheet for each question."""
    a, b = result.a, result.b
    difference = [
        OutColumn(a.key, width=24),
        OutColumn(_("A 的行号")),
        OutColumn(_("B 的行号")),
        OutColumn(_("列")),
        OutColumn(_("A 写的"), width=32),
        OutColumn(_("B 写的"), width=32),
    ]
    return [
        OutSheet(
            _("不一致"),
            difference,
            [[each.key, each.row_a, each.row_b, *cell] for each in result.different for cell in each.cells],
        ),
        OutSheet(_("只在 A 里"), _listed(a), [[row, *cells.values()] for row, cells in result.only_a]),
        OutSheet(_("只在 B 里"), _listed(b), [[row, *cells.values()] for row, cells in result.only_b]),
        OutSheet(
            _("重复或没有编号"),
            [OutColumn(_("文件")), OutColumn(_("行号")), OutColumn(_("内容"), width=32)],
            [
                [letter, row, text]
                for letter, side in (("A", a), ("B", b))
                for row, text in [*side.repeated, *((row, "") for row in side.without_key)]
            ],
        ),
    ]


def _listed(side: Side) -> list[OutColumn]:
    return [OutColumn(_("行号")), *(OutColumn(label, width=20) for label in side.labels)]
