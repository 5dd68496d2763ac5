"""操作记录: who did what, to be read by administrators and auditors and changed by nobody."""

from typing import Any

import django_filters
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.coreutils import get_content_type_label
from wagtail.permissions import ModelPermissionPolicy

from staff.models import ACTION_LABELS, AuditEntry, User


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
    return ContentType.objects.filter(pk__in=AuditEntry.objects.order_by().values("content_type").distinct())


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


class AuditIndexView(generic.IndexView):
    def get_base_queryset(self) -> Any:
        return super().get_base_queryset().select_related("content_type", "by")


class AuditInspectView(generic.InspectView):
    def get_field_label(self, field_name: str, field: Any) -> str:
        return str(LABELS[field_name])


LABELS = {
    "at": _("时间"),
    "by_name": _("人员"),
    "action_label": _("操作"),
    "kind_label": _("对象类型"),
    "label": _("对象"),
    "object_id": _("编号"),
    "detail_text": _("详情"),
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
    inspect_view_class = AuditInspectView
    inspect_view_enabled = True
    inspect_view_fields = list(LABELS)
    copy_view_enabled = False
    add_to_reference_index = False
    list_per_page = 50
    ordering = ["-at", "-pk"]
    list_display = [
        Column("label", label=_("对象")),
        Column("kind_label", label=_("对象类型")),
        Column("action_label", label=_("操作")),
        Column("by_name", label=_("人员"), sort_key="by_name"),
        DateColumn("at", label=_("时间"), sort_key="at"),
    ]
    filterset_class = AuditFilterSet
    search_fields = ["label", "by_name"]
    form_fields: list[str] = []

    @cached_property
    def permission_policy(self) -> ReadOnly:
        return ReadOnly(self.model)
