"""The admin of a certificate list's editions."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.edition_admin import EditionViewSet
from content_models.base.edition_rows import PROBLEMS_SHOWN, EditionRows, shortened
from content_models.base.usage import uses_of
from content_models.certificates.items import Certificate, CertificateEdition, CertificateItem


class CertificateRows(EditionRows):
    """What one edition says about each certificate."""

    noun = gettext_lazy("证明事项")
    search_fields = ("name", "includes", "aliases", "demanding_units", "issuing_unit", "key")

    def all(self):
        return super().all().prefetch_related("alternatives")

    def headings(self):
        labels = [_("证明名称"), _("结论"), _("索要单位"), _("不开证明怎么办"), _("状态")]
        return [(label, False) for label in labels]

    def summary(self, row):
        alternatives = "；".join(alternative.text for alternative in row.alternatives.all())
        return [
            row.name,
            row.get_polarity_display(),
            shortened("、".join(row.demanding_units)),
            shortened(alternatives) or (_("待补充") if row.needs_alternative else ""),
            row.get_status_display(),
        ]

    def cells(self, row):
        extra = ["guide", "sample_document", "changed_on", "source"]
        return row.public_cells() + [
            (name, str(row._meta.get_field(name).verbose_name), str(getattr(row, name) or ""))
            for name in extra
        ]

    def typed(self, form, row):
        cells = super().typed(form, row)
        texts = "；".join(
            child.instance.text_of_all
            for child in form.formsets["alternatives"].forms
            if child.is_valid() and child.has_changed() | bool(child.instance.pk)
            if not child.cleaned_data.get("DELETE")
        )
        return [
            (
                key,
                label,
                texts if key == "alternatives" and form.formsets["alternatives"].has_changed() else text,
            )
            for key, label, text in cells
        ]

    def warnings(self):
        return (self._removed_in_use() + self._refused_in_use() + self._without_alternative())[
            :PROBLEMS_SHOWN
        ]

    def _certificates(self):
        return Certificate.objects.filter(owner_id=self.edition.owner_id)

    def _removed_in_use(self):
        removed = self._certificates().exclude(polarity="").exclude(key__in=self.edition.rows.values("key"))
        return [
            _("这个版本里没有了“%(name)s”，但仍有内容要求它：%(uses)s。")
            % {"name": certificate.name, "uses": "；".join(uses)}
            for certificate in removed
            if (uses := uses_of(certificate))
        ]

    def _refused_in_use(self):
        must_not = CertificateItem.Polarity.MUST_NOT
        refused = self.edition.rows.filter(polarity=must_not).values("key")
        newly = self._certificates().exclude(polarity=must_not).filter(key__in=refused)
        return [
            _("“%(name)s”改为不应出具，但仍有内容要求它：%(uses)s。")
            % {"name": certificate.name, "uses": "；".join(uses)}
            for certificate in newly
            if (uses := uses_of(certificate))
        ]

    def _without_alternative(self):
        silent = self.all().filter(polarity=CertificateItem.Polarity.MUST_NOT, alternatives__isnull=True)
        return [
            _("第 %(order)d 条“%(name)s”不应出具，但没有写居民该怎么办（待补充）。")
            % {"order": row.order, "name": row.name}
            for row in silent[:PROBLEMS_SHOWN]
        ]


class CertificateEditionViewSet(EditionViewSet):
    """Editions of certificate lists."""

    model = CertificateEdition
    rows_class = CertificateRows
    icon = "clipboard-list"
    menu_label = gettext_lazy("证明清单版本")
    menu_name = "certificate-editions"
    owner_noun = gettext_lazy("证明清单")
