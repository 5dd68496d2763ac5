"""Communities: profile, figures, history, grids and ratings."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.models import Orderable

from content_models.base.fields import CodeField
from content_models.base.pages import Channel, ContentPage
from content_models.communities import derived, over_time, structured
from content_models.communities.filters import CommunityFilters
from content_models.communities.ratings import EXCLUDED_WITHOUT, eligibility, level_of, stars_of
from content_models.places.models import OfficePage, RegionPage
from content_models.places.offices import with_opening_hours

SUPPRESSED_BELOW = 10


class CommunityPage(RegionPage):
    """A community (社区): what it is, whom to ask, what has been counted."""

    level = "community"

    class Kind(models.TextChoices):
        URBAN = "urban", gettext_lazy("城市社区")
        CONVERTED = "converted", gettext_lazy("村改居社区")
        RURAL = "rural", gettext_lazy("农村社区")

    class Governance(models.TextChoices):
        TWO = "two", gettext_lazy("两委（党组织和居委会）")
        THREE = "three", gettext_lazy("三驾马车（党组织、居委会、工作站）")
        COMMITTEE = "committee", gettext_lazy("管理委员会")

    community_kind = models.CharField(
        gettext_lazy("社区类型"), max_length=10, choices=Kind.choices, default=Kind.URBAN
    )
    established_on = models.DateField(gettext_lazy("成立日期"), null=True, blank=True)
    dissolved_on = models.DateField(
        gettext_lazy("撤销日期"),
        null=True,
        blank=True,
        help_text=gettext_lazy("撤销后页面保留，并指向后继社区。"),
    )
    boundary = models.TextField(gettext_lazy("四至范围"), blank=True)
    map_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("区域图"),
    )
    governance = models.CharField(
        gettext_lazy("治理模式"), max_length=10, choices=Governance.choices, blank=True
    )
    facilities = models.TextField(
        gettext_lazy("配套设施"),
        blank=True,
        help_text=gettext_lazy("每行一个，例如：警务室、卫生站、助餐点、坡道。"),
    )

    parent_page_types = ["home.StreetPage"]
    subpage_types = [
        "places.OfficePage",
        "places.OfficeChannel",
        "guides.GuideChannel",
        "notices.NoticeChannel",
        "policy_lists.ListChannel",
        "certificates.CertificateChannel",
        "home.PlainPage",
    ]
    template = "communities/community_page.html"

    content_panels = (
        ContentPage.title_panels
        + RegionPage.region_panels
        + [
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("community_kind"), FieldPanel("governance")]),
                    FieldRowPanel([FieldPanel("established_on"), FieldPanel("dissolved_on")]),
                    FieldPanel("boundary"),
                    FieldPanel("map_image"),
                    FieldPanel("facilities"),
                ],
                gettext_lazy("概况"),
            ),
            InlinePanel("institutions", heading=gettext_lazy("组织机构"), label=gettext_lazy("机构")),
        ]
    )
    figures_panels = [
        InlinePanel("figures", heading=gettext_lazy("数据"), label=gettext_lazy("数据")),
        InlinePanel("ratings", heading=gettext_lazy("星级评定"), label=gettext_lazy("年度")),
    ]
    grids_panels = [InlinePanel("grids", heading=gettext_lazy("网格"), label=gettext_lazy("网格"))]
    history_panels = [InlinePanel("history", heading=gettext_lazy("沿革"), label=gettext_lazy("变动"))]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("概况")),
        (figures_panels, gettext_lazy("数据与星级")),
        (grids_panels, gettext_lazy("网格")),
        (history_panels, gettext_lazy("沿革")),
    )

    class Meta:
        verbose_name = gettext_lazy("社区")
        verbose_name_plural = gettext_lazy("社区")

    def publish_problems(self):
        problems = super().publish_problems()
        if not self.region_code:
            problems.append(_("“区划代码”：要发布必须填写。"))
        return problems

    def structured_data(self, scene):
        return structured.community_page(scene, self)

    @cached_property
    def street_id(self):
        """The id of the street above; known of a community that a reader chose."""
        return self.get_parent().pk

    @cached_property
    def street(self):
        """The street this community belongs to: its parent page, as a region."""
        return RegionPage.objects.filter(path=self.path[: -self.steplen]).first()

    @property
    def facility_list(self):
        return [line.strip() for line in self.facilities.splitlines() if line.strip()]

    @cached_property
    def offices(self):
        offices = OfficePage.objects.live().public().descendant_of(self)
        return list(with_opening_hours(offices.order_by("sort_name", "path")))

    @cached_property
    def counted(self):
        """Every figure, read once for all that follows from them."""
        return list(self.figures.all())

    @cached_property
    def latest_figures(self):
        """The newest figure of each metric, in the editors' order."""
        return derived.latest(self.counted)

    @cached_property
    def derived_figures(self):
        """Figures computed from the others, each with its inputs; never stored."""
        return derived.compute(self.counted)

    @cached_property
    def turns(self):
        """Its splits and mergers, with what was counted of everyone who took part."""
        return turns_of(self)

    def shown_topics(self, context):
        others = {page.topic for turn in self.turns for page in turn.communities}
        street = [self.street.specific_deferred.topic] if others else []
        return [*super().shown_topics(context), *sorted(others - {self.topic}), *street]

    @cached_property
    def norm_notes(self):
        """What the norms say about this community, as information only."""
        return derived.norms(self.counted)

    @property
    def facts(self):
        """``[(label, text)]`` of the profile; only what is known."""
        area = _("%(area)s 平方公里") % {"area": derived.number_text(self.area_km2)} if self.area_km2 else ""
        rows = [
            (_("社区类型"), self.get_community_kind_display()),
            (_("治理模式"), self.get_governance_display()),
            (_("成立"), f"{self.established_on:%Y-%m-%d}" if self.established_on else ""),
            (_("四至"), self.boundary),
            (_("面积"), area),
            (_("配套设施"), "、".join(self.facility_list)),
        ]
        return [(label, text) for label, text in rows if text]

    @property
    def is_dissolved(self):
        return self.dissolved_on is not None and self.dissolved_on <= timezone.localdate()

    @property
    def successors(self):
        """Communities that this one became, when it was split or merged away."""
        return [event for event in self.events if event.is_successor and event.other_id]

    @cached_property
    def events(self):
        """Its history with the communities on the other side."""
        return list(self.history.select_related("other").order_by("sort_order"))

    @cached_property
    def grid_list(self):
        return list(self.grids.all())

    @cached_property
    def rating_list(self):
        return list(self.ratings.select_related("notice"))

    @property
    def latest_rating(self):
        return max(self.rating_list, key=lambda rating: rating.year, default=None)


