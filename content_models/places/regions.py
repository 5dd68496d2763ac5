"""Districts, streets and communities: the places that publish and are published about."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.pages import ContentForm, ContentPage
from content_models.places.codes import REGION_CODE, check_region_code, region_level, shared_prefix


class RegionForm(ContentForm):
    """Knows the parent of a page that is not in the tree yet, so that its code can be checked."""

    def __init__(self, *args, parent_page=None, **kwargs):
        super().__init__(*args, parent_page=parent_page, **kwargs)
        if not self.instance.path and parent_page is not None:
            self.instance.parent_page = parent_page.specific


class RegionPage(ContentPage):
    """What a district, a street and a community have in common. Never created as such."""

    kind = "communities"
    source_field = "intro_source"
    is_creatable = False

    short_name = models.CharField(gettext_lazy("简称"), max_length=40, blank=True)
    region_code = models.CharField(
        gettext_lazy("区划代码"),
        max_length=12,
        blank=True,
        validators=[check_region_code],
        help_text=gettext_lazy("12 位数字。街道、社区的代码要与上级的开头一致。"),
    )
    intro = RichTextField(gettext_lazy("简介"), blank=True, features=RICH_TEXT_FEATURES)
    intro_source = models.CharField(gettext_lazy("简介来源"), max_length=300, blank=True)
    area_km2 = models.DecimalField(
        gettext_lazy("面积（平方公里）"), max_digits=9, decimal_places=3, null=True, blank=True
    )

    search_fields = ContentPage.search_fields + [
        index.SearchField("short_name"),
        index.SearchField("intro"),
    ]

    base_form_class = RegionForm
    exclude_fields_in_copy = ["region_code"]
    region_panels = [
        MultiFieldPanel(
            [FieldPanel("short_name"), FieldPanel("region_code"), FieldPanel("area_km2")],
            gettext_lazy("基本信息"),
        ),
        FieldPanel("intro"),
        FieldPanel("intro_source"),
    ]

    class Meta:
        verbose_name = gettext_lazy("区域")
        verbose_name_plural = gettext_lazy("区域")
        constraints = [
            models.UniqueConstraint(
                fields=["region_code"],
                condition=~Q(region_code=""),
                name="places_region_code_once",
                violation_error_message=gettext_lazy("“区划代码”已被别的区、街道或社区使用。"),
            ),
            models.CheckConstraint(
                condition=Q(region_code="") | Q(region_code__regex=REGION_CODE),
                name="places_region_code_is_12_digits",
                violation_error_message=gettext_lazy("“区划代码”是 12 位数字。"),
            ),
            models.CheckConstraint(
                condition=Q(area_km2__isnull=True) | Q(area_km2__gt=0),
                name="places_region_area_is_positive",
                violation_error_message=gettext_lazy("“面积”要大于 0。"),
            ),
        ]

    level = ""

    @cached_property
    def around(self):
        """What a street or community shows of content that is not its own to know; ``home`` collects it."""
        return apps.get_model("home", "HomePage").content_of(self)

    def shown_topics(self, context):
        return [
            self.topic,
            f"provisions:{self.pk}",
            *(office.topic for office, _state in self.around["offices"]),
            *(notice.topic for notice in self.around["notices"]),
            *(page.topic for page in self.around["lists"]),
        ]

    @property
    def name(self):
        """The short name where there is one; what residents call the place."""
        return self.short_name or self.title

    @property
    def parent_region(self):
        """The region above this one, or None for the district."""
        parent = self.parent_page
        return parent if isinstance(parent, RegionPage) else None

    def clean(self):
        super().clean()
        if not self.region_code:
            return
        if self.level and region_level(self.region_code) != self.level:
            raise ValidationError({"region_code": _("这个代码的级别不对，请核对后几位。")})
        is_placed = self.path or "parent_page" in self.__dict__
        parent = self.parent_region if is_placed else None
        if parent is not None and parent.region_code:
            prefix = shared_prefix(parent.region_code)
            if not self.region_code.startswith(prefix):
                raise ValidationError(
                    {
                        "region_code": _("%(parent)s的代码以 %(prefix)s 开头，这里也要以它开头。")
                        % {"parent": parent.title, "prefix": prefix}
                    }
                )
