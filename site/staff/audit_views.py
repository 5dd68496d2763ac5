"""操作记录: who did what, to be read by administrators and auditors and changed by nobody."""

import tempfile
from collections.abc import Iterator
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.coreutils import get_content_type_label
from wagtail.permissions import ModelPermissionPolicy

from content_models.base.plain_workbook import write_plain_xlsx
from content_models.base.spreadsheets import MEDIA_TYPES, OutColumn, OutSheet, write_csv
from staff import retention
from staff.models import ACTION_LABELS, AuditChain, AuditCheck, AuditEntry, User

COUNTED = 10_000  # entries that are counted and paged through; older ones are found by filtering
XLSX_ROWS = 1_000_000  # a sheet holds little more
EXPORTED_AT_ONCE = 2_000


class ReadOnly(ModelPermissionPolicy):
    """Rights to view are asked; every other action is refused, to administrators too."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action == "view" and super().user_has_permission(user, "view")

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return self.user_has_permission(user, action)


class KindFilter(django_filters.ModelChoiceFilter):
    """Kinds of objects, by the names editors know."""

    class field_class(django_filters.fields.ModelChoiceField):
        def label_from_instance(self, obj: ContentType) -> str:
            return str(get_content_type_label(obj))


def _kinds_recorded(request: Any) -> Any:
    return ContentType.objects.filter(
        Exists(AuditEntry.objects.filter(content_type=OuterRef("pk")).order_by())
    )


class AuditFilterSet(WagtailFilterSet):
    by = django_filters.ModelChoiceFilter(
        label=_("人员"), queryset=User.objects.order_by("display_name", "username"), empty_label=_("全部")
    )
    action = django_filters.MultipleChoiceFilter(
        label=_("操作"), choices=list(ACTION_LABELS.items()), widget=forms.CheckboxSelectMultiple
    )
    content_type = KindFilter(label=_("对象类型"), queryset=_kinds_recorded, empty_label=_("全部"))
    at = django_filters.DateFromToRangeFilter(label=_("日期"), widget=DateRangePickerWidget)

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class EntryPaginator(WagtailPaginator):
    """Counts so far and no further, since there may be millions."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list.order_by()[:COUNTED].count())


class AuditIndexView(generic.IndexView):
    paginator_class = EntryPaginator
    list_export = ["label"]  # what Wagtail offers its buttons for; the columns are EXPORTED

    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("content_type", "by")

    def order_queryset(self, queryset: Any) -> Any:
        return queryset.order_by(*(["at", "pk"] if self.ordering == "at" else ["-at", "-pk"]))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.is_export:
            return self._file(self.get_queryset(), request.GET["export"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return context | {
            "last_check": AuditCheck.objects.first(),
            "chain": AuditChain.objects.first(),
            "kept_days": retention.kept_days(),
            "counted": COUNTED,
            "has_more": context["items_count"] >= COUNTED,
        }

    # The file

    def _file(self, entries: Any, form: str) -> HttpResponseBase:
        """What is filtered as .xlsx or .csv, held on disk and never whole in memory."""
        if form == self.FORMAT_XLSX and entries.order_by()[XLSX_ROWS : XLSX_ROWS + 1].exists():
            messages.error(self.request, _("超过一百万条，一个 .xlsx 文件放不下。请缩小范围，或者导出 CSV。"))
            return redirect(self.index_url)
        sheet = OutSheet(str(_("操作记录")), [OutColumn(str(title)) for title in EXPORTED], _rows(entries))
        file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the answer
        if form == self.FORMAT_XLSX:
            write_plain_xlsx([sheet], file)
        else:
            write_csv(sheet, file)
        file.seek(0)
        name = f"{_('操作记录')} {timezone.localdate().isoformat()}.{form}"
        response = FileResponse(file, as_attachment=True, filename=name, content_type=MEDIA_TYPES[form])
        response["Cache-Control"] = "private, no-store"
        return response


EXPORTED = [
    _("序号"), _("时间"), _("人员"), _("人员编号"), _("操作"), _("对象类型"),
    _("对象"), _("编号"), _("详情"), _("校验值"),
]  # fmt: skip


def _rows(entries: Any) -> Iterator[list[Any]]:
    for entry in entries.iterator(chunk_size=EXPORTED_AT_ONCE):
        yield [
            entry.sequence,
            timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds"),
            entry.who,
            entry.person,
            entry.action_label,
            entry.kind_label,
            entry.label,
            entry.object_id,
            entry.detail_text,
            entry.hash,
        ]


class AuditInspectView(generic.InspectView):
    def get_field_label(self, field_name: str, field: Any) -> str:
        return str(LABELS[field_name])

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        """The moment as the clock on the wall shows it; Wagtail would give Greenwich's."""
        if field_name == "at":
            return f"{timezone.localtime(self.object.at):%Y-%m-%d %H:%M:%S}"
        return super().get_field_display_value(field_name, field)


LABELS = {
    "at": _("时间"),
    "who": _("人员"),
    "action_label": _("操作"),
    "kind_label": _("对象类型"),
    "label": _("对象"),
    "object_id": _("编号"),
    "detail_text": _("详情"),
    "sequence": _("序号"),
    "hash": _("校验值"),
}


class AuditViewSet(ModelViewSet):
    name = "audit"
    model = AuditEntry
    icon = "history"
    menu_label = _("操作记录")
    menu_name = "audit"
    menu_order = 900
    add_to_settings_menu = True
    index_view_class = AuditIndexView
    index_results_template_name = "staff/audit_results.html"
    inspect_view_class = AuditInspectView
    inspect_view_enabled = True
    inspect_view_fields = list(LABELS)
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50
    ordering = ["-at", "-pk"]
    list_display = [
        TitleColumn(
            "label", label=_("对象"), get_url=lambda entry: reverse("audit:inspect", args=[entry.pk])
        ),
        Column("kind_label", label=_("对象类型")),
        Column("action_label", label=_("操作")),
        Column("who", label=_("人员")),
        DateColumn("at", label=_("时间"), sort_key="at"),
    ]
    filterset_class = AuditFilterSet
    search_fields = ["label", "by_name"]
    form_fields: list[str] = []

    @cached_property
    def permission_policy(self) -> ReadOnly:
        return ReadOnly(self.model)
