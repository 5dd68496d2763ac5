"""What residents may read of many things at once, as a table, and that table as a file.

The rows are read anew for each file and in batches, so memory does not grow with them. A cell is a text, a
number, a day, True or False, or a list of texts; None where there is nothing.
"""

import datetime
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.fields import RichTextField

from content_models.base.fields import CodeField, CodesField, LinesField
from content_models.base.plain_workbook import write_plain_xlsx
from content_models.base.spreadsheets import MEDIA_TYPES as SHEET_TYPES
from content_models.base.spreadsheets import OutColumn, OutSheet, write_csv
from content_models.base.widgets import SEPARATOR, RichTextWidget, plain_text

BATCH = 2_000
MEDIA_TYPES = {**SHEET_TYPES, "json": "application/json; charset=utf-8"}
FORMS = {"xlsx": gettext_lazy("表格（.xlsx）"), "csv": gettext_lazy("CSV"), "json": gettext_lazy("JSON")}
LATEST = "latest"  # stands for the edition in force
NOTES_SHEET = gettext_lazy("数据说明")
KINDS = {
    "text": gettext_lazy("文本"),
    "long_text": gettext_lazy("长文本"),
    "number": gettext_lazy("数字"),
    "date": gettext_lazy("日期"),
    "choice": gettext_lazy("选项"),
    "yes_no": gettext_lazy("是/否"),
    "link": gettext_lazy("链接"),
    "guide": gettext_lazy("办事指南"),
    "several": gettext_lazy("多个值"),
}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class PublicColumn:
    """A column of a public table: its key for programs, its label and explanation for people."""

    key: str
    label: str
    kind: str = "text"
    help_text: str = ""

    @property
    def kind_label(self) -> str:
        return str(KINDS.get(self.kind, self.kind))

    def as_json(self) -> dict[str, str]:
        return {"key": self.key, "label": self.label, "type": self.kind, "help_text": self.help_text}


@dataclass(frozen=True)
class PublicTable:
    """A public table: its columns, and how its rows are read."""

    name: str
    columns: Sequence[PublicColumn]
    rows: Callable[[], Iterable[Sequence[Any]]]
    # What is said of the whole: (key for programs, label, text)
    about: Sequence[tuple[str, str, str]] = field(default=())


def write_table(table: PublicTable, form: str, file: IO[bytes]) -> None:
    """The table as .xlsx, .csv or .json."""
    match form:
        case "xlsx":
            write_plain_xlsx([_sheet(table), _notes(table)], file)
        case "csv":
            write_csv(_sheet(table), file)
        case "json":
            write_json(table, file)
        case _:
            raise ValueError(form)


def _sheet(table: PublicTable) -> OutSheet:
    columns = [
        OutColumn(column.label, width=_width(column), is_number=column.kind == "number")
        for column in table.columns
    ]
    return OutSheet(table.name, columns, _texts(table))


def _texts(table: PublicTable) -> Iterator[list[str]]:
    """The rows as texts; most cells are, and the words for yes and no are looked up once."""
    answers = {True: _("是"), False: _("否")}
    for row in table.rows():
        yield [
            value if type(value) is str else answers[value] if type(value) is bool else as_text(value)
            for value in row
        ]


def _width(column: PublicColumn) -> int:
    least = 40 if column.kind == "long_text" else 12
    return max(least, min(40, 2 * len(column.label) + 4))


def _notes(table: PublicTable) -> OutSheet:
    """Where the data are from, how they may be used, and what each column is."""
    columns = [
        OutColumn(_("项目"), width=24),
        OutColumn(_("内容"), width=40),
        OutColumn(_("类型")),
        OutColumn(_("说明"), width=60),
    ]
    about = [[label, text] for _key, label, text in table.about if text]
    about.append([])
    about.append([_("列"), _("代码"), _("类型"), _("说明")])
    about += [[column.label, column.key, column.kind_label, column.help_text] for column in table.columns]
    return OutSheet(str(NOTES_SHEET), columns, about)


def write_json(table: PublicTable, file: IO[bytes]) -> None:
    """``{…about…, "columns": […], "rows": [{key: value}]}``, a row a line."""
    head = {key: text for key, _label, text in table.about}
    head_text = _dumps({**head, "columns": [column.as_json() for column in table.columns]})
    file.write(f'{head_text[:-1]}, "rows": ['.encode())
    keys = [column.key for column in table.columns]
    numbers = [place for place, column in enumerate(table.columns) if column.kind == "number"]
    before = "\n"
    for row in table.rows():
        values = list(row)
        for place in numbers:
            values[place] = as_number(values[place])
        file.write(f"{before}{_dumps(dict(zip(keys, values, strict=True)))}".encode())
        before = ",\n"
    file.write(b"\n]}\n")


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def as_text(value: Any) -> str:
    """A cell as people read it in a spreadsheet."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple):
        return SEPARATOR.join(map(str, value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def as_number(value: Any) -> Any:
    """A number, also one kept as text; what is none stays what it is, and nothing stays nothing."""
    if value is None or value == "":
        return None
    text = as_text(value)
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


# Tables of model objects


def column_for(model: Any, name: str, *, help_text: str = "", label: str = "") -> PublicColumn:
    """The column of a model field, of the kind that ``value_of`` gives."""
    found = model._meta.get_field(name)
    return PublicColumn(name, str(label or found.verbose_name), _kind_of(found), help_text)


def _kind_of(found: Any) -> str:
    match found:
        case LinesField():
            return "several"
        case CodeField():
            return "choice"
        case models.BooleanField():
            return "yes_no"
        case models.Field() if found.choices:
            return "choice"
        case models.DecimalField() | models.IntegerField():
            return "number"
        case models.DateField():
            return "date"
        case models.URLField():
            return "link"
        case models.TextField():
            return "long_text"
    return "text"


def value_of(thing: Any, name: str) -> Any:
    """What a model field says to people: labels for codes, plain text for formatted text."""
    found, value = thing._meta.get_field(name), getattr(thing, name)
    match found:
        case CodesField():
            return [str(label) for label in getattr(thing, f"{name}_labels")]
        case CodeField():
            return str(getattr(thing, f"{name}_label")) if value else None
        case RichTextField():
            return plain_text(RichTextWidget().render(value)) or None
        case models.Field() if found.choices:
            return str(getattr(thing, f"get_{name}_display")()) or None
    return None if value == "" else value


def each(queryset: Any) -> Iterator[Any]:
    """The objects of a queryset, read in batches with what it prefetches."""
    return queryset.iterator(chunk_size=BATCH)
