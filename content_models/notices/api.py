"""Notices and the banner as other systems read them."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base.api import Asked, ContentApi, PageApi, cells_above, page_above
from content_models.base.filters import NumberFilter, PublicFilterSet
from content_models.base.managers import ContentQuerySet
from content_models.base.parts import Relation
from content_models.base.serializers import (
    Body,
    CellsLink,
    Coded,
    Document,
    PageLink,
    PagePart,
    PageSerializer,
    Part,
    PublicSerializer,
    Term,
)
from content_models.notices.filters import NoticeFilters
from content_models.notices.models import EmergencyBanner, NoticeChannel, NoticePage

LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


class AttachmentPart(Part):
    """A file that goes with a notice."""

    title = serializers.CharField(help_text=_("显示名称，没有则用文件的标题"))
    document = Document()


class NoticeSerializer(PageSerializer):
    """A notice with its body and its files."""

    notice_kind = Coded(choices=NoticePage.Kind)
    channel = CellsLink(source="channel_cells", help_text=_("所在栏目"))
    body = Body()
    publisher = serializers.CharField()
    content_source = serializers.CharField(help_text=_("信息来源"))
    author = serializers.CharField()
    doc_no = serializers.CharField()
    index_no = serializers.CharField()
    signed_on = serializers.DateField(allow_null=True)
    effective_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    validity = Coded(source="state", choices=NoticePage.Validity, help_text=_("今天的有效性"))
    ended_text = serializers.CharField(help_text=_("已结束、已失效等，仍有效则为空"))
    topic = Term(source="topic_term", allow_null=True)
    genre = Coded(code_list="notice_genre")
    disclosure_mode = Coded(code_list="disclosure_mode")
    notice_from = serializers.DateField(allow_null=True)
    notice_to = serializers.DateField(allow_null=True)
    stated_working_days = serializers.IntegerField(allow_null=True)
    feedback_contact = serializers.CharField()
    pinned_until = serializers.DateTimeField(allow_null=True)
    scope = serializers.CharField()
    attachments = AttachmentPart(many=True)
    related_guides = PagePart(many=True)
    related_lists = PagePart(many=True)


class NoticeApiFilters(NoticeFilters):
    """What residents filter by, and the channel."""

    channel = NumberFilter(label=_("栏目的编号"), method="within")

    def within(self, queryset: ContentQuerySet, name: str, value: int) -> ContentQuerySet:
        channel = NoticeChannel.objects.live().public().filter(pk=value).first()
        return queryset.child_of(channel) if channel else queryset.none()


LONG = {"body", "attachments", "related_guides", "related_lists", "feedback_contact"}


class NoticeApi(PageApi):
    """Notices, newest first."""

    name = "notices"
    title = _("通知公告")
    said = _("新的在前。")
    model = NoticePage
    serializer = NoticeSerializer
    filterset = NoticeApiFilters
    brief = frozenset(NoticeSerializer().fields) - LONG
    shown_with = ("topic_term",)
    order = ("-public_since", "-pk")
    relations = [
        Relation("attachments", AttachmentPart),
        Relation("related_guides", PagePart, order="title"),
        Relation("related_lists", PagePart, order="title", only={"is_internal": False}),
    ]

    def rows(self, asked: Asked) -> ContentQuerySet:
        return (
            super()
            .rows(asked)
            .annotate(
                channel_cells=page_above(1),
                public_since=Coalesce("first_published_at", Value(LONG_AGO)),
            )
        )

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        super().prepare_draft(page, asked)
        page.channel_cells = cells_above(page, 1)


class BannerSerializer(PublicSerializer):
    """A line above every page."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.SerializerMethodField()
    text = serializers.CharField()
    level = Coded(choices=EmergencyBanner.Level)
    page = PageLink()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)

    def get_kind(self, banner: EmergencyBanner) -> str:
        return "banners"


class BannerFilters(PublicFilterSet):
    """Banners are few."""

    search_fields = ["text"]

    class Meta:
        model = EmergencyBanner
        fields = []


class BannerApi(ContentApi):
    """The banners that show now, most serious first."""

    name = "banners"
    title = _("紧急横幅")
    said = _("现在显示的横幅，严重的在前。")
    serializer = BannerSerializer
    filterset = BannerFilters
    order = ("-level", "-pk")
    goes_by_the_clock = True

    def rows(self, asked: Asked) -> Any:
        return EmergencyBanner.objects.showing().select_related("page")
