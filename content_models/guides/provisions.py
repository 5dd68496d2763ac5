"""Provisions: which community or street offers a service, where, when and with what waived."""

from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, PageChooserPanel

from content_models.base.editions import Edition, EditionRow
from content_models.base.fields import LinesField
from content_models.guides.limits import LimitUnit, limit_text
from content_models.places.calendar import Calendar
from content_models.places.hours import Hours, OpenState, UnreadableHours, open_state, parse_hours
from content_models.places.models import OfficePage, RegionPage
from content_models.places.offices import window_text


class ProvisionEdition(Edition):
    """All provisions of one community or street, published as a whole."""

    owner = models.ForeignKey(
        RegionPage,
        on_delete=models.CASCADE,
        related_name="provision_editions",
        verbose_name=gettext_lazy("社区或街道"),
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("effective_on"),
        FieldPanel("source"),
        FieldPanel("note"),
    ]

    class Meta(Edition.Meta):
        verbose_name = gettext_lazy("服务安排版本")
        verbose_name_plural = gettext_lazy("服务安排版本")

    @property
    def topic(self):
        return f"provisions:{self.owner_id}"

    @classmethod
    def problems_among(cls, editions):
        """In a few questions for hundreds of communities, asking rows only where one is at fault."""
        rows = Provision.objects.filter(edition__in=[edition.pk for edition in editions]).order_by()
        filled = set(rows.values_list("edition", flat=True).distinct())
        texts = rows.exclude(hours="").values_list("hours", flat=True).distinct()
        unreadable = [text for text in texts if not is_readable(text)]
        at_fault = set(
            rows.filter(
                Q(is_offered=True, office=None) | Q(is_offered=False, reason="") | Q(hours__in=unreadable)
            ).values_list("edition", flat=True)
        )
        suspects = [
            edition
            for edition in editions
            if edition.pk not in filled or edition.pk in at_fault or not edition.title.strip()
        ]
        return super().problems_among(suspects)

    def row_problems(self):
        return [
            _("“%(guide)s”：%(problem)s") % {"guide": row.guide.title, "problem": problem}
            for row in self.rows.select_related("guide")
            for problem in row.problems()
        ]


