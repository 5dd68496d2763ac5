"""Notices (通知公告) and the emergency banner."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable
from wagtail.search import index

from content_models.base import moments
from content_models.base.blocks import BodyBlock
from content_models.base.doc_numbers import normalise_doc_no
from content_models.base.drafts import Publishable
from content_models.base.fields import CodeField
from content_models.base.managers import parent_id
from content_models.base.pages import Channel, ContentPage
from content_models.notices import structured
from content_models.notices.filters import NoticeFilters
from content_models.notices.forms import NoticeForm
from content_models.notices.index_numbers import check_index_number, give_index_number, is_taken
from content_models.places.calendar import Calendar, YearNotMaintained


class NoticePage(ContentPage):
    """A notice: what, from whom, valid how long."""

    kind = "notices"
    source_field = "content_source"

    class Kind(models.TextChoices):
        NOTICE = "notice", gettext_lazy("通知")
        ANNOUNCEMENT = "announcement", gettext_lazy("公告")
        PUBLICITY = "publicity", gettext_lazy("公示")
        CIRCULAR = "circular", gettext_lazy("通告")
        EVENT = "event", gettext_lazy("活动")
        OUTAGE = "outage", gettext_lazy("停水停电")

    class Validity(models.TextChoices):
        IN_FORCE = "in_force", gettext_lazy("现行")
        EXPIRED = "expired", gettext_lazy("失效")
        REPEALED = "repealed", gettext_lazy("废止")

    notice_kind = models.CharField(gettext_lazy("类型"), max_length=14, choices=Kind.choices)
    body = StreamField(BodyBlock(), verbose_name=gettext_lazy("正文"))
    publisher = models.CharField(gettext_lazy("发布机构"), max_length=120)
    content_source = models.CharField(gettext_lazy("信息来源"), max_length=120)
    author = models.CharField(gettext_lazy("作者"), max_length=60, blank=True)
    doc_no = models.CharField(
        gettext_lazy("文号"), max_length=60, blank=True, help_text=gettext_lazy("括号会统一成〔〕。")
    )
    index_no = models.CharField(
        gettext_lazy("索引号"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        validators=[check_index_number],
        help_text=gettext_lazy("留空就在首次发布时自动编号；原来就有的照原样填。发布以后不能再改。"),
    )
    signed_on = models.DateField(gettext_lazy("成文日期"), null=True, blank=True)
    effective_on = models.DateField(gettext_lazy("施行日期"), null=True, blank=True)
    expires_on = models.DateField(gettext_lazy("失效日期"), null=True, blank=True)
    validity = models.CharField(
        gettext_lazy("有效性"), max_length=10, choices=Validity.choices, default=Validity.IN_FORCE
    )
    topic_term = models.ForeignKey(
        "base.Topic",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=gettext_lazy("主题分类"),
    )
    genre = CodeField(gettext_lazy("公文体裁"), code_list="notice_genre", blank=True)
    disclosure_mode = CodeField(gettext_lazy("公开方式"), code_list="disclosure_mode", blank=True)
    notice_from = models.DateField(gettext_lazy("公示开始"), null=True, blank=True)
    notice_to = models.DateField(gettext_lazy("公示结束"), null=True, blank=True)
    stated_working_days = models.PositiveSmallIntegerField(
        gettext_lazy("公示工作日数"), null=True, blank=True
    )
    feedback_contact = models.CharField(
        gettext_lazy("意见反馈方式"), max_length=200, blank=True, help_text=gettext_lazy("公示必须填写。")
    )
    pinned_until = models.DateTimeField(gettext_lazy("置顶到"), null=True, blank=True)
    scope = models.CharField(gettext_lazy("涉及范围"), max_length=200, blank=True)
    related_guides = ParentalManyToManyField(
        "wagtailcore.Page",
        blank=True,
        related_name="+",
        limit_choices_to={"content_type__model": "guidepage"},
        verbose_name=gettext_lazy("相关办事指南"),
    )
    related_lists = ParentalManyToManyField(
        "policy_lists.PolicyListPage",
        blank=True,
        related_name="notices",
        verbose_name=gettext_lazy("相关清单"),
    )

    # What such a notice tells of comes to an end; the others lapse.
    passing_kinds = (Kind.EVENT, Kind.OUTAGE, Kind.PUBLICITY)

    exclude_fields_in_copy = ["index_no"]
    base_form_class = NoticeForm
    parent_page_types = ["notices.NoticeChannel"]
    subpage_types = []
    template = "notices/notice_page.html"

    search_fields = ContentPage.search_fields + [
        index.SearchField("body"),
        index.SearchField("doc_no"),
        index.SearchField("index_no"),
    ]

    content_panels = ContentPage.title_panels + [
        FieldRowPanel([FieldPanel("notice_kind"), FieldPanel("pinned_until")]),
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("publisher"), FieldPanel("content_source")]),
                FieldRowPanel([FieldPanel("author"), FieldPanel("scope")]),
            ],
            gettext_lazy("发布信息"),
        ),
        InlinePanel("attachments", heading=gettext_lazy("附件"), label=gettext_lazy("附件")),
    ]
    document_panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("doc_no"), FieldPanel("signed_on")]),
                FieldPanel("index_no"),
                FieldRowPanel([FieldPanel("effective_on"), FieldPanel("expires_on"), FieldPanel("validity")]),
                FieldRowPanel([FieldPanel("topic_term"), FieldPanel("genre"), FieldPanel("disclosure_mode")]),
            ],
            gettext_lazy("公文信息"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel(
                    [FieldPanel("notice_from"), FieldPanel("notice_to"), FieldPanel("stated_working_days")]
                ),
                FieldPanel("feedback_contact"),
            ],
            gettext_lazy("公示"),
        ),
        MultiFieldPanel(
            [FieldPanel("related_guides"), FieldPanel("related_lists")],
            gettext_lazy("相关内容"),
        ),
    ]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("内容")), (document_panels, gettext_lazy("公文、公示与相关"))
    )

    class Meta:
        verbose_name = gettext_lazy("通知公告")
        verbose_name_plural = gettext_lazy("通知公告")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(expires_on__gte=F("effective_on")),
                name="notices_expires_after_effective",
                violation_error_message=gettext_lazy("“失效日期”不能早于“施行日期”。"),
            ),
            models.CheckConstraint(
                condition=Q(notice_to__isnull=True)
                | Q(notice_from__isnull=True)
                | Q(notice_to__gte=F("notice_from")),
                name="notices_period_in_order",
                violation_error_message=gettext_lazy("“公示结束”不能早于“公示开始”。"),
            ),
        ]

    def clean(self):
        super().clean()
        self.doc_no = normalise_doc_no(self.doc_no)
        if self.index_no and not self.has_its_number and is_taken(self.index_no, page=self):
            raise ValidationError({"index_no": _("这个索引号已经给过别的公告，不能再用。")})

    @property
    def has_its_number(self):
        """Whether its index number is public and so can no longer be changed."""
        return bool(self.index_no and self.first_published_at)

    def publish_problems(self):
        problems = super().publish_problems()
        if self.notice_kind == self.Kind.PUBLICITY and not self.feedback_contact:
            problems.append(_("公示要写“意见反馈方式”。"))
        return problems

    def with_content_json(self, content):
        page = super().with_content_json(content)
        if self.has_its_number:
            page.index_no = self.index_no
        return page

    def after_publish(self):
        give_index_number(self)

    @property
    def keywords(self):
        topic = [self.topic_term.name] if self.topic_term else []
        return [self.title, self.get_notice_kind_display(), *topic]

    @property
    def channel(self):
        return self.parent_page

    @cached_property
    def channel_id(self):
        """The id of its channel; lists of notices read it along."""
        return self.get_parent().pk

    @property
    def topic(self):
        """Notices are told of by their channel, which lists them."""
        return f"notices:{self.channel_id}"

    @property
    def state(self):
        """How the notice stands today: in_force, expired or repealed."""
        if (
            self.validity == self.Validity.IN_FORCE
            and self.expires_on
            and self.expires_on < timezone.localdate()
        ):
            return self.Validity.EXPIRED
        return self.Validity(self.validity)

    @property
    def ended_text(self):
        """Why a notice no longer counts, as a tag: 已废止, 已失效, 已过期, 已结束; empty while it does."""
        if self.validity != self.Validity.IN_FORCE:
            return _("已%(state)s") % {"state": self.state.label}
        today = timezone.localdate()
        if self.expires_on and self.expires_on < today:
            return _("已结束") if self.notice_kind in self.passing_kinds else _("已过期")
        if self.notice_kind == self.Kind.PUBLICITY and self.notice_to and self.notice_to < today:
            return _("已结束")
        return ""

    @property
    def state_label(self):
        """How it stands today in one word: 有效, 失效, 废止."""
        is_valid = self.state == self.Validity.IN_FORCE
        return _("有效") if is_valid else self.state.label

    @property
    def state_badge(self):
        return "" if self.ended_text else "badge--ok"

    @property
    def live_guides(self):
        return [page for page in self.related_guides.all() if page.live]

    @property
    def public_lists(self):
        return [page for page in self.related_lists.all() if page.live and not page.is_internal]

    def period_end(self, calendar):
        """When the stated working days of a 公示 end, or that the calendar does not reach that far."""
        if not (self.notice_from and self.stated_working_days):
            return ""
        try:
            end = calendar.add_workdays(self.notice_from, self.stated_working_days)
        except YearNotMaintained as unknown:
            return str(unknown)
        return _("%(number)d 个工作日，到 %(end)s 止") % {"number": self.stated_working_days, "end": end}

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["period_end"] = self.period_end(Calendar.load()) if self.stated_working_days else ""
        return context

    def structured_data(self, scene):
        return structured.notice_page(scene, self)

    @property
    def is_in_force(self):
        return self.state == self.Validity.IN_FORCE

    @property
    def is_pinned(self):
        return bool(self.pinned_until and self.pinned_until > timezone.now())


class NoticeAttachment(Orderable):
    """A file that goes with a notice."""

    page = ParentalKey(NoticePage, on_delete=models.CASCADE, related_name="attachments")
    document = models.ForeignKey(
        "wagtaildocs.Document", on_delete=models.CASCADE, related_name="+", verbose_name=gettext_lazy("文件")
    )
    title = models.CharField(gettext_lazy("显示名称"), max_length=120, blank=True)

    panels = [FieldPanel("document"), FieldPanel("title")]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("附件")
        verbose_name_plural = gettext_lazy("附件")

    def __str__(self):
        return self.title or self.document.title


class NoticeChannel(Channel):
    """The index of notices of a district, street or community."""

    lists_kind = "notices"
    subpage_types = ["notices.NoticePage"]
    filterset_class = NoticeFilters
    template = "notices/notice_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, gettext_lazy("内容")))

    class Meta:
        verbose_name = gettext_lazy("公告栏目")
        verbose_name_plural = gettext_lazy("公告栏目")

    @property
    def topic(self):
        return f"notices:{self.pk}"

    @property
    def publisher(self):
        """In whose name notices come out here, where they do not say otherwise."""
        region = self.region_page
        name = region.title if region is not None else ""
        return _("%(street)s办事处") % {"street": name} if name.endswith("街道") else name

    def items(self):
        return latest_notices(self.region_page)


def latest_notices(region):
    """Live notices within ``region``: pinned first, then newest."""
    now = timezone.now()
    moments.note_later(lambda: _next(NoticePage.objects.live(), "pinned_until", now))
    is_pinned = models.Case(models.When(pinned_until__gt=now, then=0), default=1)
    return (
        NoticePage.objects.live()
        .public()
        .descendant_of(region)
        .annotate(pinned_rank=is_pinned, channel_id=parent_id())
        .order_by("pinned_rank", "-first_published_at", "-pk")
    )


def _next(things, field, now):
    """The first moment in ``field`` that lies ahead, or None."""
    return things.filter(**{f"{field}__gt": now}).aggregate(first=models.Min(field))["first"]


def turned_notices(since, until):
    """Live notices that read differently at ``until`` than at ``since`` by the clock alone."""
    passed = Q(pinned_until__gt=since, pinned_until__lte=until)
    before, today = timezone.localdate(since), timezone.localdate(until)
    for field in ("expires_on", "notice_to"):  # the last days on which they hold
        passed |= Q(**{f"{field}__gte": before, f"{field}__lt": today})
    return NoticePage.objects.live().filter(passed).annotate(channel_id=parent_id())


def current_notices(region):
    """The latest notices within ``region`` without those whose ``ended_text`` says that they are over."""
    today = timezone.localdate()
    is_over = (
        ~Q(validity=NoticePage.Validity.IN_FORCE)
        | Q(expires_on__isnull=False, expires_on__lt=today)
        | Q(notice_kind=NoticePage.Kind.PUBLICITY, notice_to__isnull=False, notice_to__lt=today)
    )
    return latest_notices(region).exclude(is_over)


class BannerQuerySet(models.QuerySet):
    def showing(self, at=None):
        """Banners to show at ``at`` (now by default), most serious first."""
        at = at or timezone.now()
        for field in ("starts_at", "ends_at"):
            moments.note_later(partial(_next, self.filter(live=True), field, at))
        return (
            self.filter(live=True)
            .filter(
                Q(starts_at__isnull=True) | Q(starts_at__lte=at), Q(ends_at__isnull=True) | Q(ends_at__gt=at)
            )
            .order_by("-level", "-pk")
        )

    def turned(self):
        """Banners that began or ceased to show by the clock, of which nobody was told yet."""
        now = timezone.now()
        passed = Q()
        for moment in ("starts_at", "ends_at"):
            passed |= (
                Q(**{f"{moment}__lte": now})
                # Publishing tells of all that had passed by then.
                & (Q(last_published_at=None) | Q(**{f"{moment}__gt": F("last_published_at")}))
                & (Q(told_until=None) | Q(**{f"{moment}__gt": F("told_until")}))
            )
        return self.filter(passed, live=True)


class EmergencyBanner(Publishable):
    """A line above every public page: storm, outage, closure."""

    class Level(models.IntegerChoices):
        INFORMATION = 1, gettext_lazy("提示")
        WARNING = 2, gettext_lazy("警示")
        EMERGENCY = 3, gettext_lazy("紧急")

    text = models.CharField(gettext_lazy("内容"), max_length=200)
    level = models.PositiveSmallIntegerField(
        gettext_lazy("级别"), choices=Level.choices, default=Level.INFORMATION
    )
    page = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("详情页面"),
    )
    starts_at = models.DateTimeField(gettext_lazy("开始显示"), null=True, blank=True)
    ends_at = models.DateTimeField(gettext_lazy("结束显示"), null=True, blank=True)
    # What the clock changed up to here was told.
    told_until = models.DateTimeField(null=True, editable=False)

    objects = BannerQuerySet.as_manager()

    panels = [
        FieldPanel("text"),
        FieldPanel("level"),
        PageChooserPanel("page"),
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
    ]

    class Meta:
        verbose_name = gettext_lazy("紧急横幅")
        verbose_name_plural = gettext_lazy("紧急横幅")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="notices_banner_ends_after_start",
                violation_error_message=gettext_lazy("“结束显示”要晚于“开始显示”。"),
            )
        ]

    topic = "banner:0"

    def __str__(self):
        return self.text

    def clean(self):
        super().clean()
        if self.level not in self.Level.values:
            raise ValidationError({"level": _("请选择级别。")})

    @property
    def is_over(self):
        return self.ends_at is not None and self.ends_at <= timezone.now()

    @property
    def is_emergency(self):
        return self.level == self.Level.EMERGENCY

    @property
    def look(self):
        """The class of its level: banner--warning."""
        return f"banner--{self.level_name}"

    @property
    def level_name(self):
        return self.Level(self.level).name.lower()
