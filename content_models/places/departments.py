from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from content_models.places.codes import check_uscc


class Department(models.Model):
    """A government department or body that is responsible for services, lists and certificates."""

    name = models.CharField(_("部门名称"), max_length=120, unique=True)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True, validators=[check_uscc])
    code = models.SlugField(
        _("编码"), max_length=60, unique=True, help_text=_("表格里用来指明部门，例如：qu-minzheng。")
    )
    duties = models.TextField(_("职责"), blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    complaint_phone = models.CharField(_("监督投诉电话"), max_length=40, blank=True)
    website = models.URLField(_("网址"), blank=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("short_name"),
        FieldPanel("code"),
        FieldPanel("uscc"),
        FieldPanel("duties"),
        FieldPanel("address"),
        FieldPanel("phone"),
        FieldPanel("complaint_phone"),
        FieldPanel("website"),
    ]

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~models.Q(uscc=""),
                name="places_department_uscc_once",
                violation_error_message=_("已有部门使用这个统一社会信用代码。"),
            )
        ]

    def __str__(self):
        return self.name