class Provision(EditionRow):
    """How one community or street offers one service, or where it sends people instead."""

    edition = models.ForeignKey(
        ProvisionEdition, on_delete=models.CASCADE, related_name="rows", verbose_name=gettext_lazy("版本")
    )
    guide = models.ForeignKey(
        "guides.GuidePage",
        on_delete=models.PROTECT,
        related_name="provisions",
        verbose_name=gettext_lazy("办事指南"),
    )
    is_offered = models.BooleanField(gettext_lazy("本地办理"), default=True)
    reason = models.CharField(gettext_lazy("不办理的原因"), max_length=200, blank=True)
    go_to = models.ForeignKey(
        OfficePage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("请到这里办理"),
    )
    office = models.ForeignKey(
        OfficePage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="provisions",
        verbose_name=gettext_lazy("办理场所"),
    )
    window = models.CharField(gettext_lazy("窗口"), max_length=60, blank=True)
    hours = models.CharField(
        gettext_lazy("办理时间"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("与场所办公时间不同时填写，例如：周一至周五 09:00-11:30。留空即按场所时间。"),
    )
    phone = models.CharField(gettext_lazy("电话"), max_length=60, blank=True)
    promised_days = models.PositiveSmallIntegerField(gettext_lazy("承诺办结时限"), null=True, blank=True)
    promised_unit = models.CharField(
        gettext_lazy("单位"), max_length=1, choices=LimitUnit.choices, default=LimitUnit.WORKDAYS
    )
    waived_materials = LinesField(
        gettext_lazy("免交材料"), help_text=gettext_lazy("写材料名称，每行一个，与指南中的名称一致。")
    )
    note = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)

    panels = [
        PageChooserPanel("guide", "guides.GuidePage"),
        FieldPanel("is_offered"),
        MultiFieldPanel(
            [
                PageChooserPanel("office", "places.OfficePage"),
                FieldRowPanel([FieldPanel("window"), FieldPanel("phone")]),
                FieldPanel("hours"),
                FieldRowPanel([FieldPanel("promised_days"), FieldPanel("promised_unit")]),
                FieldPanel("waived_materials"),
            ],
            gettext_lazy("本地办理时"),
        ),
        MultiFieldPanel(
            [FieldPanel("reason"), PageChooserPanel("go_to", "places.OfficePage")],
            gettext_lazy("本地不办理时"),
        ),
        FieldPanel("note"),
    ]

    class Meta(EditionRow.Meta):
        verbose_name = gettext_lazy("服务安排")
        verbose_name_plural = gettext_lazy("服务安排")
        constraints = EditionRow.Meta.constraints + [
            models.CheckConstraint(
                condition=Q(is_offered=True) | ~Q(reason=""),
                name="guides_provision_says_why_not",
                violation_error_message=gettext_lazy("本地不办理时，请写明“不办理的原因”。"),
            )
        ]

    def __str__(self):
        return self.guide.title

    def clean(self):
        super().clean()
        try:
            parse_hours(self.hours)
        except UnreadableHours as error:
            raise ValidationError({"hours": str(error)}) from None

    def problems(self):
        problems = []
        if self.is_offered and not self.office_id:
            problems.append(_("没有选择“办理场所”。"))
        if not self.is_offered and not self.reason:
            problems.append(_("没有写“不办理的原因”。"))
        try:
            parse_hours(self.hours)
        except UnreadableHours as error:
            problems.append(str(error))
        return problems

    def make_key(self):
        return f"guide-{self.guide_id}"

    def content(self):
        names = ["is_offered", "reason", "go_to_id", "office_id", "window", "hours", "phone"]
        names += ["promised_days", "promised_unit", "waived_materials", "note"]
        return {name: getattr(self, name) for name in names}

    def public_cells(self):
        field = self._meta.get_field
        return [
            ("guide", str(field("guide").verbose_name), self.guide.title),
            ("is_offered", str(field("is_offered").verbose_name), _("是") if self.is_offered else _("否")),
            ("reason", str(field("reason").verbose_name), self.reason),
            ("office", str(field("office").verbose_name), self.office.title if self.office_id else ""),
            ("window", str(field("window").verbose_name), self.window),
            ("hours", str(field("hours").verbose_name), self.hours),
            ("phone", str(field("phone").verbose_name), self.phone),
            ("promised", str(field("promised_days").verbose_name), self.promised_limit),
            ("waived", str(field("waived_materials").verbose_name), "、".join(self.waived_materials)),
            ("note", str(field("note").verbose_name), self.note),
        ]

    @property
    def window_text(self):
        return window_text(self.window)

    @property
    def promised_limit(self):
        return limit_text(self.promised_days, self.promised_unit) if self.promised_days is not None else ""

    @cached_property
    def opening_hours(self):
        """Its own hours where given, with the office's special days and pause; else the office's hours."""
        if not self.office_id:
            return Hours()
        at_office = self.office.opening_hours
        try:
            spans = parse_hours(self.hours)
        except UnreadableHours:  # written past the checks; residents read the words themselves
            spans = ()
        if not spans:
            return at_office
        return replace(at_office, spans=spans)


def is_readable(hours):
    """Whether opening hours can be understood."""
    try:
        parse_hours(hours)
    except UnreadableHours:
        return False
    return True


@dataclass(frozen=True)
class Offer:
    """What the guide page leads with: how the reader's community offers this service.

    ``place`` is the community or street whose provision holds, None when nobody made one.
    """

    place: RegionPage | None = None
    provision: Provision | None = None
    office: OfficePage | None = None
    state: OpenState | None = None
    phone: str = ""
    promised_limit: str = ""
    waived: frozenset = frozenset()
    has_live_office: bool = False  # which residents may see

    @property
    def is_refused(self):
        return self.provision is not None and not self.provision.is_offered


