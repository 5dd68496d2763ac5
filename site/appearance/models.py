"""What the district decides of how its pages look and read."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

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
