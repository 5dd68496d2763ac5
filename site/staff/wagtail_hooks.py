"""The admin around content: menus, dashboard, accounts, posts and what each person may see."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms.choosers import (
    AnchorLinkChooserForm,
    EmailLinkChooserForm,
    ExternalLinkChooserForm,
    PhoneLinkChooserForm,
)
from wagtail.admin.menu import MenuItem, SubmenuMenuItem, settings_menu
from wagtail.admin.views.account import NameEmailSettingsPanel
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.contrib.redirects.filters import RedirectsReportFilterSet
from wagtail.sites.views import IndexView as SiteIndexView

from content_models.base.rights import visible_pages
from staff.accounts import OwnDetailsForm, PostViewSet
from staff.audit_views import AuditViewSet
from staff.dashboard import MyDrafts, QuickLinks, ToReview
from staff.narrow import BULK_ACTIONS

# Every snippet has its place in a job's group; the help speaks of Wagtail, in English.
HIDDEN = {"snippets", "help"}
# Groups follow from posts, and the one kind of review has nothing to set.
HIDDEN_SETTINGS = {"groups", "workflow-tasks", "locales"}

# People have one name here, not a first and a last one.
NameEmailSettingsPanel.form_class = OwnDetailsForm
# Wagtail heads these columns with the names of their fields.
SITE_COLUMNS = {"port": _("端口"), "site_name": _("网站名称"), "root_page": _("首页")}
for column in SiteIndexView.columns:
    column.label = SITE_COLUMNS.get(column.name, column.label)
# And these boxes of the link dialogs not at all.
LINK_LABELS = {
    "link_text": _("链接文字"),
    "email_address": _("电子邮箱"),
    "subject": _("邮件主题"),
    "body": _("邮件正文"),
    "phone_number": _("电话号码"),
}
for link_form in (ExternalLinkChooserForm, AnchorLinkChooserForm, EmailLinkChooserForm, PhoneLinkChooserForm):
    for name, field in link_form.base_fields.items():
        field.label = LINK_LABELS.get(name, field.label)
# And translates this filter before it is known into which language.
redirect_type = RedirectsReportFilterSet.base_filters["is_permanent"]
redirect_type.label = _("类型")
redirect_type.extra |= {
    "choices": [(True, _("永久")), (False, _("临时"))],
    "empty_label": _("全部"),
}


@hooks.register("register_admin_viewset")
def register_staff_screens() -> list[Any]:
    return [PostViewSet(), AuditViewSet()]


@hooks.register("insert_global_admin_js")
def add_own_script() -> str:
    return format_html('<script src="{}"></script>', static("staff/admin.js"))


@hooks.register("construct_main_menu")
def arrange_main_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN]
    for place, item in enumerate(items):
        if item.name == "settings":
            items[place] = SubmenuMenuItem(
                _("设置"), settings_menu, name="settings", icon_name="cogs", order=10000
            )


@hooks.register("construct_settings_menu")
def arrange_settings_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN_SETTINGS]


@hooks.register("construct_reports_menu")
def arrange_reports_menu(request: HttpRequest, items: list[MenuItem]) -> None:
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "page-types-usage"]


@hooks.register("construct_homepage_panels")
def arrange_dashboard(request: HttpRequest, panels: list[Any]) -> None:
    others = [panel for panel in panels if not isinstance(panel, WorkflowObjectsToModeratePanel)]
    panels[:] = [QuickLinks(), ToReview(), MyDrafts(), *others]


@hooks.register("construct_homepage_summary_items", order=100)
def leave_out_figures(request: HttpRequest, items: list[Any]) -> None:
    items.clear()


@hooks.register("construct_page_chooser_queryset")
def choose_among_visible_pages(pages: Any, request: HttpRequest) -> Any:
    visible = visible_pages(request.user)
    parent = request.resolver_match.kwargs.get("parent_page_id") if request.resolver_match else None
    if parent and not visible.filter(pk=parent).exists():
        raise PermissionDenied
    return pages.filter(pk__in=visible.values("pk"))


for action in BULK_ACTIONS:
    # After Wagtail's own of the same name, which they replace.
    hooks.register("register_bulk_action", action, order=100)
