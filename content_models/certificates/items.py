"""Certificates and what each edition of a list says about them."""

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from content_models.base import memo
from content_models.base.blocks import RICH_TEXT_FEATURES
from content_models.base.editions import Edition, EditionRow
from content_models.base.fields import CodeField, LinesField
from content_models.base.slugs import slug_of


class CertificateEdition(Edition):
    """An edition (第N批) of a certificate list, with the numbers its document states."""

    owner = models.ForeignKey(
        "certificates.CertificateListPage",
        on_delete=models.CASCADE,
        related_name="editions",
        verbose_name=gettext_lazy("清单"),
    )
    stated_surveyed = models.PositiveIntegerField(gettext_lazy("公布的梳理数"), null=True, blank=True)
    stated_cancelled = models.PositiveIntegerField(gettext_lazy("公布的取消数"), null=True, blank=True)
    stated_retained = models.PositiveIntegerField(gettext_lazy("公布的保留数"), null=True, blank=True)

    panels = [
        FieldPanel("title"),
        FieldRowPanel([FieldPanel("doc_no"), FieldPanel("announced_on")]),
        FieldRowPanel(
            [
                FieldPanel("effective_on"),
                FieldPanel("repealed_on", help_text=gettext_lazy("从这一天起不再有效。")),
            ]
        ),
        FieldRowPanel(
            [FieldPanel("stated_surveyed"), FieldPanel("stated_cancelled"), FieldPanel("stated_retained")]
        ),
        FieldPanel("source"),
        FieldPanel("note"),
    ]

    class Meta(Edition.Meta):
        verbose_name = gettext_lazy("证明清单版本")
        verbose_name_plural = gettext_lazy("证明清单版本")

    @property
    def topic(self):
        return f"certificates:{self.owner_id}"

    def copied_header(self):
        return {
            **super().copied_header(),
            "stated_surveyed": self.stated_surveyed,
            "stated_cancelled": self.stated_cancelled,
            "stated_retained": self.stated_retained,
        }

    def row_problems(self):
        return [
            _("第 %(order)d 条“%(name)s”：%(problem)s")
            % {"order": row.order, "name": row.name, "problem": problem}
            for row in self.rows.prefetch_related("alternatives")
            for problem in row.problems()
        ]

    @cached_property
    def totals(self):
        """``[(label, counted, stated)]``, only for what was stated or counted."""
        polarity = CertificateItem.Polarity
        counts = dict(self.rows.values_list("polarity").annotate(models.Count("pk")).order_by())
        found = [
            (_("不再出具"), counts.get(polarity.MUST_NOT, 0), self.stated_cancelled),
            (_("可以出具"), counts.get(polarity.MAY, 0), self.stated_retained),
        ]
        return [row for row in found if row[1] or row[2] is not None]

    @cached_property
    def names_demanding_units(self):
        """Whether any item says who asked for it."""
        return self.rows.exclude(demanding_units="").exists()

    @property
    def is_stated(self):
        """Whether the document states any number to check the rows against."""
        return any(stated is not None for _label, _counted, stated in self.totals)

    @property
    def unaccounted(self):
        """Surveyed certificates neither cancelled nor retained; None where the document states too little."""
        stated = (self.stated_surveyed, self.stated_cancelled, self.stated_retained)
        return None if None in stated else stated[0] - stated[1] - stated[2]

    def after_publish(self, replaced=None):
        Certificate.follow(self)

    def after_take_back(self):
        Certificate.objects.filter(owner_id=self.owner_id).update(polarity="")
        memo.forget("refused certificates")

    def _copy_rows_to(self, draft):
        alternatives = list(Alternative.objects.filter(item__edition=self).select_related("item"))
        super()._copy_rows_to(draft)
        copies = dict(draft.rows.values_list("key", "pk"))
        for alternative in alternatives:
            alternative.item_id, alternative.pk = copies[alternative.item.key], None
        Alternative.objects.bulk_create(alternatives)


