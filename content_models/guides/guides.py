"""Service guides (办事指南): where, with what, how long."""

import datetime

from django.db import models
from django.db.models import F, Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.models import Orderable
from wagtail.search import index

from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.doc_numbers import normalise_doc_no
from content_models.base.fields import CodeField, CodesField, LinesField
from content_models.base.pages import ContentPage
from content_models.base.slugs import slug_of
from content_models.certificates.models import Certificate
from content_models.communities.positions import position_of
from content_models.communities.reader import community_of
from content_models.guides import structured
from content_models.guides.forms import GuideForm
from content_models.guides.limits import LimitUnit, limit_text
from content_models.guides.provisions import local_offer, provision_topics
from content_models.guides.sheet import Sheet
from content_models.guides.translations import languages_twice
from content_models.places.calendar import Calendar
from content_models.places.codes import check_uscc
from content_models.places.distance import by_distance
from content_models.places.offices import with_opening_hours


class GuidePage(RoutablePageMixin, ContentPage):
    """One service as the district describes it; provisions say who offers it where.

    Addresses: the guide itself, and ``sheet/`` for what one takes along, on one sheet of paper.
    """

    kind = "guides"
    source_field = "source"
    may_be_saved = True

    @property
    def information_source(self):
        return self.department.name if self.department else self.source

    @property
    def picture(self):
        return self.flow_image

    @property
    def keywords(self):
        return [self.title, *self.everyday_names]

    class Status(models.TextChoices):
        IN_USE = "in_use", gettext_lazy("在用")
        SUSPENDED = "suspended", gettext_lazy("暂停")
        CANCELLED = "cancelled", gettext_lazy("取消")

    # What it is called
    full_name = models.CharField(gettext_lazy("事项全称"), max_length=1000, blank=True)
    short_title = models.CharField(gettext_lazy("简称"), max_length=60, blank=True)
    everyday_names = LinesField(
        gettext_lazy("俗称"), help_text=gettext_lazy("居民平时的叫法，每行一个，例如：老年证。搜索会用到。")
    )
    summary = models.CharField(gettext_lazy("一句话说明"), max_length=200, blank=True)
    base_code = models.CharField(gettext_lazy("基本编码"), max_length=12, blank=True)
    impl_code = models.CharField(gettext_lazy("实施编码"), max_length=36, blank=True)
    handle_item_code = models.CharField(gettext_lazy("业务办理项编码"), max_length=50, blank=True)

    # Who is responsible and for whom
    item_type = CodeField(gettext_lazy("事项类型"), code_list="item_type", blank=True)
    power_source = CodeField(gettext_lazy("权力来源"), code_list="power_source", blank=True)
    exercise_levels = CodesField(gettext_lazy("行使层级"), code_list="level")
    department = models.ForeignKey(
        "places.Department",
        on_delete=models.SET_NULL,
        null=True,
        related_name="guides",
        verbose_name=gettext_lazy("实施主体"),
    )
    department_uscc = models.CharField(
        gettext_lazy("实施主体统一社会信用代码"), max_length=18, blank=True, validators=[check_uscc]
    )
    joint_departments = models.CharField(gettext_lazy("联办机构"), max_length=300, blank=True)
    entrusted_by = models.CharField(gettext_lazy("委托部门"), max_length=120, blank=True)
    service_objects = CodesField(gettext_lazy("服务对象"), code_list="service_object", blank=False)
    topics = ParentalManyToManyField(
        "base.Topic", blank=True, related_name="guides", verbose_name=gettext_lazy("主题分类")
    )
    audiences = ParentalManyToManyField(
        "base.Audience", blank=True, related_name="guides", verbose_name=gettext_lazy("服务人群")
    )

    # How it is handled
    conditions = RichTextField(gettext_lazy("受理条件"), features=RICH_TEXT_FEATURES)
    case_type = CodeField(gettext_lazy("办件类型"), code_list="case_type")
    legal_days = models.PositiveSmallIntegerField(gettext_lazy("法定办结时限"), null=True, blank=True)
    legal_unit = models.CharField(
        gettext_lazy("单位"), max_length=1, choices=LimitUnit.choices, default=LimitUnit.WORKDAYS
    )
    legal_note = models.CharField(gettext_lazy("法定时限说明"), max_length=200, blank=True)
    promised_days = models.PositiveSmallIntegerField(
        gettext_lazy("承诺办结时限"), null=True, help_text=gettext_lazy("当场办结填 0。")
    )
    promised_unit = models.CharField(
        gettext_lazy("单位"), max_length=1, choices=LimitUnit.choices, default=LimitUnit.WORKDAYS
    )
    promised_note = models.CharField(gettext_lazy("承诺时限说明"), max_length=200, blank=True)
    needs_no_materials = models.BooleanField(gettext_lazy("无需材料"), default=False)
    flow_image = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("流程图"),
    )
    flow_image_alt = models.CharField(
        gettext_lazy("流程图文字说明"),
        max_length=500,
        blank=True,
        help_text=gettext_lazy("给看不到图的人读。"),
    )
    is_charged = models.BooleanField(gettext_lazy("是否收费"), default=False)
    has_online_payment = models.BooleanField(gettext_lazy("支持网上支付"), default=False)
    handle_forms = CodesField(gettext_lazy("办理形式"), code_list="handle_form", blank=False)
    visits = models.PositiveSmallIntegerField(gettext_lazy("到现场次数"), null=True, blank=True)
    visit_reason = models.CharField(gettext_lazy("必须现场办理原因"), max_length=300, blank=True)
    common_scope = CodesField(gettext_lazy("通办范围"), code_list="common_scope")
    has_appointment = models.BooleanField(gettext_lazy("可预约"), default=False)
    has_express = models.BooleanField(gettext_lazy("可快递"), default=False)
    has_self_service = models.BooleanField(gettext_lazy("可自助"), default=False)
    proxy_service = models.CharField(
        gettext_lazy("帮办代办"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy("怎么帮办代办；不提供则留空。"),
    )
    online_url = models.URLField(gettext_lazy("网办地址"), blank=True, max_length=500)
    online_depth = CodesField(gettext_lazy("网办深度"), code_list="online_depth")
    mobile_url = models.URLField(gettext_lazy("手机办理地址"), blank=True, max_length=500)
    offices = ParentalManyToManyField(
        "places.OfficePage", blank=False, related_name="guides", verbose_name=gettext_lazy("办理地点")
    )

    # What comes out
    result_type = CodeField(gettext_lazy("审批结果类型"), code_list="result_type", blank=True)
    result_name = models.CharField(gettext_lazy("审批结果名称"), max_length=200, blank=True)
    result_sample = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("结果样本"),
    )
    delivery = CodesField(gettext_lazy("送达方式"), code_list="delivery")

    # Whom to ask, and how the guide itself stands
    consult_phone = models.CharField(gettext_lazy("咨询电话"), max_length=60)
    complaint_phone = models.CharField(gettext_lazy("监督投诉电话"), max_length=60)
    status = models.CharField(
        gettext_lazy("状态"), max_length=10, choices=Status.choices, default=Status.IN_USE
    )
    effective_on = models.DateField(gettext_lazy("生效日期"), null=True)
    cancel_on = models.DateField(gettext_lazy("取消日期"), null=True, blank=True)
    checked_by = models.CharField(gettext_lazy("核对人"), max_length=60, blank=True)
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)
    is_demo = models.BooleanField(gettext_lazy("演示数据"), default=False)

    base_form_class = GuideForm
    parent_page_types = ["guides.GuideChannel"]
    subpage_types = []
    template = "guides/guide_page.html"
    shown_with = ["department", "flow_image", "result_sample"]
    live_parts = {
        "provisions": ("offer", "materials"),
        "offices": ("offer", "places"),
        "certificates": ("materials",),
    }

    search_fields = ContentPage.search_fields + [
        index.SearchField("everyday_names"),
        index.SearchField("short_title"),
        index.SearchField("full_name"),
        index.SearchField("summary"),
        index.SearchField("conditions"),
        index.AutocompleteField("everyday_names"),
    ]

    content_panels = ContentPage.title_panels + [
        FieldPanel("summary"),
        FieldPanel("everyday_names"),
        FieldRowPanel([FieldPanel("short_title"), FieldPanel("status")]),
        FieldRowPanel([FieldPanel("effective_on"), FieldPanel("cancel_on")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("consult_phone"), FieldPanel("complaint_phone")]),
                FieldPanel("department"),
                FieldPanel("service_objects"),
                FieldPanel("audiences"),
                FieldPanel("topics"),
            ],
            gettext_lazy("谁办、给谁办"),
        ),
        FieldPanel("conditions"),
        MultiFieldPanel(
            [
                FieldPanel("case_type"),
                FieldRowPanel(
                    [FieldPanel("promised_days"), FieldPanel("promised_unit"), FieldPanel("promised_note")]
                ),
                FieldRowPanel([FieldPanel("legal_days"), FieldPanel("legal_unit"), FieldPanel("legal_note")]),
            ],
            gettext_lazy("办理时限"),
        ),
    ]
    materials_panels = [
        FieldPanel("needs_no_materials"),
        InlinePanel("materials", heading=gettext_lazy("申请材料"), label=gettext_lazy("材料")),
    ]
    process_panels = [
        InlinePanel("steps", heading=gettext_lazy("办理流程"), label=gettext_lazy("环节")),
        FieldPanel("flow_image"),
        FieldPanel("flow_image_alt"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("is_charged"), FieldPanel("has_online_payment")]),
                InlinePanel("fees", heading=gettext_lazy("收费项目"), label=gettext_lazy("收费")),
            ],
            gettext_lazy("收费"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("handle_forms"),
                FieldRowPanel([FieldPanel("visits"), FieldPanel("visit_reason")]),
                FieldPanel("common_scope"),
                FieldRowPanel(
                    [
                        FieldPanel("has_appointment"),
                        FieldPanel("has_express"),
                        FieldPanel("has_self_service"),
                    ]
                ),
                FieldPanel("proxy_service"),
                FieldPanel("online_url"),
                FieldPanel("mobile_url"),
                FieldPanel("online_depth"),
                FieldPanel("offices", required_on_save=False),
            ],
            gettext_lazy("怎么办理"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("result_type"), FieldPanel("result_name")]),
                FieldPanel("result_sample"),
                FieldPanel("delivery"),
            ],
            gettext_lazy("办理结果"),
        ),
    ]
    more_panels = [
        InlinePanel("legal_basis", heading=gettext_lazy("设定依据"), label=gettext_lazy("依据")),
        InlinePanel("faqs", heading=gettext_lazy("常见问题"), label=gettext_lazy("问题")),
        InlinePanel("level_changes", heading=gettext_lazy("办理层级变化"), label=gettext_lazy("变化")),
        MultiFieldPanel(
            [
                FieldPanel("full_name"),
                FieldRowPanel(
                    [FieldPanel("base_code"), FieldPanel("impl_code"), FieldPanel("handle_item_code")]
                ),
                FieldRowPanel([FieldPanel("item_type"), FieldPanel("power_source")]),
                FieldPanel("exercise_levels"),
                FieldRowPanel(
                    [
                        FieldPanel("department_uscc"),
                        FieldPanel("joint_departments"),
                        FieldPanel("entrusted_by"),
                    ]
                ),
                FieldRowPanel([FieldPanel("checked_by"), FieldPanel("source"), FieldPanel("is_demo")]),
            ],
            gettext_lazy("编码与来源"),
        ),
    ]
    languages_panels = [
        HelpPanel(
            gettext_lazy("给不读中文的居民写一份。读者总能看到：以中文为准、照哪天的中文翻译。"),
        ),
        InlinePanel("in_other_languages", heading=gettext_lazy("其他语言"), label=gettext_lazy("译文")),
    ]
    edit_handler = ContentPage.tabs(
        (content_panels, gettext_lazy("基本信息")),
        (materials_panels, gettext_lazy("申请材料")),
        (process_panels, gettext_lazy("流程与办理")),
        (more_panels, gettext_lazy("依据、问题与更多")),
        (languages_panels, gettext_lazy("其他语言")),
    )

    class Meta:
        verbose_name = gettext_lazy("办事指南")
        verbose_name_plural = gettext_lazy("办事指南")
        constraints = [
            models.CheckConstraint(
                condition=Q(consult_phone="")
                | Q(complaint_phone="")
                | ~Q(consult_phone=F("complaint_phone")),
                name="guides_phones_differ",
                violation_error_message=gettext_lazy("“监督投诉电话”不能与“咨询电话”相同。"),
            ),
            models.CheckConstraint(
                condition=Q(promised_days__isnull=True)
                | Q(legal_days__isnull=True)
                | ~Q(promised_unit=F("legal_unit"))
                | Q(promised_days__lte=F("legal_days")),
                name="guides_promised_within_legal",
                violation_error_message=gettext_lazy("“承诺办结时限”不能超过“法定办结时限”。"),
            ),
            models.CheckConstraint(
                condition=Q(cancel_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(cancel_on__gte=F("effective_on")),
                name="guides_cancel_after_effective",
                violation_error_message=gettext_lazy("“取消日期”不能早于“生效日期”。"),
            ),
        ]

    def preferred_slug(self):
        return slug_of(self.handle_item_code or self.impl_code or self.base_code) or super().preferred_slug()

    def publish_problems(self):
        """Required parts of DOMAIN 2.1."""
        problems = super().publish_problems()
        if not self.needs_no_materials and not self.materials.all():
            problems.append(_("请填写“申请材料”，或勾选“无需材料”。"))
        if self.needs_no_materials and self.materials.all():
            problems.append(_("已勾选“无需材料”，但还列着材料。请只留一种。"))
        if not self.offices.all():
            problems.append(_("请选择“办理地点”。"))
        if not self.steps.all():
            problems.append(_("请填写“办理流程”，至少一个环节。"))
        if not self.legal_basis.all():
            problems.append(_("请填写“设定依据”，至少一条。"))
        if self.is_charged and not self.fees.all():
            problems.append(_("收费事项要列出“收费项目”。"))
        for name in languages_twice(self.in_other_languages.all()):
            problems.append(_("“%(language)s”的译文写了两份，请只留一份。") % {"language": name})
        return problems

    @property
    def promised_limit(self):
        return limit_text(self.promised_days, self.promised_unit, self.promised_note)

    @property
    def promised_text(self):
        """The promised limit without its note."""
        return limit_text(self.promised_days, self.promised_unit)

    @property
    def legal_limit(self):
        return limit_text(self.legal_days, self.legal_unit, self.legal_note)

    @property
    def is_available(self):
        """Whether residents can apply today: in use, in effect, not cancelled."""
        today = timezone.localdate()
        return (
            self.status == self.Status.IN_USE
            and (self.effective_on is None or self.effective_on <= today)
            and (self.cancel_on is None or self.cancel_on > today)
        )

    @property
    def unavailable_text(self):
        """Why residents cannot apply today, in a plain sentence; empty when they can."""
        today = timezone.localdate()
        if self.status == self.Status.CANCELLED or (self.cancel_on and self.cancel_on <= today):
            return _("这个事项已经取消，不再办理。")
        if self.status == self.Status.SUSPENDED:
            return _("这个事项暂停办理，恢复时间请电话询问。")
        if self.effective_on and self.effective_on > today:
            return _("这个事项从 %(day)s 起办理。") % {"day": self.effective_on}
        return ""

    @property
    def is_online(self):
        return bool(self.online_url or self.mobile_url)

    @cached_property
    def needed_materials(self):
        """Materials with the certificate each asks for."""
        return list(
            self.materials.select_related("certificate__owner", "blank_form", "sample_form").order_by(
                "sort_order"
            )
        )

    def materials_for(self, offer):
        """The materials as they hold for ``offer``: each with ``is_waived_here``."""
        for material in self.needed_materials:
            material.is_waived_here = material.name in offer.waived
        return self.needed_materials

    def opening_places(self, *, at, calendar, community=None):
        """``[(office, state)]`` of the live offices the guide itself names.

        For residents of ``community`` the nearest come first, and each knows the ``walk`` there.
        """
        offices = with_opening_hours(self.offices.order_by("sort_name", "path"))
        offices = [office for office in offices if office.is_public]
        if community is not None and len(offices) > 1:
            found = by_distance(offices, start=position_of(community))
            offices = [office for office, _walk in found]
            for office, walk in found:
                office.walk = walk
        return [(office, office.open_state(at=at, calendar=calendar)) for office in offices]

    @cached_property
    def audience_list(self):
        return list(self.audiences.all())

    @cached_property
    def faq_list(self):
        return list(self.faqs.all())

    @cached_property
    def level_history(self):
        """Changes of level, newest first."""
        return sorted(
            self.level_changes.all(), key=lambda change: change.on or datetime.date.min, reverse=True
        )

    @property
    def current_level(self):
        """Where the service is handled since its last change of level, or None."""
        return next((change for change in self.level_history if change.to_level), None)

    @property
    def conveniences(self):
        names = ["has_appointment", "has_express", "has_self_service"]
        return [self._meta.get_field(name).verbose_name for name in names if getattr(self, name)]

    @path("in/<str:language>/", name="translation")
    def in_other_language(self, request, language):
        """``in/ko/`` is this guide in Korean, where somebody has translated it."""
        translation = next((each for each in self.translations if each.language == language), None)
        if translation is None:
            raise Http404
        return self.render(request, template="guides/guide_translation.html", translation=translation)

    @cached_property
    def translations(self):
        """Itself in other languages, with this page at hand."""
        found = list(self.in_other_languages.all())
        for each in found:
            each.page = self
        return found

    @property
    def translations_apart(self):
        """Those that are read at their own address alone: the English one leads the guide in English."""
        return [each for each in self.translations if not each.is_english]

    def get_context(self, request, *args, translation=None, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["translation"] = translation
        if translation is None:
            context |= self._local_context(request)
            context["leading"] = next((each for each in self.translations if each.is_read_here), None)
        read_now = (translation, context.get("leading"))
        context["tongues"] = [each for each in self.translations if each not in read_now]
        return context

    def _local_context(self, request):
        """How things stand here and now."""
        calendar, now = Calendar.load(), timezone.localtime()
        community = community_of(request)
        places = self.opening_places(at=now, calendar=calendar, community=community)
        known = {office.pk: office for office, _state in places}
        offer = local_offer(self, community, at=now, calendar=calendar, known_offices=known)
        materials = self.materials_for(offer)
        return {
            "community": community,
            "offer": offer,
            "materials": materials,
            "to_bring": [material for material in materials if material.is_brought],
            "spared": [material for material in materials if material.is_spared],
            "places": places,
            "calendar_is_maintained": calendar.knows(now.date()),
            "today": now.date(),
        }

    def shown_topics(self, context):
        if context["translation"] is not None:
            return [self.topic]
        offer = context["offer"]
        asked = [material.certificate for material in context["materials"] if material.certificate]
        return [
            self.topic,
            *provision_topics(context["community"]),
            *([offer.office.topic] if offer.has_live_office else []),
            *(certificate.owner.topic for certificate in asked),
            *(office.topic for office, _state in context["places"]),
        ]

    def structured_data(self, scene):
        return [] if scene.context.get("translation") else structured.guide_page(scene, self)

    @property
    def sheet_url(self):
        return f"{self.url}sheet/"

    @path("sheet/", name="sheet")
    def sheet(self, request):
        """办事清单: what to bring, where to and how it goes on, to be printed and ticked off."""
        response = self.render(request, template="guides/sheet.html")
        address = request.build_absolute_uri(self.get_url(request))
        response.context_data["sheet"] = Sheet.of(response.context_data, address=address)
        return response


class GuidePart(Orderable):
    """A child row of a guide."""

    class Meta(Orderable.Meta):
        abstract = True


class LegalBasis(GuidePart):
    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="legal_basis")
    law = models.CharField(gettext_lazy("法律法规或文件"), max_length=300)
    doc_no = models.CharField(gettext_lazy("文号"), max_length=60, blank=True)
    article = models.CharField(gettext_lazy("条款"), max_length=60, blank=True)
    text = models.TextField(gettext_lazy("条文内容"), blank=True)

    panels = [
        FieldPanel("law"),
        FieldRowPanel([FieldPanel("doc_no"), FieldPanel("article")]),
        FieldPanel("text"),
    ]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("设定依据")
        verbose_name_plural = gettext_lazy("设定依据")

    def __str__(self):
        return self.law

    def clean(self):
        super().clean()
        self.doc_no = normalise_doc_no(self.doc_no)


def turned_guides(since, until):
    """Live guides that came into effect or ended between two moments."""
    before, today = timezone.localdate(since), timezone.localdate(until)
    passed = Q(effective_on__gt=before, effective_on__lte=today) | Q(
        cancel_on__gt=before, cancel_on__lte=today
    )
    return GuidePage.objects.live().filter(passed)


class Material(GuidePart):
    """One thing an applicant brings, or explicitly need not bring."""

    class Kind(models.TextChoices):
        ORIGINAL = "original", gettext_lazy("原件")
        COPY = "copy", gettext_lazy("复印件")
        BOTH = "both", gettext_lazy("原件和复印件")

    class Medium(models.TextChoices):
        PAPER = "paper", gettext_lazy("纸质")
        ELECTRONIC = "electronic", gettext_lazy("电子")
        EITHER = "either", gettext_lazy("均可")

    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="materials")
    name = models.CharField(gettext_lazy("材料名称"), max_length=200)
    material_kind = models.CharField(
        gettext_lazy("材料类型"), max_length=10, choices=Kind.choices, default=Kind.ORIGINAL
    )
    medium = models.CharField(
        gettext_lazy("材料形式"), max_length=10, choices=Medium.choices, default=Medium.EITHER
    )
    necessity = CodeField(gettext_lazy("必要性"), code_list="necessity", default="1")
    originals = models.PositiveSmallIntegerField(gettext_lazy("原件份数"), default=0)
    copies = models.PositiveSmallIntegerField(gettext_lazy("复印件份数"), default=0)
    spec = models.CharField(gettext_lazy("规格"), max_length=60, blank=True)
    source = CodeField(gettext_lazy("来源渠道"), code_list="material_source", blank=True)
    source_note = models.CharField(gettext_lazy("来源说明"), max_length=200, blank=True)
    issuer = models.CharField(gettext_lazy("出具单位"), max_length=120, blank=True)
    blank_form = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("空白表格"),
    )
    sample_form = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("填写样表"),
    )
    fill_note = models.TextField(gettext_lazy("填报须知"), blank=True)
    accept_standard = models.TextField(gettext_lazy("受理标准"), blank=True)
    legal_basis_note = models.CharField(gettext_lazy("材料依据"), max_length=300, blank=True)
    condition = models.CharField(gettext_lazy("适用情形"), max_length=200, blank=True)
    certificate = models.ForeignKey(
        Certificate,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="materials",
        verbose_name=gettext_lazy("对应的证明"),
        help_text=gettext_lazy("要社区开证明时选择。证明一旦列为“不应出具”，这里会报错。"),
    )

    # Codes of the list "necessity".
    REQUIRED, OPTIONAL, LATER, NOT_NEEDED = "1", "2", "3", "4"

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("necessity")]),
        FieldRowPanel([FieldPanel("material_kind"), FieldPanel("medium")]),
        FieldRowPanel([FieldPanel("originals"), FieldPanel("copies"), FieldPanel("spec")]),
        FieldRowPanel([FieldPanel("source"), FieldPanel("source_note"), FieldPanel("issuer")]),
        FieldPanel("certificate"),
        FieldPanel("condition"),
        FieldPanel("fill_note"),
        FieldPanel("accept_standard"),
        FieldPanel("legal_basis_note"),
        FieldRowPanel([FieldPanel("blank_form"), FieldPanel("sample_form")]),
    ]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("申请材料")
        verbose_name_plural = gettext_lazy("申请材料")

    def __str__(self):
        return self.name

    @property
    def is_exempt(self):
        """Whether the office gets it by data sharing, so that the applicant brings nothing (免提交)."""
        return self.necessity == self.NOT_NEEDED

    # Whether the reader's community waives it; ``GuidePage.materials_for`` says so.
    is_waived_here = False

    @property
    def is_spared(self):
        """Whether the applicant need not hand it in, by data sharing or because the community waives it."""
        return self.is_exempt or self.is_waived_here

    @property
    def is_brought(self):
        return not self.is_spared and self.necessity != self.OPTIONAL

    @property
    def is_required(self):
        return self.necessity == self.REQUIRED and not self.is_waived_here

    @property
    def necessity_text(self):
        return _("本社区免交") if self.is_waived_here and not self.is_exempt else self.necessity_label

    @property
    def necessity_badge(self):
        """The look of the answer to "要不要带"."""
        if self.is_spared:
            return "badge--ok"
        return {self.REQUIRED: "badge--civic", self.LATER: "badge--warn"}.get(self.necessity, "")

    @property
    def source_text(self):
        """Where it comes from, in one phrase: 政府部门核发：残联."""
        origin = "：".join(filter(None, [self.source_label, self.issuer]))
        return "，".join(filter(None, [origin, self.source_note]))

    @property
    def asks_for_refused(self):
        """Whether it is a certificate that communities must not issue."""
        return self.certificate_id is not None and self.certificate.is_refused

    @property
    def amount_text(self):
        parts = []
        if self.originals:
            text = ngettext("原件 %(number)d 份", "原件 %(number)d 份", self.originals)
            parts.append(text % {"number": self.originals})
        if self.copies:
            text = ngettext("复印件 %(number)d 份", "复印件 %(number)d 份", self.copies)
            parts.append(text % {"number": self.copies})
        return _("、").join(parts) or self.get_material_kind_display()


