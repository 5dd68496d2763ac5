"""How one cell of a spreadsheet is read and written.

``clean`` takes what people type (full-width digits, 2022.6.20, 3,000户, √) and raises ValueError with a plain
sentence; ``render`` writes what ``clean`` reads back unchanged.
"""

import datetime
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any

from bs4 import Tag
from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from import_export.widgets import Widget
from wagtail.fields import RichTextField, StreamField
from wagtail.rich_text import RichText
from wagtail.whitelist import Whitelister, allow_without_attributes, attribute_rule, check_url

from content_models.base import codes
from content_models.base.fields import CodeField, CodesField, LinesField

SEPARATOR = "；"
YES = {"是", "有", "√", "✓", "✔", "☑", "■", "1", "yes", "y", "true", "对"}
NO = {"否", "无", "×", "□", "口", "☐", "0", "no", "n", "false", "错", "不"}
EXCEL_DAY_ZERO = datetime.date(1899, 12, 30)
EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119: what a bare number in a date column can only mean

_NOT_A_WORD = re.compile(r"[\W_]+")
_CODES_SPLIT = re.compile(r"[,，^]")  # between codes, as the national interface writes several
_SPLIT = re.compile(r"[；;、\n]+")
_DATE = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?(?:[T ]*00:00(?::00)?(?:\.0+)?)?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_TIME = re.compile(r"^(\d{1,2})(?:[::点时](\d{1,2})?)分?(?::\d{2})?$")
_MONTH_DAY = re.compile(r"^(\d{1,2})[-./月](\d{1,2})[日号]?$")
_QUANTITY = re.compile(r"^(约超过|不少于|大约|超过|近|约|逾)?([-+]?[\d,]*\.?\d+)(万|亿)?(\D*)$")
_STORAGE_SUFFIX = re.compile(r"_[A-Za-z0-9]{7}(?=\.\w+$)")  # added where a name was taken
_LABEL_AND_NOTE = re.compile(r"^(.+?)[(（].*[)）]$")


def text_of(value: Any) -> str:
    """A cell as text: nothing is empty, a whole number has no ``.0``, a day no midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def narrow(text: str) -> str:
    """Full-width letters and digits made narrow, without spaces: only to compare and to read numbers."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def fold(text: Any) -> str:
    """What is left of a header or label for comparing: letters and digits, no case, no punctuation."""
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", str(text))).casefold()


def split(value: Any) -> list[str]:
    """The values of a cell that holds several, without repeats."""
    if isinstance(value, (list, tuple)):
        return [str(part) for part in value]
    parts = text_of(value).split(SEPARATOR) if SEPARATOR in text_of(value) else _SPLIT.split(text_of(value))
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def join(values: Sequence[str]) -> str:
    """One cell for several values, which ``split`` reads back, also where a lone one holds a mark."""
    is_lone = len(values) == 1 and _SPLIT.search(values[0])
    return SEPARATOR.join(values) + (SEPARATOR if is_lone else "")


def quantity(value: Any) -> tuple[str, Decimal, str]:
    """Qualifier, number and unit of a figure as people write it: 约1.5万人 → (约, 15000, 人)."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return "", Decimal(str(value)), ""
    match = _QUANTITY.match(narrow(text_of(value)))
    if match is None:
        raise ValueError(_("“%(text)s”不是数字。") % {"text": text_of(value)[:30]})
    try:
        number = Decimal(match[2].replace(",", ""))
    except InvalidOperation:
        raise ValueError(_("“%(text)s”不是数字。") % {"text": text_of(value)[:30]}) from None
    unit = match[4].strip()
    if match[3] == "万" and unit == "元":
        return match[1] or "", number, "万元"
    number *= {"万": 10_000, "亿": 100_000_000}.get(match[3], 1)
    return match[1] or "", number, unit


class TextWidget(Widget):
    """Text as typed."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return text_of(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return text_of(value)