class Figure(Orderable):
    """One counted figure of a region: value, unit, date, source and what to know about it."""

    class Unit(models.TextChoices):
        HOUSEHOLD = "户", "户"
        PERSON = "人", "人"
        VISIT = "人次", "人次"
        COUNT = "个", "个"
        SQUARE_METRE = "㎡", "㎡"
        TEN_THOUSAND_YUAN = "万元", "万元"

    page = ParentalKey(RegionPage, on_delete=models.CASCADE, related_name="figures")
    metric = CodeField(gettext_lazy("指标"), code_list="metric")
    value = models.DecimalField(gettext_lazy("数值"), max_digits=14, decimal_places=2)
    unit = models.CharField(gettext_lazy("单位"), max_length=4, choices=Unit.choices)
    qualifier = models.CharField(
        gettext_lazy("约数"),
        max_length=10,
        blank=True,
        help_text=gettext_lazy("显示在数字前，例如：约、近、超过。"),
    )
    as_of = models.DateField(
        gettext_lazy("截至日期"),
        null=True,
        blank=True,
        help_text=gettext_lazy("应当填写。确实查不到就留空，页面上会写明“未注明日期”。"),
    )
    as_of_text = models.CharField(
        gettext_lazy("日期写法"),
        max_length=20,
        blank=True,
        help_text=gettext_lazy("只知道大概时间时填写，例如：约2011年。"),
    )
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)
    note = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)
    is_sensitive = models.BooleanField(
        gettext_lazy("特殊群体数据"),
        default=False,
        help_text=gettext_lazy("小于 10 时只显示“少于 10”，以免认出具体的人。"),
    )

    panels = [
        FieldRowPanel([FieldPanel("metric"), FieldPanel("value"), FieldPanel("unit")]),
        FieldRowPanel([FieldPanel("qualifier"), FieldPanel("as_of"), FieldPanel("as_of_text")]),
        FieldPanel("source"),
        FieldPanel("note"),
        FieldPanel("is_sensitive"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("数据")
        verbose_name_plural = gettext_lazy("数据")
        constraints = [
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="communities_figure_not_negative",
                violation_error_message=gettext_lazy("“数值”不能小于 0。"),
            ),
            models.UniqueConstraint(
                fields=["page", "metric", "as_of"],
                name="communities_figure_once_per_day",
                violation_error_message=gettext_lazy("同一指标在同一日期只能有一个数值。"),
            ),
        ]

    def __str__(self):
        return f"{self.metric_label} {self.value_text}"

    @property
    def value_text(self):
        """The value as people write it: 约 13,200 户."""
        if self.is_suppressed:
            return _("少于 %(number)d %(unit)s") % {"number": SUPPRESSED_BELOW, "unit": self.unit}
        return f"{self.qualifier} {derived.number_text(self.value)} {self.unit}".strip()

    @property
    def is_suppressed(self):
        """Whether the exact value could point at single people and is not shown."""
        return self.is_sensitive and self.value < SUPPRESSED_BELOW

    @property
    def number_text(self):
        return derived.number_text(self.value)

    @property
    def is_dated(self):
        return bool(self.as_of_text or self.as_of)

    @property
    def date_text(self):
        return self.as_of_text or (f"{self.as_of:%Y-%m-%d}" if self.as_of else _("未注明日期"))


class Institution(Orderable):
    """A body within a street or community and what it answers for."""

    page = ParentalKey(RegionPage, on_delete=models.CASCADE, related_name="institutions")
    name = models.CharField(gettext_lazy("机构"), max_length=60)
    duties = models.TextField(gettext_lazy("职责"), blank=True)
    public_names = models.CharField(gettext_lazy("公开人员"), max_length=200, blank=True)

    panels = [FieldPanel("name"), FieldPanel("duties"), FieldPanel("public_names")]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("机构")
        verbose_name_plural = gettext_lazy("机构")

    def __str__(self):
        return self.name


class Rating(Orderable):
    """A community's stars in one year; level and eligibility follow from them."""

    page = ParentalKey(CommunityPage, on_delete=models.CASCADE, related_name="ratings")
    year = models.PositiveSmallIntegerField(
        gettext_lazy("年度"), validators=[MinValueValidator(1950), MaxValueValidator(2200)]
    )
    stars = models.PositiveSmallIntegerField(
        gettext_lazy("星数"), validators=[MaxValueValidator(10)], help_text=gettext_lazy("0 到 10。")
    )
    missing_stars = models.CharField(
        gettext_lazy("未获得的主题星"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("用顿号分隔，例如：民族团结、平安建设。影响可评选的荣誉。"),
    )
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)
    # Of a rating that was decided here, as it was decided; one that was only read somewhere has none of it.
    # [{"name", "has_star", "excludes"}], with "lost_on" and "reason" where a star was taken away again.
    themes = models.JSONField(gettext_lazy("主题星"), null=True, blank=True, editable=False)
    steps = models.JSONField(gettext_lazy("评定过程"), null=True, blank=True, editable=False)  # [[name, day]]
    shown_on = models.DateField(gettext_lazy("亮星日期"), null=True, blank=True, editable=False)
    objections = models.CharField(
        gettext_lazy("异议受理方式"), max_length=200, blank=True, default="", db_default="", editable=False
    )
    notice = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name=gettext_lazy("公示"),
    )

    panels = [
        FieldRowPanel([FieldPanel("year"), FieldPanel("stars")]),
        FieldPanel("missing_stars"),
        FieldPanel("source"),
    ]

    class Meta(Orderable.Meta):
        ordering = ["-year"]
        verbose_name = gettext_lazy("星级评定")
        verbose_name_plural = gettext_lazy("星级评定")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "year"],
                name="communities_rating_once_per_year",
                violation_error_message=gettext_lazy("同一年度只能有一个星级。"),
            ),
            models.CheckConstraint(
                condition=Q(stars__lte=10),
                name="communities_rating_at_most_10",
                violation_error_message=gettext_lazy("“星数”最多 10。"),
            ),
        ]

    def __str__(self):
        return _("%(year)d年 %(stars)d星") % {"year": self.year, "stars": self.stars}

    @property
    def level(self):
        return level_of(self.stars)

    def save(self, *args, **kwargs):
        self.follow_themes()
        super().save(*args, **kwargs)

    def follow_themes(self):
        """Where the themes are known, the other columns only repeat them, for lists and spreadsheets."""
        if self.themes:
            self.stars = stars_of(self.themes)
            self.missing_stars = "、".join(self.missing_themes)[:200]

    @property
    def stars_text(self):
        """★★★★★★★★☆☆ of ten."""
        return "★" * self.stars + "☆" * (10 - self.stars)

    @property
    def won_themes(self):
        """Names of the themes whose star the community has now."""
        return [theme["name"] for theme in self.themes or () if stars_of([theme])]

    @property
    def missing_themes(self):
        """Names of the themes whose star it does not have: never given, or taken away."""
        if self.themes:
            return [theme["name"] for theme in self.themes if not stars_of([theme])]
        return [star for name in self.missing_stars.split("、") if (star := name.strip())]

    @property
    def lost_themes(self):
        """The stars that were taken away, each with day and reason."""
        return [theme for theme in self.themes or () if theme.get("lost_on")]

    @property
    def eligibility(self):
        excluded = EXCLUDED_WITHOUT
        if self.themes:
            excluded = {theme["name"]: theme.get("excludes", "") for theme in self.themes}
        return eligibility(self.stars, missing=self.missing_themes, excluded_without=excluded)