class Step(GuidePart):
    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(gettext_lazy("环节"), max_length=60)
    who = models.CharField(gettext_lazy("办理人"), max_length=120, blank=True)
    limit = models.CharField(gettext_lazy("时限"), max_length=60, blank=True)
    standard = models.TextField(gettext_lazy("标准"), blank=True)
    result = models.CharField(gettext_lazy("结果"), max_length=200, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("who"), FieldPanel("limit")]),
        FieldPanel("standard"),
        FieldPanel("result"),
    ]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("办理环节")
        verbose_name_plural = gettext_lazy("办理环节")

    def __str__(self):
        return self.name


class Fee(GuidePart):
    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="fees")
    name = models.CharField(gettext_lazy("收费项目"), max_length=120)
    standard = models.CharField(gettext_lazy("收费标准"), max_length=200)
    basis = models.CharField(gettext_lazy("收费依据"), max_length=300)
    is_reducible = models.BooleanField(gettext_lazy("可减免"), default=False)
    note = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("standard")]),
        FieldPanel("basis"),
        FieldRowPanel([FieldPanel("is_reducible"), FieldPanel("note")]),
    ]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("收费项目")
        verbose_name_plural = gettext_lazy("收费项目")

    def __str__(self):
        return self.name


class Question(GuidePart):
    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="faqs")
    question = models.CharField(gettext_lazy("问题"), max_length=200)
    answer = RichTextField(gettext_lazy("回答"), features=RICH_TEXT_FEATURES)

    panels = [FieldPanel("question"), FieldPanel("answer")]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("常见问题")
        verbose_name_plural = gettext_lazy("常见问题")

    def __str__(self):
        return self.question


