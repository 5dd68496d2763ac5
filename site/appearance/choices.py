"""How a reader wants to read, kept in one cookie: elder mode, size of text, colours, spacing.

The cookie holds words in one order, joined by dots (``elder.large.contrast``), so that readers who want the
same get the same stored page. What it does not know, it leaves out.
"""

from dataclasses import dataclass, fields, replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

COOKIE = "reading"
ONE_YEAR = 365 * 24 * 3600
# What each setting may be; the first is what everybody gets who says nothing.
VALUES = {
    "mode": ("standard", "elder"),
    "text": ("normal", "large", "largest"),
    "colours": ("system", "light", "dark", "contrast"),
    "spacing": ("usual", "wide"),
}
PATTERN = r"[a-z]{1,8}(?:\.[a-z]{1,8}){0,3}"


LABELS = {
    "mode": _("界面"),
    "text": _("字号"),
    "colours": _("颜色"),
    "spacing": _("字距和行距"),
    "standard": pgettext_lazy("reading", "标准"),
    "elder": _("长者模式（关怀版）"),
    "normal": _("标准字号"),
    "large": _("大字"),
    "largest": _("特大字"),
    "system": _("跟随设备"),
    "light": _("浅色"),
    "dark": _("深色"),
    "contrast": _("高对比度"),
    "usual": _("标准间距"),
    "wide": _("宽松"),
}


@dataclass(frozen=True)
class Setting:
    """One setting as the reader is offered it: ``(value, label, whether it is so now)``."""

    name: str
    label: str
    values: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Choices:
    """The settings of one reader, each one of ``VALUES``."""

    mode: str = "standard"
    text: str = "normal"
    colours: str = "system"
    spacing: str = "usual"

    @classmethod
    def read(cls, cookie: str) -> "Choices":
        """The settings that a cookie names; the text may be anything."""
        words = set(cookie.split("."))
        found = {name: value for name, values in VALUES.items() for value in values if value in words}
        return cls(**found)

    def write(self) -> str:
        """The settings as a cookie; empty where all are as for everybody."""
        return ".".join(getattr(self, each.name) for each in fields(self) if self.differs(each.name))

    def differs(self, name: str) -> bool:
        return bool(getattr(self, name) != VALUES[name][0])

    def changed(self, wanted: dict[str, str]) -> "Choices":
        """With those of ``wanted`` that there are; others stay as they were."""
        known = {name: wanted[name] for name in VALUES if wanted.get(name) in VALUES[name]}
        return replace(self, **known)

    def offered(self) -> list[Setting]:
        """All settings, with what is chosen now."""
        return [Setting(name, str(LABELS[name]), self._values(name)) for name in VALUES]

    @property
    def on_the_bar(self) -> list[Setting]:
        """Those that are chosen on every page, without leaving it."""
        return [setting for setting in self.offered() if setting.name != "mode"]

    def _values(self, name: str) -> list[tuple[str, str, bool]]:
        return [(value, str(LABELS[value]), value == getattr(self, name)) for value in VALUES[name]]

    @property
    def is_elder(self) -> bool:
        return self.mode == "elder"

    @property
    def is_light(self) -> bool:
        """Whether pages stay light whatever the device says."""
        return self.colours in ("light", "contrast")

    @property
    def is_dark(self) -> bool:
        return self.colours == "dark"

    @property
    def attributes(self) -> dict[str, str]:
        """What the page's ``<html>`` says of them, for style sheets: ``data-text="large"``."""
        return {f"data-{name}": getattr(self, name) for name in VALUES if self.differs(name)}