class DigitsWidget(TextWidget):
    """Codes made of digits and letters; a long one that a spreadsheet has rounded is refused."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        if isinstance(value, float) and abs(value) >= 1e15:
            raise ValueError(self.damaged(value))
        text = narrow(text_of(value))
        if re.match(r"^\d(\.\d+)?[eE]\+?\d+$", text):
            raise ValueError(self.damaged(text))
        return re.sub(r"^(\d+)\.0+$", r"\1", text)

    def damaged(self, value: Any) -> str:
        return _(
            "“%(text)s”已被表格改成了近似数，原来的号码丢失了。请先把这一列设为“文本”格式，再重新填写。"
        ) % {"text": value}


class NumberWidget(Widget):
    """Whole numbers or decimals, also with thousands, full-width digits or a unit that says nothing new."""

    def __init__(self, *, is_whole: bool = False, units: Iterable[str] = ()) -> None:
        super().__init__()
        self.is_whole = is_whole
        self.units = set(units)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | Decimal | None:
        if text_of(value) == "":
            return None
        _qualifier, number, unit = quantity(value)
        if not number.is_finite() or (unit and unit not in self.units):
            raise ValueError(_("“%(text)s”不是数字。") % {"text": text_of(value)[:30]})
        if not self.is_whole:
            return number
        if number != number.to_integral_value():
            raise ValueError(_("“%(text)s”要写成整数。") % {"text": text_of(value)[:30]})
        return int(number)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if value is None or value == "":
            return ""
        plain = f"{Decimal(str(value)):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain


class YesNoWidget(Widget):
    """是/否, and the marks that stand for them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool | None:
        text = narrow(text_of(value)).casefold()
        if not text:
            return None
        if text in YES:
            return True
        if text in NO:
            return False
        raise ValueError(_("“%(text)s”请写成“是”或“否”。") % {"text": text_of(value)[:30]})

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else "是" if value else "否"


class DateWidget(Widget):
    """A day as staff write it: 2022-06-20, 2022.6.20, 2022年6月20日, a spreadsheet's own number."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        text = narrow(text_of(value))
        if not text:
            return None
        return read_date(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


def read_date(text: str) -> datetime.date:
    if text.isdecimal() and int(text) in EXCEL_DAYS:
        return EXCEL_DAY_ZERO + datetime.timedelta(days=int(text))
    match = _DATE.match(text) or _COMPACT_DATE.match(text)
    if match is None:
        raise ValueError(_("“%(text)s”不是完整日期。请写成 2022-06-20。") % {"text": text[:30]})
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise ValueError(_("没有“%(text)s”这一天。") % {"text": text[:30]}) from None


class MomentWidget(DateWidget):
    """A day with a time, in the site's own time zone; a day alone means its beginning."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value if timezone.is_aware(value) else timezone.make_aware(value)
        text = unicodedata.normalize("NFKC", text_of(value))
        if not text:
            return None
        day, _space, clock = text.partition(" ")
        time = read_time(clock.strip()) if clock.strip() else datetime.time()
        return timezone.make_aware(datetime.datetime.combine(read_date(day), time))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


class TimeWidget(Widget):
    """A time of day: 9:00, 09:00, 9点, 24:00 for midnight."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value.time()
        if isinstance(value, datetime.time):
            return value
        text = narrow(text_of(value))
        return read_time(text) if text else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{value:%H:%M}" if value is not None else ""


def read_time(text: str) -> datetime.time:
    match = _TIME.match(text)
    if match is None:
        raise ValueError(_("“%(text)s”不是时间。请写成 09:00。") % {"text": text[:30]})
    hour, minute = int(match[1]), int(match[2] or 0)
    try:
        return datetime.time(0 if (hour, minute) == (24, 0) else hour, minute)
    except ValueError:
        raise ValueError(_("没有“%(text)s”这个时间。") % {"text": text[:30]}) from None


class MonthDayWidget(TextWidget):
    """A day of any year, 05-01 or 5月1日."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = narrow(text_of(value))
        match = _MONTH_DAY.match(text)
        return f"{int(match[1]):02}-{int(match[2]):02}" if match else text