class LevelChange(GuidePart):
    """The service moved: down to communities, up to the district, or away."""

    class Kind(models.TextChoices):
        DOWN = "down", gettext_lazy("下沉社区")
        UP = "up", gettext_lazy("上收")
        CANCELLED = "cancelled", gettext_lazy("取消")

    page = ParentalKey(GuidePage, on_delete=models.CASCADE, related_name="level_changes")
    change_kind = models.CharField(gettext_lazy("变化"), max_length=10, choices=Kind.choices)
    on = models.DateField(gettext_lazy("日期"), null=True, blank=True)
    on_text = models.CharField(gettext_lazy("日期写法"), max_length=30, blank=True)
    from_level = models.CharField(gettext_lazy("原办理地点"), max_length=120)
    to_level = models.CharField(gettext_lazy("现办理地点"), max_length=120, blank=True)
    document = models.CharField(gettext_lazy("依据或来源"), max_length=300, blank=True)
    note = models.CharField(gettext_lazy("说明"), max_length=300, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("change_kind"), FieldPanel("on"), FieldPanel("on_text")]),
        FieldRowPanel([FieldPanel("from_level"), FieldPanel("to_level")]),
        FieldPanel("document"),
        FieldPanel("note"),
    ]

    class Meta(GuidePart.Meta):
        verbose_name = gettext_lazy("层级变化")
        verbose_name_plural = gettext_lazy("层级变化")
        constraints = [
            models.CheckConstraint(
                condition=Q(change_kind="cancelled") | ~Q(to_level=""),
                name="guides_level_change_says_where",
                violation_error_message=gettext_lazy("请写明“现办理地点”；已取消的可以不写。"),
            )
        ]

    def __str__(self):
        return f"{self.date_text} {self.get_change_kind_display()}"

    @property
    def date_text(self):
        return self.on_text or (f"{self.on:%Y-%m-%d}" if self.on else "")
