"""What a cell says: a number, a day, a code, a yes, ticked choices. The value, or a sentence on what to do.

The reading of texts is that of the columns themselves (``content_models.base.widgets``), so that a file and
a form mean the same. Here stands what only cells of a file have: damage, errors, boxes ticked inside a text.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

from content_models.base.widgets import (
    DateWidget,
    DigitsWidget,
    TimeWidget,
    YesNoWidget,
    fold,
    quantity,
    split,
    text_of,
)
from imports.reading.workbook import Cell

T = TypeVar("T")

TICKED = "√✓✔☑■●✅"
UNTICKED = "□☐○"
BOX = "口"  # how a scanned □ often comes out; a box only where a choice begins
_CHOICE = re.compile(rf"([{TICKED}{UNTICKED}]|(?:(?<=[\s、，,;；])|^){BOX}(?=\S))")
_AREA = re.compile(r"\s*(㎡|m²|m2|平方米|平米)\s*$", re.I)
_NOT_TEXT = " \t\n、，,;；/"


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What was read from a cell; ``problem`` is the sentence for the person who made the file."""

    value: T | None = None
    problem: str = ""


@dataclass(frozen=True)
class Figure:
    """A number as people write it: 约1.5万人."""

    number: Decimal
    unit: str = ""
    qualifier: str = ""


def number(cell: Cell) -> Reading[Figure]:
    """A number with its unit and qualifier: 3000户, 约1.5万人, １２３, 12,345."""

    def read(value: Any) -> Figure | None:
        if text_of(value) == "":
            return None
        # To compare, ㎡ becomes m2, whose 2 would be read as a digit.
        area = _AREA.search(value) if isinstance(value, str) else None
        qualifier, amount, unit = quantity(value[: area.start()] if area else value)
        return Figure(amount, "㎡" if area else unit, qualifier)

    return reading(cell, read)


def day(cell: Cell) -> Reading[datetime.date]:
    """A day: a true date, 2022年6月20日, 2022.6.20, or a spreadsheet's number. A month alone is no day."""
    return reading(cell, DateWidget().clean)


def time_of_day(cell: Cell) -> Reading[datetime.time]:
    return reading(cell, TimeWidget().clean)


def code(cell: Cell) -> Reading[str]:
    """A code of digits and letters, never with ``.0``; one that a spreadsheet rounded is refused."""
    return reading(cell, DigitsWidget().clean)


def yes_no(cell: Cell) -> Reading[bool]:
    """是/否, √, ■, □ and a box that a scanner took for 口."""
    return reading(cell, YesNoWidget().clean)


def ticked(cell: Cell, options: Iterable[str] = ()) -> Reading[list[str]]:
    """The choices ticked in a text such as ■全社会 □特定群体; without boxes, the choices listed."""
    known = {fold(option): option for option in options}

    def read(value: Any) -> list[str]:
        choices = ticked_in(text_of(value))
        if not known:
            return choices
        unknown = [choice for choice in choices if fold(choice) not in known]
        if unknown:
            listed = "、".join(known.values())
            sentence = _("“%(text)s”不在可选项里。可选：%(options)s。")
            raise ValueError(sentence % {"text": unknown[0], "options": listed})
        return [known[fold(choice)] for choice in choices]

    return reading(cell, read)


def ticked_in(text: str) -> list[str]:
    """The ticked choices of a text; marks stand before their choices, or after them."""
    text = text.strip()
    parts = _CHOICE.split(text)
    if len(parts) == 1:
        return split(text)
    marks, texts = parts[1::2], [part.strip(_NOT_TEXT) for part in parts[0::2]]
    if texts[0] and texts[-1]:
        raise ValueError(_("“%(text)s”看不出勾选了哪一项。请写成“■甲 □乙”。") % {"text": text[:30]})
    named = texts[:-1] if texts[0] else texts[1:]
    return [choice for mark, choice in zip(marks, named, strict=True) if mark in TICKED and choice]


def reading(cell: Cell, read: Any) -> Reading[Any]:
    """Read a cell's value; a damaged cell has none, whatever the column."""
    if cell.problem:
        return Reading(None, cell.problem)
    try:
        return Reading(read(cell.value))
    except ValueError as error:
        return Reading(None, str(error))
