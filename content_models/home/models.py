"""The district's home, its streets, plain pages and the settings of the site."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page

from content_models.base import codes
from content_models.base.blocks import BodyBlock
from content_models.base.fields import LinesField
from content_models.base.managers import leave_out_restricted
from content_models.base.models import Audience
from content_models.base.pages import Channel, ContentPage
from content_models.certificates.models import CertificateItem, CertificateListPage
from content_models.communities import derived, over_time
from content_models.communities.models import CommunityPage, Figure
from content_models.communities.reader import community_of
from content_models.guides.models import GuidePage
from content_models.guides.provisions import provisions_in_force
from content_models.home import structured
from content_models.home.themes import street_theme_choices, theme_choices
from content_models.notices.models import current_notices
from content_models.places.calendar import Calendar
from content_models.places.codes import check_region_code, check_uscc
from content_models.places.models import OfficePage, RegionPage
from content_models.places.offices import with_opening_hours
from content_models.policy_lists.lists import with_current_counts
from content_models.policy_lists.models import PolicyListPage

CHANNELS = [
    "guides.GuideChannel",
    "certificates.CertificateChannel",
    "policy_lists.ListChannel",
    "notices.NoticeChannel",
    "communities.CommunityChannel",
    "places.OfficeChannel",
]

# A district with more communities than this names only its streets on the home page.
COMMUNITIES_ON_HOME = 80


class HomePage(RegionPage):
    """The district: the root of a site."""

    kind = "pages"
    level = "district"
    is_article = False

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [*CHANNELS, "home.StreetPage", "home.PlainPage", "places.OfficePage"]
    template = "home/home_page.html"

    content_panels = ContentPage.title_panels + RegionPage.region_panels
    figures_panels = [InlinePanel("figures", heading=gettext_lazy("数据"), label=gettext_lazy("数据"))]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("内容")), (figures_panels, gettext_lazy("数据"))
    )

    class Meta:
        verbose_name = gettext_lazy("区首页")
        verbose_name_plural = gettext_lazy("区首页")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        figures = list(self.figures.all())
        context.update(
            audiences=Audience.objects.filter(is_featured=True).annotate(
                guide_count=Count("guides", filter=Q(guides__live=True))
            ),
            notices=current_notices(self)[:6],
            guides=GuidePage.objects.live()
            .public()
            .descendant_of(self)
            .order_by("-last_published_at", "-pk")[:8],
            lists=with_current_counts(
                PolicyListPage.objects.live()
                .public()
                .filter(is_internal=False)
                .descendant_of(self)
                .order_by("-last_published_at", "-pk")[:5]
            ),
            refused=self._refused_certificates(),
            streets=self.streets_with_communities(),
            channels=self._channels(),
            my_office=_office_card(community_of(request)),
            latest_figures=derived.latest(figures),
            derived_figures=derived.compute(figures),
        )
        return context

    def shown_topics(self, context):
        office = context["my_office"]
        return [
            self.topic,
            *([office["office"].topic] if office else []),
            *(notice.topic for notice in context["notices"]),
            *(page.topic for page in context["lists"]),
            *(item.edition.owner.topic for item in context["refused"]),
        ]

    def structured_data(self, scene):
        return structured.home_page(scene, self)

    @staticmethod
    def content_of(region):
        """What street and community pages show besides their profile."""
        calendar, now = Calendar.load(), timezone.localtime()
        figures = list(region.figures.all())
        below = Page.objects.live().public().child_of(region).specific(defer=True).order_by("path")
        return {
            "offices": [(office, office.open_state(at=now, calendar=calendar)) for office in region.offices],
            "notices": current_notices(region)[:5],
            "provisions": leave_out_restricted(provisions_in_force([region.pk]), "guide__path")
            .filter(guide__live=True)
            .select_related("guide", "office")
            .order_by("guide__sort_name", "pk"),
            "lists": with_current_counts(
                PolicyListPage.objects.live().public().filter(is_internal=False).descendant_of(region)
            ),
            "channels": [page for page in below if isinstance(page, Channel)],
            "derived_figures": derived.compute(figures),
            "latest_figures": derived.latest(figures),
            "norm_notes": derived.norms(figures),
            "figure_series": over_time.series(figures),
        }

    def _channels(self):
        """The district's own channels by kind, to lead on from each part of the home page."""
        children = Page.objects.live().public().child_of(self).specific(defer=True)
        return {page.lists_kind: page for page in children if isinstance(page, Channel)}

    def streets_with_communities(self):
        """``[(street, [community])]`` in tree order; a large district names its streets only."""
        streets = StreetPage.objects.live().public().child_of(self).order_by("path")
        communities = list(
            CommunityPage.objects.live()
            .public()
            .descendant_of(self)
            .filter(dissolved_on=None)
            .order_by("path")[: COMMUNITIES_ON_HOME + 1]
        )
        below = {}
        if len(communities) <= COMMUNITIES_ON_HOME:
            for community in communities:
                below.setdefault(community.path[: -self.steplen], []).append(community)
        return [(street, below.get(street.path, [])) for street in streets]

    def _refused_certificates(self):
        lists = CertificateListPage.objects.live().public().descendant_of(self)
        return (
            CertificateItem.objects.filter(
                edition__owner__in=lists, edition__is_current=True, polarity=CertificateItem.Polarity.MUST_NOT
            )
            .select_related("edition__owner")
            .order_by("edition__owner__path", "order", "pk")[:8]
        )


