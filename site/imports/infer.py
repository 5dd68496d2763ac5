"""Columns of a list that does not exist yet, read off its spreadsheet: type, choices, filters, name.

A proposal to be looked at, never more: whoever imports sees each column and may change it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError

from content_models.base.widgets import fold, text_of
from content_models.policy_lists.models import Column, ListType
from content_models.policy_lists.values import ColumnType, canonical
from imports.match import LIKELY, Target, likeness
from imports.reading import packed
from imports.reading.workbook import Cell, cell_of
from imports.tables import FileRow, Table
from quality.personal_data import find, may_hold

SAMPLE = 5_000  # rows
MOST_CHOICES = 15
MOST_FILTERED = 40  # different values of a column that is worth filtering by
LONG = 80  # characters
CODE_DIGITS = 8  # whole numbers of as many digits are codes

SERIAL = {fold(name) for name in ("序号", "编号", "No", "No.", "号")}
KEY = {fold(name) for name in ("编号", "标识", "编码", "事项编码", "代码")}
NAMED = re.compile(r"名称|事项|项目|标题|证明$|名$")
CATEGORY = re.compile(r"类别|分类|类型|种类|性质|属性|调整|方式|状态|层级")
PERSONAL = re.compile(r"身份证|证件号|手机|姓名|家庭住址|银行卡|联系人")


@dataclass
class Proposed:
    """A column as it would be made; ``examples`` are for the person who decides."""

    label: str
    column_type: str
    choices: list[str]
    is_filter: bool = False
    is_public: bool = True
    is_title: bool = False
    is_category: bool = False
    has_personal_data: bool = False
    is_wanted: bool = True
    examples: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def column(self) -> Column:
        names = ("label", "column_type", "choices", "is_filter", "is_public", "is_title", "is_category")
        return Column(**{name: getattr(self, name) for name in (*names, "has_personal_data")})


def propose(table: Table) -> list[Proposed]:
    """What the columns of a file seem to be, in its order; serial numbers are proposed to be left out."""
    rows = list(islice(table.rows(), SAMPLE))
    columns = [propose_column(label, values_of(rows, place)) for label, place in table.columns.items()]
    wanted = [column for column in columns if column.is_wanted]
    title = _first(wanted, lambda column: NAMED.search(column.label) and not column.choices) or _first(
        wanted, lambda column: column.column_type == ColumnType.TEXT
    )
    if title is not None:
        title.is_title, title.is_filter, title.is_public = True, False, True
        title.column_type, title.choices = ColumnType.TEXT, []
    category = _first(
        wanted, lambda column: column.column_type == ColumnType.CHOICE and CATEGORY.search(column.label)
    )
    if category is not None and category is not title:
        category.is_category = True
    return columns


def list_type_for(title: str) -> ListType | None:
    """The list type whose name is most like the title, else the one for all others."""
    types = list(ListType.objects.all())
    likely = max(types, key=lambda each: likeness(title, Target(each.name, (each.name,))), default=None)
    if likely is not None and likeness(title, Target(likely.name, (likely.name,))) >= LIKELY:
        return likely
    return next((each for each in types if each.slug == "qita"), likely)


def _first(columns: Iterable[Proposed], wanted: Any) -> Proposed | None:
    return next((column for column in columns if wanted(column)), None)


def values_of(rows: Sequence[FileRow], place: int) -> list[str]:
    """The filled cells of a column as texts."""
    texts = []
    for row in rows:
        value = row.values[place] if place < len(row.values) else None
        if value is None:
            continue
        cell = value if isinstance(value, Cell) else cell_of(0, 0, value)
        text = cell.raw if isinstance(value, packed.Odd) and cell.value is None else text_of(cell.value)
        if text:
            texts.append(text)
    return texts


def propose_column(label: str, texts: Sequence[str]) -> Proposed:
    """What a column with these filled cells seems to be."""
    different = Counter(texts)
    is_personal = bool(PERSONAL.search(label)) or any(
        find(text) for text in islice(different, 500) if may_hold(text)
    )
    column_type = type_of(label, different)
    choices = sorted(different, key=lambda text: -different[text]) if column_type == ColumnType.CHOICE else []
    repeats = len(texts) >= 2 * len(different) > 2
    is_filter = column_type in (ColumnType.CHOICE, ColumnType.YES_NO) or (
        column_type == ColumnType.TEXT and repeats and len(different) <= MOST_FILTERED
    )
    return Proposed(
        label=label[:60],
        column_type=column_type,
        choices=choices,
        is_filter=is_filter and not is_personal,
        is_public=not is_personal,
        has_personal_data=is_personal,
        is_wanted=fold(label) not in SERIAL,
        examples=tuple(islice(different, 3)),
    )


def type_of(label: str, different: Counter[str]) -> str:
    """The narrowest type that every cell fits."""
    if not different:
        return ColumnType.TEXT
    if all(_fits(ColumnType.YES_NO, text) and not text.isdecimal() for text in different):
        return ColumnType.YES_NO
    if all(_fits(ColumnType.DATE, text) for text in different):
        return ColumnType.DATE
    if fold(label) not in KEY and all(_is_amount(text) for text in different):
        return ColumnType.NUMBER
    if all(_fits(ColumnType.LINK, text) for text in different):
        return ColumnType.LINK
    if any(len(text) > LONG or "\n" in text for text in different):
        return ColumnType.LONG_TEXT
    count = different.total()
    if len(different) <= MOST_CHOICES and count >= 3 * len(different) and max(map(len, different)) <= 20:
        return ColumnType.CHOICE
    return ColumnType.TEXT


def _fits(column_type: str, text: str) -> bool:
    try:
        canonical(column_type, text)
    except ValidationError:
        return False
    return True


def _is_amount(text: str) -> bool:
    """A number one would add up: no code, no telephone, nothing with a leading zero."""
    digits = text.partition(".")[0].lstrip("-+")
    is_code = digits.isdecimal() and (len(digits) >= CODE_DIGITS or (len(digits) > 1 and digits[0] == "0"))
    return not is_code and _fits(ColumnType.NUMBER, text)
