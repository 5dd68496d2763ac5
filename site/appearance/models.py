"""What the district decides of how its pages look and read."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel


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

    def __str__(self) -> str:
        return f"{self.name} → {self.traditional}"
