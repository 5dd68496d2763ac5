"""Spreadsheets of districts and streets, channels, plain pages and the site's settings."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, Site

from content_models.base.models import Channel
from content_models.base.resources import RecordResource, Row, SheetField
from content_models.base.widgets import ChoiceWidget, DigitsWidget, text_of
from content_models.certificates.models import CertificateChannel
from content_models.communities.models import CommunityChannel
from content_models.communities.resources import CommunityResource, FigureResource, InstitutionResource
from content_models.guides.models import GuideChannel
from content_models.home.models import HomePage, PlainPage, SiteSettings, StreetPage
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficeChannel
from content_models.places.resources import RegionalPageResource, RegionResource
from content_models.policy_lists.models import ListChannel

FRESHNESS_NAMES = {"不限": "none"}
REGION_PARTS = {"figures": FigureResource, "institutions": InstitutionResource}


class DistrictResource(RegionResource):
    """The district; the first one takes the place of the empty home page a new site begins with."""

    sheet_name = gettext_lazy("区")
    parts = REGION_PARTS
    # One sheet may hold districts, streets and communities; each resource knows the columns of all.
    ignored_columns = tuple(CommunityResource.known_columns())

    class Meta(RegionResource.Meta):
        model = HomePage

    def parent_for(self, row: Row) -> Page | None:
        return Page.get_first_root_node()

    def find(self, row: Row, parent: Page | None) -> Any:
        return super().find(row, parent) or self.get_queryset().filter(region_code="").first()


class StreetResource(RegionResource):
    """Streets of a district."""

    sheet_name = gettext_lazy("街道")
    parts = REGION_PARTS
    ignored_columns = tuple(CommunityResource.known_columns())

    theme = SheetField("theme", "主题样式", example="harbour")

    class Meta(RegionResource.Meta):
        model = StreetPage


class ChannelResource(RegionalPageResource):
    """Index pages of any kind, below any region."""

    sheet_name = gettext_lazy("栏目")
    channels: ClassVar[dict[str, type[Channel]]] = {
        "办事指南": GuideChannel,
        "通知公告": NoticeChannel,
        "证明事项": CertificateChannel,
        "政策清单": ListChannel,
        "社区": CommunityChannel,
        "办事场所": OfficeChannel,
    }

    kind = SheetField(None, "类型", is_required=True, example="办事指南")
    slug = SheetField("slug", "网址名", aliases=("slug",), is_required=True, example="guides")
    title = SheetField("title", "标题", aliases=("栏目名称",), is_required=True)
    intro = SheetField("intro", "简介", aliases=("栏目说明",))
    freshness = SheetField(
        "freshness",
        "更新要求",
        widget=ChoiceWidget(Channel.Freshness.choices, names=FRESHNESS_NAMES),
        example="六个月",
    )

    class Meta(RegionalPageResource.Meta):
        model = Channel

    def model_for(self, row: Row | None) -> type[Channel]:
        kind = text_of((row or {}).get("类型"))
        if kind not in self.channels:
            raise ValueError(_("栏目类型只能是：%(kinds)s。") % {"kinds": "、".join(self.channels)})
        return self.channels[kind]

    def get_queryset(self) -> Any:
        return Page.objects.type(Channel)

    def find(self, row: Row, parent: Page | None) -> Any:
        found = super().find(row, parent)
        return found.specific if found is not None else None

    def init_instance(self, row: Row | None = None) -> Channel:
        return self.model_for(row)()

    def dehydrate_kind(self, instance: Channel) -> str:
        return next((name for name, model in self.channels.items() if isinstance(instance, model)), "")


class PlainPageResource(RegionalPageResource):
    """Pages of text below a region."""

    sheet_name = gettext_lazy("普通页面")
    ignored_columns = ("地点", "说明")

    slug = SheetField("slug", "网址名", aliases=("slug",))
    title = SheetField("title", "标题", is_required=True)
    search_description = SheetField("search_description", "摘要")
    body = SheetField("body", "正文", aliases=("内容",))

    class Meta(RegionalPageResource.Meta):
        model = PlainPage


class SiteSettingsResource(RecordResource):
    """What the site says of itself: one row, a column per setting (names in English as well)."""

    sheet_name = gettext_lazy("网站设置")
    ignored_columns = ("freshness_guides", "freshness_certificates")

    site_name = SheetField("site_name", "网站名称", is_required=True)
    site_domain = SheetField("site_domain", "网站域名")
    site_id_code = SheetField("site_id_code", "网站标识码", widget=DigitsWidget())
    organiser = SheetField("organiser", "主办单位", aliases=("organizer", "主办"))
    undertaker = SheetField("undertaker", "承办单位", aliases=("承办",))
    uscc = SheetField("uscc", "统一社会信用代码", widget=DigitsWidget())
    contact = SheetField("contact", "联系方式")
    hotline = SheetField("hotline", "热线", aliases=("热线电话",))
    frequent_words = SheetField("frequent_words", "大家常查")
    icp_no = SheetField("icp_no", "ICP备案号")
    police_no = SheetField("police_no", "公安备案号")
    party_mark_url = SheetField("party_mark_url", "党政机关标识网址", aliases=("party_government_mark_url",))
    error_report_url = SheetField("error_report_url", "我为政府网站找错网址", aliases=("find_errors_url",))
    parent_portal_name = SheetField("parent_portal_name", "上级门户名称")
    parent_portal_url = SheetField("parent_portal_url", "上级门户网址")
    region_code = SheetField("region_code", "区划代码", widget=DigitsWidget())
    theme = SheetField("theme", "主题样式")
    news_freshness = SheetField(
        "news_freshness",
        "动态类栏目更新要求",
        widget=ChoiceWidget(SiteSettings.Freshness.choices, names=FRESHNESS_NAMES),
        aliases=("freshness_notices", "通知公告更新要求"),
    )
    policy_freshness = SheetField(
        "policy_freshness",
        "通知、政策类栏目更新要求",
        widget=ChoiceWidget(SiteSettings.Freshness.choices, names=FRESHNESS_NAMES),
        aliases=("freshness_lists", "政策清单更新要求"),
    )

    class Meta(RecordResource.Meta):
        model = SiteSettings

    def get_instance(self, instance_loader: Any, row: Row) -> SiteSettings:
        return SiteSettings.for_site(Site.objects.get(is_default_site=True))