class Grid(Orderable):
    """A grid (网格): who looks after which buildings."""

    page = ParentalKey(CommunityPage, on_delete=models.CASCADE, related_name="grids")
    number = models.CharField(gettext_lazy("网格编号"), max_length=30)
    name = models.CharField(gettext_lazy("网格名称"), max_length=60, blank=True)
    leader = models.CharField(gettext_lazy("网格长"), max_length=40, blank=True)
    phone = models.CharField(gettext_lazy("公开电话"), max_length=40, blank=True)
    coverage = models.CharField(gettext_lazy("覆盖范围"), max_length=300, blank=True)
    households = models.PositiveIntegerField(gettext_lazy("户数"), null=True, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("name")]),
        FieldRowPanel([FieldPanel("leader"), FieldPanel("phone"), FieldPanel("households")]),
        FieldPanel("coverage"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("网格")
        verbose_name_plural = gettext_lazy("网格")
        constraints = [
            models.UniqueConstraint(
                fields=["page", "number"],
                name="communities_grid_number_once",
                violation_error_message=gettext_lazy("同一社区里网格编号不能重复。"),
            )
        ]

    def __str__(self):
        return f"{self.number} {self.name}".strip()


class HistoryEvent(Orderable):
    """A split, merger or renaming, with the community on the other side."""

    class Kind(models.TextChoices):
        SPLIT_INTO = "split_into", gettext_lazy("拆分为")
        SPLIT_FROM = "split_from", gettext_lazy("拆分自")
        MERGED_INTO = "merged_into", gettext_lazy("并入")
        MERGED_FROM = "merged_from", gettext_lazy("合并自")
        RENAMED = "renamed", gettext_lazy("更名")
        ESTABLISHED = "established", gettext_lazy("成立")

    page = ParentalKey(CommunityPage, on_delete=models.CASCADE, related_name="history")
    on = models.DateField(gettext_lazy("日期"), null=True, blank=True)
    on_text = models.CharField(gettext_lazy("日期写法"), max_length=20, blank=True)
    event_kind = models.CharField(gettext_lazy("变动"), max_length=12, choices=Kind.choices)
    other = models.ForeignKey(
        CommunityPage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("另一社区"),
    )
    other_name = models.CharField(gettext_lazy("另一社区名称"), max_length=60, blank=True)
    note = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("event_kind"), FieldPanel("on"), FieldPanel("on_text")]),
        PageChooserPanel("other", "communities.CommunityPage"),
        FieldPanel("other_name"),
        FieldPanel("note"),
        FieldPanel("source"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("沿革")
        verbose_name_plural = gettext_lazy("沿革")

    def __str__(self):
        return f"{self.date_text} {self.get_event_kind_display()} {self.name_of_other}"

    def clean(self):
        super().clean()
        needs_other = self.event_kind not in (self.Kind.ESTABLISHED, self.Kind.RENAMED)
        if needs_other and not (self.other_id or self.other_name):
            raise ValidationError({"other": _("请选择另一社区，或写出它的名称。")})

    @property
    def date_text(self):
        return self.on_text or (f"{self.on:%Y-%m-%d}" if self.on else "")

    @property
    def name_of_other(self):
        return self.other.title if self.other_id else self.other_name

    @property
    def is_successor(self):
        """Whether the other community took over residents of this one."""
        return self.event_kind in (self.Kind.SPLIT_INTO, self.Kind.MERGED_INTO)


class CommunityChannel(Channel):
    """The index of communities, grouped by street."""

    lists_kind = "communities"
    subpage_types = []
    filterset_class = CommunityFilters
    page_size = 60
    parent_page_types = ["home.HomePage", "home.StreetPage"]
    template = "communities/community_channel.html"
    content_panels = Channel.content_panels
    edit_handler = ContentPage.tabs((content_panels, gettext_lazy("内容")))

    class Meta:
        verbose_name = gettext_lazy("社区栏目")
        verbose_name_plural = gettext_lazy("社区栏目")

    def items(self):
        return CommunityPage.objects.live().public().descendant_of(self.region_page).order_by("path")

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["groups"] = grouped_by_street(context["listing"].page)
        return context


# A split is told as a whole by the community that was split, a merger by the one that came of it.
TOLD_BY = {
    HistoryEvent.Kind.SPLIT_FROM: HistoryEvent.Kind.SPLIT_INTO,
    HistoryEvent.Kind.MERGED_INTO: HistoryEvent.Kind.MERGED_FROM,
}


def turns_of(community):
    """The splits and mergers ``community`` took part in, in the order of its history."""
    told = _events_that_tell(community)
    pages = _public_communities({key for events in told for key in _numbers(events)}, besides=community)
    figures = {page.pk: [] for page in pages.values()}
    for figure in Figure.objects.filter(page__in=figures).order_by("sort_order") if figures else ():
        figures[figure.page_id].append(figure)
    if community.pk in figures:
        figures[community.pk] = community.counted
    turns = []
    for events in told:
        is_split = events[0].event_kind == HistoryEvent.Kind.SPLIT_INTO
        hub, others = [events[0].page_id], [event.other_id for event in events]
        before, after = (hub, others) if is_split else (others, hub)
        day = events[0].on
        names = (_("拆分前"), _("拆分后")) if is_split else (_("合并前"), _("合并后"))
        sides = [
            _side(name, keys, pages, figures, day, is_before)
            for name, keys, is_before in ((names[0], before, True), (names[1], after, False))
        ]
        if sides[0].communities and sides[1].communities:
            kind = _("拆分") if is_split else _("合并")
            sources = [event.source for event in events]
            turns.append(over_time.turn(kind, events[0].date_text, *sides, sources=sources))
    return turns


def _events_that_tell(community):
    """``[[event]]``: for each split or merger the events that name everyone on its other side."""
    own, elsewhere = {}, []
    for event in community.events:
        if event.event_kind in TOLD_BY.values():
            own.setdefault((event.event_kind, event.on), []).append(event)
        elif event.event_kind in TOLD_BY and event.other_id:
            elsewhere.append(event)
    found = list(own.values())
    if elsewhere:
        events = HistoryEvent.objects.filter(
            page__in=[event.other_id for event in elsewhere], event_kind__in=TOLD_BY.values()
        )
        by_turn = {}
        for event in events.order_by("sort_order"):
            by_turn.setdefault((event.page_id, event.event_kind, event.on), []).append(event)
        for event in elsewhere:
            kind = TOLD_BY[event.event_kind]
            alone = HistoryEvent(
                page_id=event.other_id,
                event_kind=kind,
                on=event.on,
                on_text=event.on_text,
                other_id=community.pk,
                source=event.source,
            )
            found.append(by_turn.get((event.other_id, kind, event.on), [alone]))
    return found


def _numbers(events):
    return {events[0].page_id, *(event.other_id for event in events)} - {None}


def _public_communities(numbers, *, besides):
    """``{id: community}`` of those residents may read, and of the one being shown."""
    pages = CommunityPage.objects.live().public().in_bulk(numbers - {besides.pk}) if numbers else {}
    return pages | {besides.pk: besides} if besides.pk in numbers else pages


def _side(name, numbers, pages, figures, day, is_before):
    there = [pages[number] for number in dict.fromkeys(numbers) if number in pages]
    return over_time.Side(
        name=name,
        communities=there,
        figures=[over_time.at(day, figures[page.pk], is_before=is_before) for page in there],
        is_whole=all(number in pages for number in numbers),
        stated=None if is_before or len(there) < 2 else _stated_by_street(there),
    )


def _stated_by_street(communities):
    """The ratios a source states of these communities together: the street's, if it has no others."""
    path = communities[0].path[: -RegionPage.steplen]
    street = RegionPage.objects.live().public().filter(path=path).first()
    if street is None:
        return {}
    present = CommunityPage.objects.live().public().child_of(street)
    present = present.exclude(dissolved_on__lte=timezone.localdate())
    if set(present.values_list("pk", flat=True)) != {page.pk for page in communities}:
        return {}
    stated = Figure.objects.filter(page=street.pk, metric__in=derived.RATIO_CODES)
    return {figure.metric: figure for figure in derived.latest(stated)}


def turned_communities(since, until):
    """Live communities that were dissolved between two moments."""
    before, today = timezone.localdate(since), timezone.localdate(until)
    return CommunityPage.objects.live().filter(dissolved_on__gt=before, dissolved_on__lte=today)


def grouped_by_street(communities):
    """``[(street, [community])]`` in the order given, with one query for all streets."""
    communities = list(communities)
    paths = {page.path[: -RegionPage.steplen] for page in communities}
    streets = {page.path: page for page in RegionPage.objects.filter(path__in=paths)}
    groups = {}
    for page in communities:
        street = streets.get(page.path[: -RegionPage.steplen])
        groups.setdefault(street, []).append(page)
    return list(groups.items())
