"""Spreadsheets of notices and emergency banners."""

from typing import Any

import tablib
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.resources import RecordResource, Row, SheetField
from content_models.base.widgets import (
    CodeWidget,
    FilesWidget,
    ReferencesWidget,
    ReferenceWidget,
    text_of,
)
from content_models.notices.models import EmergencyBanner, NoticeAttachment, NoticeChannel, NoticePage
from content_models.places.resources import RegionalPageResource


class NoticeResource(RegionalPageResource):
    """Notices. When one was first published is the site's own to say, and in no column."""

    sheet_name = gettext_lazy("通知公告")
    channel = NoticeChannel
    joined_columns = {"正文": {"说明": "<p>{}</p>"}}
    ignored_columns = ("地点", "附件", "发布时间")

    slug = SheetField("slug", "网址名", aliases=("slug",))
    title = SheetField("title", "标题", is_required=True, example="关于楼道清理的通知")
    notice_kind = SheetField("notice_kind", "类型", aliases=("公告类型",), example="通知")
    body = SheetField("body", "正文", aliases=("内容",), example="11月23日上午清理楼道，请提前收好物品。")
    publisher = SheetField("publisher", "发布单位", aliases=("发布机构",), example="江苏路街道办事处")
    content_source = SheetField(
        "content_source", "信息来源", aliases=("来源", "ContentSource"), example="江苏路街道办事处"
    )
    author = SheetField("author", "作者")
    doc_no = SheetField("doc_no", "文号", example="示范政〔2026〕18号")
    index_no = SheetField("index_no", "索引号", aliases=("索引码",))
    signed_on = SheetField("signed_on", "签发日期", aliases=("成文日期",), example="2026-11-16")
    effective_on = SheetField("effective_on", "生效日期", aliases=("施行日期",))
    expires_on = SheetField("expires_on", "失效日期")
    validity = SheetField("validity", "有效性", example="现行")
    topic_term = SheetField(
        "topic_term",
        "主题",
        widget=ReferenceWidget("base.Topic", by=("slug", "name")),
        aliases=("主题分类",),
    )
    genre = SheetField(
        "genre", "体裁", widget=CodeWidget("notice_genre"), aliases=("公文体裁",), example="通知"
    )
    disclosure_mode = SheetField("disclosure_mode", "公开方式", example="主动公开")
    notice_from = SheetField("notice_from", "公示开始")
    notice_to = SheetField("notice_to", "公示结束")
    stated_working_days = SheetField("stated_working_days", "公示工作日", aliases=("公示工作日数",))
    feedback_contact = SheetField("feedback_contact", "反馈联系", aliases=("意见反馈方式",))
    related_guides = SheetField(
        "related_guides", "相关指南", widget=ReferencesWidget("guides.GuidePage"), aliases=("相关办事指南",)
    )
    related_lists = SheetField(
        "related_lists", "相关清单", widget=ReferencesWidget("policy_lists.PolicyListPage")
    )
    pinned_until = SheetField("pinned_until", "置顶至", aliases=("置顶到",), example="2026-12-31")
    scope = SheetField("scope", "范围", aliases=("涉及范围",))

    class Meta(RegionalPageResource.Meta):
        model = NoticePage

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.files = FilesWidget("wagtaildocs.Document")

    def import_parts(self, instance: NoticePage, row: Row, **kwargs: Any) -> None:
        super().import_parts(instance, row, **kwargs)
        if "索引号" in row:
            self._keep_public_number(instance, row, kwargs.get("row_number", 0))
        if "附件" not in row:
            return
        try:
            documents = self.files.clean(row["附件"])
        except ValueError as error:
            self.refuse(kwargs.get("row_number", 0), "附件", row["附件"], str(error))
            return
        attached = [attachment.document_id for attachment in instance.attachments.all()]
        if attached != documents:
            self.changes["附件"] = (self.files.render(attached), self.files.render(documents))
            instance.attachments = [
                NoticeAttachment(document_id=pk, sort_order=place) for place, pk in enumerate(documents)
            ]

    def _keep_public_number(self, instance: NoticePage, row: Row, number: int) -> None:
        """A public index number is a fact: an empty cell leaves it, another one is refused."""
        if instance.first_published_at is None:
            return
        public = NoticePage.objects.values_list("index_no", flat=True).get(pk=instance.pk)
        if public and instance.index_no != public:
            if instance.index_no:
                said = _("已公布的索引号是 %(number)s，不能改。请照原样填，或者留空。")
                self.refuse(number, "索引号", row["索引号"], said % {"number": public})
            instance.index_no = public
            self.changes.pop("索引号", None)


class BannerResource(RecordResource):
    """Lines above every page, known by their text."""

    sheet_name = gettext_lazy("紧急横幅")
    ignored_columns = ("标题", "正文", "区划代码", "启用", "说明")

    text = SheetField("text", "内容", is_required=True)
    level = SheetField("level", "级别", example="提示")
    page = SheetField("page", "链接", widget=ReferenceWidget("wagtailcore.Page", by=("slug", "title")))
    starts_at = SheetField("starts_at", "开始", aliases=("开始显示",), example="2026-11-19 18:00")
    ends_at = SheetField("ends_at", "结束", aliases=("结束显示",), example="2026-11-22 12:00")

    class Meta(RecordResource.Meta):
        model = EmergencyBanner
        import_id_fields = ("text",)

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """A sheet may give title and text apart; the banner is one line of both."""
        if "内容" not in dataset.headers and "标题" in dataset.headers:
            lines = [
                "：".join(filter(None, map(text_of, (row["标题"], row.get("正文"))))) for row in dataset.dict
            ]
            dataset.append_col(lines, header="内容")
        super().before_import(dataset, **kwargs)

    def init_instance(self, row: Row | None = None) -> EmergencyBanner:
        return EmergencyBanner(live=False)
