"""What the district decides of how its pages look and read."""

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from appearance.colours import FORM, LARGE, TEXT, WHITE, contrast, nearest
from appearance.fields import ColourField
from appearance.markup import HAN

_NAME = re.compile(rf"[{HAN}][{HAN}·・]*")


class TraditionalName(models.Model):
    """A name of a person or place, and how it is written in traditional characters."""

    name = models.CharField(_("简体写法"), max_length=60, unique=True)
    traditional = models.CharField(
        _("繁体写法"),
        max_length=60,
        help_text=_("繁体页面照这个写，不再自动转换。例如姓范的人，繁体也写范。"),
    )

    panels = [FieldPanel("name"), FieldPanel("traditional")]

    class Meta:
        verbose_name = _("繁体写法")
        verbose_name_plural = _("繁体写法")
        ordering = ["name"]

    def clean(self) -> None:
        """Chinese characters alone, so that no tag or entity of a page is ever touched."""
        said = _("这里只能写汉字（人名中间可以有“·”），不要写空格、字母和标点。")
        wrong = {name: said for name in ("name", "traditional") if not _NAME.fullmatch(getattr(self, name))}
        if wrong:
            raise ValidationError(wrong)

    def __str__(self) -> str:
        return f"{self.name} → {self.traditional}"


def fault_of_brand(colour: str) -> str:
    """Why white text could not stand on the colour, in words; "" where it can."""
    return _fault(colour, TEXT, _("白字写在这个颜色上看不清"), _("正文"))


def fault_of_accent(colour: str) -> str:
    """Why the colour would not stand out on white paper, in words; "" where it does."""
    return _fault(colour, LARGE, _("这个颜色在白底上不显眼"), _("线条和大字"))


FAULTS: dict[str, Callable[[str], str]] = {"brand": fault_of_brand, "accent": fault_of_accent}


def _fault(colour: str, wanted: float, why: Any, what: Any) -> str:
    if not colour or contrast(colour, WHITE) >= wanted:
        return ""
    # Rounded down: 4.49 shall not read as 4.5.
    ratio = int(contrast(colour, WHITE) * 10) / 10
    return gettext(
        "%(why)s：对比度是 %(ratio)s:1，%(what)s要 %(wanted)s:1。最接近而合用的是 %(nearest)s。"
    ) % {
        "why": why,
        "ratio": ratio,
        "what": what,
        "wanted": wanted,
        "nearest": nearest(colour, WHITE, ratio=wanted),
    }


@register_setting(icon="view", order=20)
class DistrictLook(BaseSiteSetting):
    """The district's colours, logo and picture; streets with a theme of their own keep its colours."""

    brand = ColourField(
        _("主色"),
        help_text=_("页头、按钮和链接的颜色，上面写白字。留空就用主题样式自己的颜色。"),
    )
    accent = ColourField(_("强调色"), help_text=_("提醒和警示的颜色。留空就用主题样式自己的颜色。"))
    logo = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("标志"),
        help_text=_("放在页头的网站名称前面，最好是背景透明的 PNG。留空就用主题样式自己的图形。"),
    )
    logo_alt = models.CharField(
        _("标志的文字说明"),
        max_length=60,
        blank=True,
        help_text=_("读屏软件念出来的话。标志只是图形、没有别的意思的，留空。"),
    )
    has_logo_plate = models.BooleanField(
        _("标志放在白底上"), default=True, help_text=_("标志是深色或彩色的就勾选；标志本身是白色的不要勾选。")
    )
    header_picture = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("首页图片"),
        help_text=_("放在首页上方，横图，宽度不小于 1200 像素。上面不要有字。"),
    )
    header_picture_alt = models.CharField(
        _("图片的文字说明"), max_length=120, blank=True, help_text=_("图片只作装饰的，留空。")
    )

    panels = [
        HelpPanel(template="appearance/look_panel.html"),
        MultiFieldPanel([FieldRowPanel([FieldPanel("brand"), FieldPanel("accent")])], _("颜色")),
        MultiFieldPanel(
            [FieldPanel("logo"), FieldRowPanel([FieldPanel("logo_alt"), FieldPanel("has_logo_plate")])],
            _("标志"),
        ),
        MultiFieldPanel([FieldPanel("header_picture"), FieldPanel("header_picture_alt")], _("首页图片")),
    ]

    class Meta:
        verbose_name = _("外观")
        verbose_name_plural = _("外观")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @property
    def is_chosen(self) -> bool:
        """Whether anything is as the district wants it, and not the theme."""
        return bool(self.brand or self.accent or self.logo_id or self.header_picture_id)

    def clean(self) -> None:
        super().clean()
        colours = {name: getattr(self, name) for name in FAULTS}
        sound = {name: colour for name, colour in colours.items() if FORM.fullmatch(colour)}
        wrong = {name: said for name, colour in sound.items() if (said := FAULTS[name](colour))}
        if wrong:
            raise ValidationError(wrong)
