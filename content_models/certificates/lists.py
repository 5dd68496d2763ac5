"""Certificate lists (证明事项清单): what a community may, must not or need not certify."""

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField

from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.edition_pages import EditionedPage, with_current_editions
from content_models.base.pages import Channel, ContentPage
from content_models.base.public_tables import PublicColumn, column_for, each, value_of
from content_models.certificates.filters import ItemFilters
from content_models.places.codes import REGION_CODE, check_region_code


class CertificateListPage(EditionedPage):
    """One authority's list of certificates; its rows live in editions."""

    kind = "certificates"

    @property
    def information_source(self):
        edition = self.current_edition
        return edition.source if edition else ""

    class Authority(models.TextChoices):
        NATIONAL = "national", _("国家")
        PROVINCE = "province", _("省")
        CITY = "city", _("市")
        DISTRICT = "district", _("区")
        STREET = "street", _("街道")

    authority = models.CharField(_("发布层级"), max_length=10, choices=Authority.choices)
    region_code = models.CharField(_("区划代码"), max_length=12, blank=True, validators=[check_region_code])
    intro = RichTextField(_("说明"), blank=True, features=RICH_TEXT_FEATURES)
    source_file = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("来源文件"),
    )
    is_demo = models.BooleanField(_("演示数据"), default=False)

    parent_page_types = ["certificates.CertificateChannel"]
    subpage_types = []
    template = "certificates/certificate_list_page.html"
    entry_template = "certificates/certificate_item.html"
    changes_template = "certificates/certificate_list_changes.html"

    content_panels = ContentPage.title_panels + [
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("authority"), FieldPanel("region_code")]), FieldPanel("is_demo")],
            _("清单信息"),
        ),
        FieldPanel("intro"),
        FieldPanel("source_file"),
    ]
    edit_handler = ContentPage.tabs((content_panels, _("内容")))

    class Meta:
        verbose_name = _("证明事项清单")
        verbose_name_plural = _("证明事项清单")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(region_code="") | models.Q(region_code__regex=REGION_CODE),
                name="certificates_list_region_code",
                violation_error_message=_("“区划代码”是 12 位数字。"),
            )
        ]

    def outranks(self, other):
        """Whether this list's authority stands above that of ``other``."""
        ranks = self.Authority.values
        return ranks.index(self.authority) < ranks.index(other.authority)

    def public_rows(self, edition):
        return super().public_rows(edition).select_related("guide").prefetch_related("alternatives")

    def filterset_for(self, edition):
        return ItemFilters

    def columns_of_table(self, edition):
        item = edition.row_model
        columns = [column_for(item, name) for name in item.compared_fields]
        return [*columns, PublicColumn("alternatives", _text("不开证明怎么办"), "several")]

    def rows_of_table(self, edition):
        for row in each(edition.rows.prefetch_related("alternatives")):
            cells = [value_of(row, name) for name in row.compared_fields]
            yield [row.key, *cells, [way.text_of_all for way in row.alternatives.all()]]

    def entry_context(self, row):
        """The guides that ask for this certificate, whatever the edition."""
        certificate = self.certificates.filter(key=row.key).first()
        asking = certificate.materials.filter(page__live=True).select_related("page") if certificate else []
        return {"asking_materials": asking}


def highest_first(field):
    """Orders by the authority of a list: national before street."""
    ranks = [
        models.When(**{field: value}, then=rank)
        for rank, value in enumerate(CertificateListPage.Authority.values)
    ]
    return models.Case(*ranks, default=len(ranks))


class CertificateChannel(Channel):
    """The index of certificate lists, with one search over all their current items."""

    lists_kind = "certificates"
    subpage_types = ["certificates.CertificateListPage"]
    template = "certificates/certificate_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, _("内容")))
    filterset_class = ItemFilters
    page_size = 50

    class Meta:
        verbose_name = _("证明事项栏目")
        verbose_name_plural = _("证明事项栏目")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["lists"] = with_current_editions(self.lists)
        return context

    def shown_topics(self, context):
        return [self.topic, *(page.topic for page in context["lists"])]

    @property
    def lists(self):
        return (
            CertificateListPage.objects.live()
            .public()
            .descendant_of(self.region_page)
            .order_by(highest_first("authority"), "path")
        )

    def items(self):
        """Items of every current edition below this region, in the order of the lists."""
        item = apps.get_model("certificates", "CertificateItem")
        return (
            item.objects.filter(edition__is_current=True, edition__live=True, edition__owner__in=self.lists)
            .select_related("edition__owner")
            .prefetch_related("alternatives")
            .order_by(highest_first("edition__owner__authority"), "edition__owner__path", "order", "pk")
        )
