"""What content is sorted by: code lists, topics and audiences, all kept by editors."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from content_models.base.fields import LinesField


class Code(models.Model):
    """One code and its label in a code list (权力来源, 办件类型 …), editable because vendors differ."""

    class CodeList(models.TextChoices):
        ITEM_TYPE = "item_type", _("事项类型")
        POWER_SOURCE = "power_source", _("权力来源")
        LEVEL = "level", _("行使层级")
        SERVICE_OBJECT = "service_object", _("服务对象")
        CASE_TYPE = "case_type", _("办件类型")
        HANDLE_FORM = "handle_form", _("办理形式")
        COMMON_SCOPE = "common_scope", _("通办范围")
        ONLINE_DEPTH = "online_depth", _("网办深度")
        RESULT_TYPE = "result_type", _("审批结果类型")
        DELIVERY = "delivery", _("送达方式")
        NECESSITY = "necessity", _("材料必要性")
        MATERIAL_SOURCE = "material_source", _("材料来源渠道")
        ALTERNATIVE_KIND = "alternative_kind", _("证明替代方式")
        CANCEL_REASON = "cancel_reason", _("证明取消理由")
        NOTICE_GENRE = "notice_genre", _("公文体裁")
        DISCLOSURE_MODE = "disclosure_mode", _("公开方式")
        METRIC = "metric", _("社区数据指标")

    code_list = models.CharField(_("代码表"), max_length=30, choices=CodeList.choices)
    code = models.CharField(_("代码"), max_length=20)
    label = models.CharField(_("名称"), max_length=60)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)

    panels = [FieldPanel("code_list"), FieldPanel("code"), FieldPanel("label"), FieldPanel("order")]

    class Meta:
        verbose_name = _("代码")
        verbose_name_plural = _("代码表")
        ordering = ["code_list", "order", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["code_list", "code"],
                name="base_code_once_per_list",
                violation_error_message=_("这个代码表里已有同样的代码。"),
            )
        ]

    def __str__(self):
        return self.label


class Term(models.Model):
    """What topics and audiences share: a name, an address part and an order."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    slug = models.SlugField(_("网址名"), max_length=60, unique=True)
    description = models.CharField(_("说明"), max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)

    class Meta:
        abstract = True
        ordering = ["order", "name"]

    def __str__(self):
        return self.name


class Topic(Term):
    """A subject residents look under: 生育, 养老, 住房 …"""

    panels = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("order")]

    class Meta(Term.Meta):
        verbose_name = _("主题分类")
        verbose_name_plural = _("主题分类")


class Audience(Term):
    """A group of people a service is for, with the service card it may carry (寿星卡, 巾帼卡 …)."""

    card_name = models.CharField(_("服务卡"), max_length=30, blank=True)
    everyday_words = LinesField(_("居民常用说法"), help_text=_("每行一个，例如：老人、父母。"))
    source = models.CharField(_("来源"), max_length=200, blank=True)
    is_featured = models.BooleanField(_("首页显示"), default=True)

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("card_name"),
        FieldPanel("description"),
        FieldPanel("everyday_words"),
        FieldPanel("source"),
        FieldPanel("is_featured"),
        FieldPanel("order"),
    ]

    class Meta(Term.Meta):
        verbose_name = _("服务人群")
        verbose_name_plural = _("服务人群")