class CertificateItem(ClusterableModel, EditionRow):
    """What one edition says about one certificate: may be issued, must not be, or is not listed."""

    class Polarity(models.TextChoices):
        MAY = "may", gettext_lazy("可出具")
        MUST_NOT = "must_not", gettext_lazy("不应出具")
        UNLISTED = "unlisted", gettext_lazy("未列入（酌情）")

    class Status(models.TextChoices):
        IN_FORCE = "in_force", gettext_lazy("现行")
        CANCELLED = "cancelled", gettext_lazy("已取消")
        ADJUSTED = "adjusted", gettext_lazy("已调整")

    edition = models.ForeignKey(
        CertificateEdition, on_delete=models.CASCADE, related_name="rows", verbose_name=gettext_lazy("版本")
    )
    name = models.CharField(gettext_lazy("证明名称"), max_length=200)
    includes = LinesField(gettext_lazy("包含的证明"), help_text=gettext_lazy("括号里的细项，每行一个。"))
    aliases = LinesField(gettext_lazy("别名"), help_text=gettext_lazy("居民和单位的其他叫法，每行一个。"))
    polarity = models.CharField(gettext_lazy("结论"), max_length=10, choices=Polarity.choices)
    purpose = models.CharField(gettext_lazy("用途"), max_length=300, blank=True)
    demanding_units = LinesField(gettext_lazy("索要单位"), help_text=gettext_lazy("每行一个。"))
    issuing_unit = models.CharField(gettext_lazy("开具单位"), max_length=120, blank=True)
    legal_basis = models.TextField(gettext_lazy("依据"), blank=True)
    cancel_reason = CodeField(gettext_lazy("取消理由"), code_list="cancel_reason", blank=True)
    exceptions = models.TextField(gettext_lazy("例外情形"), blank=True)
    conditions = models.TextField(gettext_lazy("出具条件"), blank=True)
    materials = models.TextField(gettext_lazy("所需材料"), blank=True)
    steps = models.TextField(gettext_lazy("办理步骤"), blank=True)
    time_limit = models.CharField(gettext_lazy("办理时限"), max_length=60, blank=True)
    sample_document = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("证明式样文件"),
    )
    sample_text = RichTextField(gettext_lazy("证明式样"), blank=True, features=RICH_TEXT_FEATURES)
    guide = models.ForeignKey(
        "wagtailcore.Page",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("办事指南"),
    )
    status = models.CharField(
        gettext_lazy("状态"), max_length=10, choices=Status.choices, default=Status.IN_FORCE
    )
    changed_on = models.DateField(gettext_lazy("变动日期"), null=True, blank=True)
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("order"), FieldPanel("polarity"), FieldPanel("status")]),
                FieldPanel("name"),
                FieldPanel("includes"),
                FieldPanel("aliases"),
                FieldPanel("purpose"),
                FieldPanel("demanding_units"),
            ],
            gettext_lazy("证明"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("cancel_reason"),
                InlinePanel(
                    "alternatives", heading=gettext_lazy("不开证明怎么办"), label=gettext_lazy("替代方式")
                ),
                FieldPanel("exceptions"),
            ],
            gettext_lazy("不应出具时"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("issuing_unit"),
                FieldPanel("conditions"),
                FieldPanel("materials"),
                FieldPanel("steps"),
                FieldPanel("time_limit"),
                FieldPanel("sample_text"),
                FieldPanel("sample_document"),
            ],
            gettext_lazy("可出具时"),
        ),
        FieldPanel("legal_basis"),
        PageChooserPanel("guide", "guides.GuidePage"),
        FieldRowPanel([FieldPanel("changed_on"), FieldPanel("source")]),
    ]

    class Meta(EditionRow.Meta):
        verbose_name = gettext_lazy("证明事项")
        verbose_name_plural = gettext_lazy("证明事项")
        constraints = EditionRow.Meta.constraints + [
            models.CheckConstraint(
                condition=Q(polarity__in=["may", "must_not", "unlisted"]),
                name="certificates_item_polarity",
                violation_error_message=gettext_lazy("“结论”只能是可出具、不应出具或未列入。"),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def names(self):
        """Every name a person may use for this certificate."""
        return [self.name, *self.includes, *self.aliases]

    @property
    def is_refused(self):
        return self.polarity == self.Polarity.MUST_NOT

    @property
    def verdict(self):
        """The answer to "还要不要开这个证明", in the words residents read first."""
        return {
            self.Polarity.MUST_NOT: _("社区不再出具"),
            self.Polarity.MAY: _("社区可以出具"),
            self.Polarity.UNLISTED: _("未列入清单，酌情办理"),
        }[self.polarity]

    @property
    def verdict_look(self):
        """The look of the verdict: no, yes or unlisted."""
        return {self.Polarity.MUST_NOT: "no", self.Polarity.MAY: "yes"}.get(self.polarity, "unlisted")

    @property
    def verdict_badge(self):
        return {"no": "badge--warn", "yes": "badge--ok"}.get(self.verdict_look, "")

    @property
    def verdict_icon(self):
        return f"icons/verdict-{self.verdict_look}.svg"

    @property
    def may_be_issued(self):
        return self.polarity == self.Polarity.MAY

    @property
    def public_title(self):
        return self.name

    @property
    def first_alternative(self):
        return next(iter(self.alternatives.all()), None)

    @property
    def how_to_get(self):
        """``[(label, text)]`` of what a person needs to have it issued; only what is known."""
        names = ["issuing_unit", "conditions", "materials", "steps", "time_limit"]
        return [
            (self._meta.get_field(name).verbose_name, text) for name in names if (text := getattr(self, name))
        ]

    @property
    def url(self):
        return self.edition.owner.entry_url(self.key)

    def problems(self):
        """What is missing for this item to be published (DOMAIN 2.4)."""
        problems = []
        if self.polarity == self.Polarity.MAY:
            if not self.issuing_unit:
                problems.append(_("可出具的证明要写“开具单位”。"))
            if not self.legal_basis:
                problems.append(_("可出具的证明要写“依据”。"))
            if not (self.sample_text or self.sample_document_id):
                problems.append(_("可出具的证明要有“证明式样”。"))
            problems.extend(self._contradictions())
        return problems

    def _contradictions(self):
        """A local list may issue what a higher one refuses only with an exception that says why."""
        if self.exceptions:
            return []
        mine = self.edition.owner
        return [
            _("“%(list)s”规定不应出具“%(name)s”。要保留，请写明“例外情形”。")
            % {"list": refused.owner.title, "name": refused.name}
            for name in self.names
            for refused in Certificate.refused_by_name(name)
            if refused.owner.outranks(mine)
        ]

    @property
    def needs_alternative(self):
        """Whether residents are refused without being told what to do instead: shown to editors as 待补充."""
        return self.is_refused and not self.alternatives.all()

    def content(self):
        return {
            **{name: getattr(self, name) for name in self.compared_fields},
            "alternatives": [alternative.text_of_all for alternative in self.alternatives.all()],
        }

    compared_fields = [
        "name",
        "includes",
        "aliases",
        "polarity",
        "purpose",
        "demanding_units",
        "issuing_unit",
        "legal_basis",
        "cancel_reason",
        "exceptions",
        "conditions",
        "materials",
        "steps",
        "time_limit",
        "sample_text",
        "status",
    ]

    def public_cells(self):
        cells = []
        for name in self.compared_fields:
            value = getattr(self, name)
            if name in ("polarity", "status"):
                value = getattr(self, f"get_{name}_display")()
            elif name == "cancel_reason":
                value = self.cancel_reason_label
            text = "、".join(value) if isinstance(value, list) else str(value or "")
            cells.append((name, str(self._meta.get_field(name).verbose_name), text))
        alternatives = "；".join(alternative.text_of_all for alternative in self.alternatives.all())
        return cells + [("alternatives", _("不开证明怎么办"), alternatives)]

    def readable_key(self):
        return slug_of(self.name)[:60]


class Alternative(Orderable):
    """What a resident does instead of asking for a certificate (优化营商环境条例 第44条)."""

    item = ParentalKey(CertificateItem, on_delete=models.CASCADE, related_name="alternatives")
    kind = CodeField(gettext_lazy("方式"), code_list="alternative_kind")
    text = models.CharField(gettext_lazy("说明"), max_length=300)
    department = models.CharField(gettext_lazy("去哪里"), max_length=120, blank=True)
    link = models.URLField(gettext_lazy("链接"), blank=True)

    # 法定证照, 法律文书, 书面告知承诺, 合同凭证: what a resident brings; the others are what an office does.
    DOCUMENTS = ("1", "2", "3", "6")
    LONGEST_NAME = 30

    panels = [
        FieldRowPanel([FieldPanel("kind"), FieldPanel("department")]),
        FieldPanel("text"),
        FieldPanel("link"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("替代方式")
        verbose_name_plural = gettext_lazy("替代方式")

    def __str__(self):
        return self.text

    @property
    def names_document(self):
        """Whether the text is what a document is called, not a sentence about what is done."""
        return self.kind in self.DOCUMENTS and len(self.text) <= self.LONGEST_NAME and "。" not in self.text

    @property
    def text_of_all(self):
        return " ".join(filter(None, [self.kind_label, self.text, self.department, self.link]))


class Certificate(models.Model):
    """One certificate of a list through all its editions: what a guide's material points to."""

    owner = models.ForeignKey(
        "certificates.CertificateListPage", on_delete=models.CASCADE, related_name="certificates"
    )
    key = models.CharField(max_length=100)
    name = models.CharField(gettext_lazy("证明名称"), max_length=200)
    polarity = models.CharField(
        gettext_lazy("结论"), max_length=10, choices=CertificateItem.Polarity.choices, blank=True
    )
    all_names = LinesField(editable=False)

    class Meta:
        verbose_name = gettext_lazy("证明")
        verbose_name_plural = gettext_lazy("证明")
        ordering = ["owner", "key"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="certificates_certificate_key_once")
        ]

    def __str__(self):
        return _("%(name)s（%(verdict)s）") % {
            "name": self.name,
            "verdict": self.get_polarity_display() or _("已不在清单"),
        }

    @property
    def is_refused(self):
        return self.polarity == CertificateItem.Polarity.MUST_NOT

    @property
    def url(self):
        return self.owner.entry_url(self.key)

    @cached_property
    def current_item(self):
        """What the edition in force says, or None when the certificate is no longer listed."""
        return (
            CertificateItem.objects.filter(
                edition__owner=self.owner_id, edition__is_current=True, key=self.key
            )
            .prefetch_related("alternatives")
            .first()
        )

    @classmethod
    def current_items(cls, certificates):
        """``{(owner id, key): item}`` of what the editions in force say of them, with alternatives."""
        items = CertificateItem.objects.filter(
            edition__owner__in={certificate.owner_id for certificate in certificates},
            edition__is_current=True,
            key__in={certificate.key for certificate in certificates},
        )
        items = items.select_related("edition").prefetch_related("alternatives")
        return {(item.edition.owner_id, item.key): item for item in items}

    @classmethod
    def follow(cls, edition):
        """Bring a list's certificates up to ``edition``, the one now in force."""
        rows = edition.rows.values_list("key", "name", "polarity", "includes", "aliases")
        cls.objects.bulk_create(
            [
                cls(
                    owner_id=edition.owner_id,
                    key=key,
                    name=name,
                    polarity=polarity,
                    all_names=[name, *inc, *aliases],
                )
                for key, name, polarity, inc, aliases in rows
            ],
            update_conflicts=True,
            unique_fields=["owner", "key"],
            update_fields=["name", "polarity", "all_names"],
        )
        cls.objects.filter(owner_id=edition.owner_id).exclude(key__in=edition.rows.values("key")).update(
            polarity=""
        )
        memo.forget("refused certificates")

    @classmethod
    def all_refused(cls):
        """Certificates of live lists that must not be issued."""
        return cls.objects.filter(polarity=CertificateItem.Polarity.MUST_NOT, owner__live=True)

    @classmethod
    def refused_by_name(cls, name):
        """Certificates of live lists that must not be issued and go by ``name``."""
        named = cls.all_refused()
        name = name.strip()
        return (
            named.filter(Q(name=name) | Q(all_names__has=name)).select_related("owner")
            if name
            else named.none()
        )
