"""Personal data in cells that become public: refused with the masked form at hand, or masked where asked."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from content_models.base.resources import SheetField, SheetResource
from content_models.base.widgets import DigitsWidget, MonthDayWidget, RichTextWidget, TextWidget, ValuesWidget
from quality.names import Sensitive
from quality.personal_data import Finding, find, mask, may_hold
from quality.privacy import REACHES_RESIDENTS, sensitive
from quality.texts import is_contact

FREE_TEXT = (TextWidget, RichTextWidget, ValuesWidget)
NO_TEXT = (DigitsWidget, MonthDayWidget)  # what looks like a number there is a code or a day
FORMS_SHOWN = 3

Keep = Callable[[str], str]


class Privacy:
    """Watches over the texts of one run; remembers in which columns it found something."""

    def __init__(self, *, masks: bool) -> None:
        self.masks = masks
        self.columns: dict[str, None] = {}
        self.sensitive = sensitive()

    def keep(self, title: str, text: str, *, is_phone: bool = False) -> str:
        """The text, masked where the run masks; else ValueError names what was found and how to write it.

        The mobile number of an office or a grid stands where residents are to call it.
        """
        shown = as_shown(text)
        if not may_hold(shown, sensitive=self.sensitive):
            return text
        found = find(shown, sensitive=self.sensitive)
        if is_phone:
            found = [each for each in found if each.kind not in REACHES_RESIDENTS]
        if not found:
            return text
        self.columns.setdefault(title)
        masked = mask(text, sensitive=self.sensitive) if self.masks else ""
        if masked and not find(as_shown(masked), sensitive=self.sensitive):
            return masked
        raise ValueError(sentence(found))

    def of(self, resource: SheetResource) -> Mapping[str, Keep]:
        """``{column: what keeps its texts clean}`` for the columns of a sheet that hold free text."""
        kept = {
            field.title: partial(self.keep, field.title, is_phone=is_phone(field))
            for field in resource.fields.values()
            if isinstance(field, SheetField) and is_free_text(field)
        }
        joined = {name for columns in resource.joined_columns.values() for name in columns}
        return {**{name: partial(self.keep, name) for name in joined}, **kept}

    def remarks(self) -> list[str]:
        """What the author of the file is told of it as a whole."""
        if not self.columns:
            return []
        named = {"columns": "、".join(self.columns)}
        if self.masks:
            return [_("公开的列“%(columns)s”里有个人信息，已打码。") % named]
        return [_("公开的列“%(columns)s”里有个人信息。请改好文件，或选“个人信息打码”后重新检查。") % named]


def unsuspected(texts: Sequence[str], asked: Sensitive) -> Sequence[str]:
    """Those of many texts in which ``Privacy.keep`` would find nothing; cheaper than asking it of each."""
    whole = "\n".join(texts)
    if "<" in whole or "&" in whole or may_hold(whole, sensitive=asked):
        return [text for text in texts if as_shown(text) is text and not may_hold(text, sensitive=asked)]
    return texts


def as_shown(text: str) -> str:
    """A text as residents would read it: markup may stand between the digits of a number."""
    return unescape(strip_tags(text)) if "<" in text or "&" in text else text


def sentence(found: list[Finding]) -> str:
    return _("有个人信息（%(what)s）。请改写成 %(masked)s。") % {
        "what": "、".join(dict.fromkeys(each.label for each in found)),
        "masked": "、".join(dict.fromkeys(each.masked for each in found[:FORMS_SHOWN])),
    }


def is_free_text(field: SheetField) -> bool:
    widget: Any = field.widget
    return not field.readonly and isinstance(widget, FREE_TEXT) and not isinstance(widget, NO_TEXT)


def is_phone(field: SheetField) -> bool:
    return bool(field.attribute) and is_contact(str(field.attribute))
