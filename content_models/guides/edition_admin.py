"""The admin of the provisions of communities and streets."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList

from content_models.base.edition_admin import EditionViewSet
from content_models.base.edition_rows import EditionRows, shortened
from content_models.guides.provisions import Provision, ProvisionEdition


class ProvisionForm(WagtailAdminModelForm):
    """The form of one provision: each guide once in an edition."""

    def clean(self):
        cleaned = super().clean()
        guide = cleaned.get("guide")
        if guide is not None:
            others = self.instance.edition.rows.filter(guide=guide).exclude(pk=self.instance.pk)
            if others.exists():
                self.add_error("guide", _("这个版本里已有这项服务的安排。"))
        return cleaned

    def save(self, commit=True):
        if "guide" in self.changed_data:
            self.instance.key = ""
        return super().save(commit)


PANEL = ObjectList(Provision.panels, base_form_class=ProvisionForm).bind_to_model(Provision)


class ProvisionRows(EditionRows):
    """How a community or street offers each service."""

    noun = gettext_lazy("服务安排")
    search_fields = ("guide__title", "office__title", "window", "phone", "hours", "reason", "note")
    panel = PANEL

    def all(self):
        return super().all().select_related("guide", "office", "go_to")

    def headings(self):
        labels = [_("办事指南"), _("本地办理"), _("办理场所"), _("窗口"), _("办理时间"), _("电话")]
        return [(label, False) for label in labels]

    def summary(self, row):
        place = row.office if row.is_offered else row.go_to
        return [
            row.guide.title,
            _("是") if row.is_offered else shortened(_("否：%(reason)s") % {"reason": row.reason}),
            place.title if place is not None else "",
            row.window,
            shortened(row.hours),
            row.phone,
        ]

    def cells(self, row):
        if row.guide_id is None:
            return []
        go_to = str(row._meta.get_field("go_to").verbose_name)
        return [*row.public_cells(), ("go_to", go_to, row.go_to.title if row.go_to_id else "")]


class ProvisionEditionViewSet(EditionViewSet):
    """Editions of the provisions of a community or street."""

    model = ProvisionEdition
    rows_class = ProvisionRows
    icon = "site"
    menu_label = gettext_lazy("各地服务安排")
    menu_name = "provision-editions"
    owner_noun = gettext_lazy("社区或街道")