def _office_card(community):
    """The first office of the reader's community with its state now, or None."""
    if community is None or not community.offices:
        return None
    office = community.offices[0]
    return {"office": office, "state": office.open_state()}


class StreetPage(RegionPage):
    """A street (街道): its communities, offices, notices and services."""

    kind = "pages"
    level = "street"

    theme = models.CharField(
        gettext_lazy("主题样式"),
        max_length=30,
        blank=True,
        default="",
        db_default="",
        choices=street_theme_choices,
        help_text=gettext_lazy("本街道和所属社区的页面用的样式。"),
    )

    parent_page_types = ["home.HomePage"]
    subpage_types = [*CHANNELS, "communities.CommunityPage", "home.PlainPage", "places.OfficePage"]
    template = "home/street_page.html"

    content_panels = ContentPage.title_panels + RegionPage.region_panels + [FieldPanel("theme")]
    figures_panels = [InlinePanel("figures", heading=gettext_lazy("数据"), label=gettext_lazy("数据"))]
    institutions_panels = [
        InlinePanel("institutions", heading=gettext_lazy("内设机构"), label=gettext_lazy("机构"))
    ]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("内容")),
        (figures_panels, gettext_lazy("数据")),
        (institutions_panels, gettext_lazy("机构")),
    )

    class Meta:
        verbose_name = gettext_lazy("街道")
        verbose_name_plural = gettext_lazy("街道")

    def structured_data(self, scene):
        return structured.street_page(scene, self)

    @cached_property
    def communities(self):
        return list(CommunityPage.objects.live().public().child_of(self).order_by("path"))

    @property
    def present_communities(self):
        """Communities that still exist: a split one is left out, or its households would count twice."""
        return [page for page in self.communities if not page.is_dissolved]

    @cached_property
    def offices(self):
        offices = OfficePage.objects.live().public().child_of(self)
        return list(with_opening_hours(offices.order_by("sort_name", "path")))

    @property
    def summed_figures(self):
        """Figures of this street's communities added up, newest of each; ratios are never summed."""
        figures = Figure.objects.filter(page__in=[page.pk for page in self.present_communities]).order_by(
            "sort_order"
        )
        by_page = {}
        for figure in figures:
            by_page.setdefault(figure.page_id, []).append(figure)
        newest = [
            figure for rows in by_page.values() for figure in derived.latest(rows) if not figure.is_suppressed
        ]
        return [
            {
                "label": codes.label("metric", metric),
                "number": derived.number_text(total),
                "unit": unit,
                "communities": number,
                "is_whole": number == len(self.present_communities),
            }
            for metric, unit, total, number in derived.roll_up(newest)
            if metric not in derived.NEVER_SUMMED
        ]


class PlainPage(ContentPage):
    """A page of text: about this site, accessibility, sources."""

    body = StreamField(BodyBlock(), verbose_name=gettext_lazy("正文"))

    parent_page_types = ["home.HomePage", "home.StreetPage", "communities.CommunityPage", "home.PlainPage"]
    subpage_types = ["home.PlainPage"]
    template = "home/plain_page.html"

    content_panels = ContentPage.title_panels + [FieldPanel("body")]
    edit_handler = ContentPage.tabs((content_panels, gettext_lazy("内容")))

    class Meta:
        verbose_name = gettext_lazy("普通页面")
        verbose_name_plural = gettext_lazy("普通页面")


DEFAULT_LICENCE = "可自由使用，请注明来源"
# Where the numbers in the footer can be looked up.
ICP_RECORDS = "https://beian.miit.gov.cn/"
POLICE_RECORDS = "https://beian.mps.gov.cn/#/query/webSearch?code="
SITE_ID_CODE = re.compile(r"^(\d{10}|bm\d{8})$")