def provisions_in_force(places):
    """Rows of the current editions of ``places``."""
    return Provision.objects.filter(edition__owner__in=places, edition__is_current=True, edition__live=True)


def provisions_around(community):
    """Provisions in force of ``community`` and of its street, the community's own last."""
    street_path = community.path[: -community.steplen]
    return (
        Provision.objects.filter(
            edition__owner__path__in=[community.path, street_path],
            edition__is_current=True,
            edition__live=True,
        )
        .select_related("edition__owner")
        .order_by("edition__owner__path")
    )


def offered_guides(places, guides):
    """``{path: {guide id}}``: which of ``guides`` (ids) residents get in each of ``places``.

    That is what the place or one within it offers, and what the place above it does unless it says otherwise
    itself. A few questions, however many places.
    """
    in_force = Provision.objects.filter(
        guide__in=guides, edition__is_current=True, edition__live=True
    ).order_by()
    offered = {place.path: set() for place in places}
    for length in {len(path) for path in offered}:
        rows = in_force.filter(is_offered=True).annotate(place=Left("edition__owner__path", length))
        for path, guide in rows.filter(place__in=offered).values_list("place", "guide").distinct():
            offered[path].add(guide)

    above = {place.path: place.path[: -place.steplen] for place in places}
    said = {path: {} for path in [*above, *above.values()]}
    rows = in_force.filter(edition__owner__path__in=said)
    for path, guide, is_offered in rows.values_list("edition__owner__path", "guide", "is_offered"):
        said[path][guide] = is_offered
    for path, path_above in above.items():
        answers = said[path_above] | said[path]
        offered[path] |= {guide for guide, is_offered in answers.items() if is_offered}
    return offered


def provision_topics(community):
    """The topics under which provisions for residents of ``community`` are told; none for a stranger."""
    return [f"provisions:{community.pk}", f"provisions:{community.street_id}"] if community else []


def local_answers(guides, community):
    """``{guide id: (text, badge)}``: whether the community offers each of ``guides``, as far as is said."""
    if community is None:
        return {}
    answers = {}
    for row in provisions_around(community).filter(guide__in=guides):
        name = {"place": row.edition.owner.title}
        answers[row.guide_id] = (
            (_("%(place)s可办") % name, "badge--civic") if row.is_offered else (_("%(place)s不办") % name, "")
        )
    return answers


def local_offer(guide, community, *, at=None, calendar=None, known_offices=None):
    """How residents of ``community`` get ``guide``: from it, else from its street, else as the guide says.

    ``known_offices`` are offices by id that were already read with their hours.
    """
    calendar = calendar or Calendar.load()
    now = timezone.localtime(at)
    if community is None:
        return Offer(phone=guide.consult_phone, promised_limit=guide.promised_limit)
    rows = provisions_around(community).filter(guide=guide)
    row = rows.select_related("edition__owner", "office", "go_to").last()
    if row is None:
        return Offer(phone=guide.consult_phone, promised_limit=guide.promised_limit)
    row.office = (known_offices or {}).get(row.office_id, row.office)
    office = row.office if row.is_offered else row.go_to
    hours = Hours()
    is_shown = office is not None and office.is_public
    if is_shown:
        hours = row.opening_hours if row.is_offered else office.opening_hours
    return Offer(
        place=row.edition.owner,
        provision=row,
        office=office,
        state=open_state(hours, at=now, calendar=calendar) if office is not None else None,
        phone=row.phone or (office.phone if is_shown else "") or guide.consult_phone,
        promised_limit=row.promised_limit or guide.promised_limit,
        waived=frozenset(row.waived_materials),
        has_live_office=is_shown,
    )