class ChoiceWidget(Widget):
    """One of fixed choices: by label, the label's words before a bracket, value or everyday name."""

    def __init__(self, choices: Iterable[tuple[Any, Any]], *, names: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.choices = [(value, str(label)) for value, label in choices]
        self.names = dict(names or {})

    @cached_property
    def known(self) -> dict[str, Any]:
        return known_names(self.choices, self.names)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text:
            return ""
        if fold(text) not in self.known:
            raise ValueError(not_a_choice(text, [label for _value, label in self.choices]))
        return self.known[fold(text)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return dict(self.choices).get(value, text_of(value))


def known_names(choices: Sequence[tuple[Any, str]], names: Mapping[str, Any]) -> dict[str, Any]:
    """Every folded way to write one of ``choices``; full labels win over shortened ones."""
    known: dict[str, Any] = {}
    for value, label in choices:
        known.setdefault(fold(label), value)
    for value, _label in choices:
        known.setdefault(fold(value), value)
    for name, value in names.items():
        known.setdefault(fold(name), value)
    for value, label in choices:
        if match := _LABEL_AND_NOTE.match(label):
            known.setdefault(fold(match[1]), value)
    return known


def not_a_choice(text: str, labels: Iterable[str]) -> str:
    return _("“%(text)s”不在选项里。可填：%(choices)s。") % {"text": text[:30], "choices": "、".join(labels)}


class CodeWidget(Widget):
    """One code of an editable code list, by label or by code."""

    def __init__(self, code_list: str, *, names: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.code_list = code_list
        self.names = dict(names or {})
        self._choices: list[tuple[str, str]] = []
        self._known: dict[str, Any] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return self.code_of(text_of(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(codes.label(self.code_list, value)) if value else ""

    def code_of(self, text: str) -> str:
        if not text:
            return ""
        code = codes.code_for(self.code_list, text) or self.known.get(fold(text))
        if code is None:
            labels = [label for _code, label in codes.choices(self.code_list)]
            raise ValueError(not_a_choice(text, labels))
        return code

    @property
    def known(self) -> dict[str, Any]:
        choices = codes.choices(self.code_list)
        if choices != self._choices:
            self._choices, self._known = choices, known_names(choices, self.names)
        return self._known


class CodesWidget(CodeWidget):
    """Several codes of one code list."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return list(dict.fromkeys(self.code_of(part) for part in self._parts(text_of(value))))

    def _parts(self, whole: str) -> list[str]:
        codes_only = [part.strip() for part in _CODES_SPLIT.split(whole)]
        if len(codes_only) > 1 and set(codes_only) <= {
            code for code, _label in codes.choices(self.code_list)
        }:
            return codes_only
        # A label may itself hold a mark that separates values: 镇(乡、街道).
        return [whole] if fold(whole) in self.known else split(whole)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return join([str(codes.label(self.code_list, code)) for code in value or ()])


class ValuesWidget(Widget):
    """Several short texts, kept as a list."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return split(value)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return join(list(value or ()))


class JoinedWidget(ValuesWidget):
    """Several short texts, kept as one text with ``glue`` between them."""

    def __init__(self, glue: str) -> None:
        super().__init__()
        self.glue = glue

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return self.glue.join(split(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return join([part.strip() for part in (value or "").split(self.glue) if part.strip()])


class SafeHtml(Whitelister):
    """Keeps what our editors' text box can make; scripts and styles go with their content."""

    element_rules = {
        "[document]": allow_without_attributes,
        **{
            name: attribute_rule({"data-block-key": True})
            for name in ("p", "h2", "h3", "h4", "b", "strong", "i", "em", "ol", "ul", "li", "br")
        },
        "a": attribute_rule({"href": check_url, "linktype": True, "id": True}),
        "script": Tag.decompose,
        "style": Tag.decompose,
    }


class RichTextWidget(Widget):
    """Formatted text as simple HTML; plain text becomes paragraphs."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        if not text:
            return ""
        if "<" not in text:
            text = "".join(f"<p>{line.strip()}</p>" for line in text.splitlines() if line.strip())
        return SafeHtml().clean(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return SafeHtml().clean(value) if value else ""


def plain_text(html: str) -> str:
    """Text of simple HTML, one line for each paragraph or list item."""
    return unescape(strip_tags(re.sub(r"</(?:p|li|h[1-6])>|<br ?/?>", "\n", html))).strip()


class BodyWidget(RichTextWidget):
    """The body of a page as one HTML text."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        html = super().clean(value)
        return [("text", RichText(html))] if html else []

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        parts = []
        for block in value or ():
            name, content = block if isinstance(block, tuple) else (block.block_type, block.value)
            if name == "text":
                parts.append(super().render(content.source))
            elif name == "heading":
                parts.append(f"<h3>{content}</h3>")
        return "".join(parts)


class ReferenceWidget(Widget):
    """Points at something that is known by its address part, code or name; works in primary keys.

    ``model`` is "app.Model"; ``by`` the fields it may be called by, of which export writes the first.
    """

    def __init__(self, model: str, *, by: Sequence[str] = ("slug", "title")) -> None:
        super().__init__()
        self.model = model
        self.by = by

    @cached_property
    def _objects(self) -> list[tuple[int, list[str]]]:
        """Read once per resource."""
        return self.candidates()

    def candidates(self) -> list[tuple[int, list[str]]]:
        """Everything this may point at, each with its names."""
        manager: Any = apps.get_model(self.model)._default_manager
        return [
            (pk, [text_of(name) for name in names])
            for pk, *names in manager.order_by("pk").values_list("pk", *self.by)
        ]

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position in range(len(self._objects[0][1]) if self._objects else 0):
            taken = set(found)
            for pk, names in self._objects:
                if names[position] and names[position] not in taken:
                    found.setdefault(names[position], []).append(pk)
        return found

    @cached_property
    def _names(self) -> dict[int, str]:
        return {pk: next(filter(None, names), str(pk)) for pk, names in self._objects}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = text_of(value)
        return self.find(text) if text else None

    def find(self, text: str) -> int:
        matches = self._by_name.get(text, [])
        kind = apps.get_model(self.model)._meta.verbose_name
        if not matches:
            raise ValueError(_("找不到%(kind)s“%(text)s”。") % {"kind": kind, "text": text[:60]})
        if len(matches) > 1:
            raise ValueError(
                _("有 %(count)d 个%(kind)s叫“%(text)s”，请改写编码或网址名。")
                % {"count": len(matches), "kind": kind, "text": text[:60]}
            )
        return matches[0]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self._names.get(value, "") if value else ""


class ReferencesWidget(ReferenceWidget):
    """Points at several things."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[int]:
        return [self.find(text) for text in split(value)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        order = {pk: position for position, (pk, _names) in enumerate(self._objects)}
        known = sorted((pk for pk in value or () if pk in order), key=order.__getitem__)
        return join([self._names[pk] for pk in known])


class FileWidget(ReferenceWidget):
    """Points at a document or image by its file name, also the one it was uploaded under, or its title."""

    def __init__(self, model: str) -> None:
        super().__init__(model, by=("file", "title"))

    def candidates(self) -> list[tuple[int, list[str]]]:
        found = []
        for pk, (file, title) in super().candidates():
            name = os.path.basename(file)
            found.append((pk, [name, _STORAGE_SUFFIX.sub("", name), title]))
        return found


class FilesWidget(FileWidget, ReferencesWidget):
    """Points at several files."""


def widget_for(field: models.Field) -> Widget:
    """The widget that reads cells for a model field; references need one of their own."""
    match field:
        case CodesField():
            return CodesWidget(field.code_list)
        case CodeField():
            return CodeWidget(field.code_list)
        case LinesField():
            return ValuesWidget()
        case RichTextField():
            return RichTextWidget()
        case StreamField():
            return BodyWidget()
        case models.BooleanField():
            return YesNoWidget()
        case models.Field() if field.choices:
            return ChoiceWidget(field.choices)
        case models.DecimalField():
            return NumberWidget()
        case models.IntegerField():
            return NumberWidget(is_whole=True)
        case models.DateTimeField():
            return MomentWidget()
        case models.DateField():
            return DateWidget()
        case models.TimeField():
            return TimeWidget()
        case _:
            return TextWidget()