def check_preview_address(value):
    """An address of another front end, with a place for the link."""
    if not value.startswith(("https://", "http://")) or "{link}" not in value:
        raise ValidationError(gettext_lazy("请写以 https:// 开头的网址，并在里面写上 {link}。"))


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    """What a government site says of itself in header, footer and meta tags."""

    class Freshness(models.TextChoices):
        TWO_WEEKS = "2w", gettext_lazy("两周")
        SIX_MONTHS = "6m", gettext_lazy("六个月")
        NONE = "none", gettext_lazy("不要求")

    site_name = models.CharField(gettext_lazy("网站名称"), max_length=60, default="家门口")
    site_domain = models.CharField(gettext_lazy("网站域名"), max_length=120, blank=True)
    site_id_code = models.CharField(
        gettext_lazy("网站标识码"),
        max_length=10,
        blank=True,
        validators=[
            RegexValidator(SITE_ID_CODE, gettext_lazy("网站标识码是 10 位数字，或 bm 加 8 位数字。"))
        ],
    )
    organiser = models.CharField(gettext_lazy("主办单位"), max_length=120, blank=True)
    undertaker = models.CharField(gettext_lazy("承办单位"), max_length=120, blank=True)
    uscc = models.CharField(
        gettext_lazy("主办单位统一社会信用代码"), max_length=18, blank=True, validators=[check_uscc]
    )
    contact = models.CharField(gettext_lazy("联系方式"), max_length=200, blank=True)
    hotline = models.CharField(gettext_lazy("热线电话"), max_length=20, default="12345")
    frequent_words = LinesField(
        gettext_lazy("大家常查"),
        help_text=gettext_lazy(
            "首页搜索框下面的词，每行一个，按居民平时的叫法写。留空就列最近更新的办事指南。"
        ),
    )
    open_data_licence = models.CharField(
        gettext_lazy("开放数据使用许可"),
        max_length=300,
        default=DEFAULT_LICENCE,
        help_text=gettext_lazy("写在每份开放数据的页面和文件里。按本单位的规定填写。"),
    )
    icp_no = models.CharField(gettext_lazy("ICP 备案号"), max_length=60, blank=True)
    police_no = models.CharField(gettext_lazy("公安备案号"), max_length=60, blank=True)
    party_mark = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("党政机关网站标识图片"),
        help_text=gettext_lazy("审核通过后发给的标识图片，和链接一起显示在页面底部。"),
    )
    party_mark_url = models.URLField(gettext_lazy("党政机关网站标识链接"), blank=True)
    error_report_url = models.URLField(gettext_lazy("我为政府网站找错链接"), blank=True)
    parent_portal_name = models.CharField(gettext_lazy("上级门户名称"), max_length=60, blank=True)
    parent_portal_url = models.URLField(gettext_lazy("上级门户网址"), blank=True)
    preview_address = models.CharField(
        gettext_lazy("其他前端的预览网址"),
        max_length=300,
        blank=True,
        validators=[check_preview_address],
        help_text=gettext_lazy(
            "小程序或上级门户看草稿的网址，{link} 处放预览链接，例如：https://m.example.cn/preview?from={link}"
        ),
    )
    region_code = models.CharField(
        gettext_lazy("区划代码"), max_length=12, blank=True, validators=[check_region_code]
    )
    theme = models.CharField(
        gettext_lazy("主题样式"), max_length=30, default="civic", db_default="civic", choices=theme_choices
    )
    news_freshness = models.CharField(
        gettext_lazy("动态类栏目更新要求"),
        max_length=4,
        choices=Freshness.choices,
        default=Freshness.TWO_WEEKS,
    )
    policy_freshness = models.CharField(
        gettext_lazy("通知、政策类栏目更新要求"),
        max_length=4,
        choices=Freshness.choices,
        default=Freshness.SIX_MONTHS,
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("site_name"),
                FieldRowPanel([FieldPanel("site_domain"), FieldPanel("site_id_code")]),
                FieldRowPanel([FieldPanel("region_code"), FieldPanel("theme")]),
                FieldPanel("frequent_words"),
            ],
            gettext_lazy("网站"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("organiser"), FieldPanel("undertaker")]),
                FieldRowPanel([FieldPanel("contact"), FieldPanel("hotline")]),
                FieldPanel("uscc"),
            ],
            gettext_lazy("主办与联系"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("icp_no"), FieldPanel("police_no")]),
                FieldRowPanel([FieldPanel("party_mark"), FieldPanel("party_mark_url")]),
                FieldPanel("error_report_url"),
            ],
            gettext_lazy("备案与标识"),
        ),
        MultiFieldPanel([FieldPanel("open_data_licence")], gettext_lazy("开放数据")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("parent_portal_name"), FieldPanel("parent_portal_url")]),
                FieldPanel("preview_address"),
            ],
            gettext_lazy("上级门户与其他前端"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("news_freshness"), FieldPanel("policy_freshness")])],
            gettext_lazy("更新要求"),
        ),
    ]

    select_related = ["party_mark"]

    class Meta:
        verbose_name = gettext_lazy("网站设置")
        verbose_name_plural = gettext_lazy("网站设置")

    icp_url = ICP_RECORDS

    @property
    def police_url(self):
        """Where the public security record can be looked up; empty where the number names none."""
        code = re.search(r"\d{14}", self.police_no)
        return f"{POLICE_RECORDS}{code[0]}" if code else ""

    def clean(self):
        super().clean()
        if bool(self.parent_portal_name) != bool(self.parent_portal_url):
            raise ValidationError({"parent_portal_url": _("上级门户的名称和网址要一起填写。")})
