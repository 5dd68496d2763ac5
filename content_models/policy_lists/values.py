"""Cell values of a policy list: every type is stored as one canonical string, read and shown by its type.

Canonical forms: text as typed; number ``12.5``; date ``2022-06-20``; choice its label; yes/no ``yes``/``no``;
link an http(s) address; guide the page id of a guide. An empty string is an empty cell.
"""

import datetime
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

TEXT_LIMIT = 500
DIGITS, MOST_DECIMALS = 15, 20
YES = {"yes", "是", "有", "√", "✓", "■", "☑", "1", "true", "y", "对"}
NO = {"no", "否", "无", "×", "□", "口", "☐", "0", "false", "n", "错"}
_CHINESE_DATE = re.compile(r"^(\d{4})[年./-](\d{1,2})(?:[月./-](\d{1,2})日?|月)?$")
_PLAIN_LINK = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,20}(?:/[\w./-]*)?", re.ASCII
)
_is_url = URLValidator(schemes=["http", "https"])


class ColumnType(models.TextChoices):
    TEXT = "text", gettext_lazy("文本")
    LONG_TEXT = "long_text", gettext_lazy("长文本")
    NUMBER = "number", gettext_lazy("数字")
    DATE = "date", gettext_lazy("日期")
    CHOICE = "choice", gettext_lazy("选项")
    YES_NO = "yes_no", gettext_lazy("是/否")
    LINK = "link", gettext_lazy("链接")
    GUIDE = "guide", gettext_lazy("办事指南")


def canonical(column_type, value, *, choices=(), guides=None):
    """The canonical string of ``value``; raises ValidationError in plain Chinese.

    ``choices`` limits a choice column when not empty; ``guides`` maps page id → title for guide columns.
    """
    if isinstance(value, datetime.datetime):
        value = value.date()
    text = "" if value is None else str(value).strip()
    if not text:
        return ""
    return _READERS[column_type](text, choices=choices, guides=guides)


def _text(text, **kwargs):
    if len(text) > TEXT_LIMIT:
        raise ValidationError(
            _("最多 %(limit)d 个字，现在是 %(length)d 个。") % {"limit": TEXT_LIMIT, "length": len(text)}
        )
    return text


def _long_text(text, **kwargs):
    return text


def _number(text, **kwargs):
    if text.isascii() and text.isdecimal() and len(text) < DIGITS:
        return str(int(text))
    folded = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    try:
        number = Decimal(folded)
    except InvalidOperation:
        raise ValidationError(_("“%(text)s”不是数字。") % {"text": text[:30]}) from None
    # Looked at before it is written out: 1e999999999 is short to type and long to print.
    if not number.is_finite() or number.adjusted() >= DIGITS or number.as_tuple().exponent < -MOST_DECIMALS:
        raise ValidationError(_("“%(text)s”不是可用的数字。") % {"text": text[:30]})
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def _date(text, **kwargs):
    folded = unicodedata.normalize("NFKC", text).replace(" ", "")
    match = _CHINESE_DATE.match(folded)
    if match is None or match[3] is None:
        raise ValidationError(_("“%(text)s”不是完整日期。请写成 2022-06-20。") % {"text": text[:30]})
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        raise ValidationError(_("没有“%(text)s”这一天。") % {"text": text[:30]}) from None


def _choice(text, *, choices=(), **kwargs):
    if choices and text not in choices:
        raise ValidationError(
            _("“%(text)s”不在选项里。可选：%(choices)s。")
            % {"text": text[:30], "choices": "、".join(choices)}
        )
    return _text(text)


def _yes_no(text, **kwargs):
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if folded in YES:
        return "yes"
    if folded in NO:
        return "no"
    raise ValidationError(_("“%(text)s”请写成“是”或“否”。") % {"text": text[:30]})


def _link(text, **kwargs):
    if _PLAIN_LINK.fullmatch(text):
        return text
    try:
        _is_url(text)
    except ValidationError:
        raise ValidationError(_("“%(text)s”不是网址。请以 https:// 开头。") % {"text": text[:60]}) from None
    return text


def _guide(text, *, guides=None, **kwargs):
    if guides is not None:
        if text in guides:
            return text
        named = next((key for key, title in guides.items() if title == text), None)
        if named is not None:
            return named
    elif text.isdecimal():
        return text
    raise ValidationError(_("找不到办事指南“%(text)s”。") % {"text": text[:60]})


_READERS = {
    ColumnType.TEXT: _text,
    ColumnType.LONG_TEXT: _long_text,
    ColumnType.NUMBER: _number,
    ColumnType.DATE: _date,
    ColumnType.CHOICE: _choice,
    ColumnType.YES_NO: _yes_no,
    ColumnType.LINK: _link,
    ColumnType.GUIDE: _guide,
}


# Texts that are their own canonical form, told by one look; the others may be too.
PLAIN: dict[str, re.Pattern[str]] = {
    ColumnType.TEXT: re.compile(rf"\S(?:.{{0,{TEXT_LIMIT - 2}}}\S)?", re.DOTALL),
    ColumnType.LONG_TEXT: re.compile(r"\S(?:.*\S)?", re.DOTALL),
    ColumnType.NUMBER: re.compile(r"0|-?(?:[1-9][0-9]{0,13}(?:\.[0-9]{0,9}[1-9])?|0\.[0-9]{0,9}[1-9])"),
    ColumnType.LINK: _PLAIN_LINK,
}


def shown(column_type, value, *, guides=None):
    """The canonical string as people read it."""
    if not value:
        return ""
    if column_type == ColumnType.YES_NO:
        return _("是") if value == "yes" else _("否")
    if column_type == ColumnType.GUIDE:
        return (guides or {}).get(value, value)
    return value
