"""The admin around content: menus, dashboard, accounts, posts and what each person may see."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
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
from wagtail.models import Page
from wagtail.sites.views import IndexView as SiteIndexView

from content_models.base.rights import visible_pages
from staff.accounts import OwnDetailsForm, PostViewSet, SetActive
from staff.audit_views import AuditViewSet
from staff.dashboard import MyDrafts, QuickLinks, ToReview
from staff.narrow import BULK_ACTIONS
from staff.script_calls import take_out_of_choosers

# Every snippet has its place in a job's group; the help speaks of Wagtail, in English.
HIDDEN = {"snippets", "help"}
# Groups follow from posts.
HIDDEN_SETTINGS = {"groups", "locales"}

take_out_of_choosers()
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


@hooks.register("insert_global_admin_js")
def add_sign_of_life() -> str:
    return format_html(
        '<script type="module" src="{}" data-staff-active="{}" data-login-at="{}" data-csrf-cookie="{}"'
        ' data-idle-seconds="{}" data-over="{}" data-sign-in="{}" data-again="{}"></script>',
        static("staff/signed_in.js"),
        reverse("staff_active"),
        reverse("wagtailadmin_login"),
        settings.CSRF_COOKIE_NAME,
        settings.SESSION_IDLE_SECONDS,
        _("您的登录已经结束。这一页先别关，也别保存："),
        _("请在新窗口重新登录"),
        _("，再回到这里保存，打好的内容还在。"),
    )


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


@hooks.register("register_account_menu_item", order=10)
def add_sign_ins_entry(request: HttpRequest) -> dict[str, Any]:
    help_text = _("看看您的账号在哪些电脑和手机上登录着；不认识的，马上结束。")
    return {"url": reverse("staff_sign_ins"), "label": _("我的登录"), "help_text": help_text}


@hooks.register("register_account_menu_item", order=20)
def add_password_entry(request: HttpRequest) -> dict[str, Any]:
    help_text = _("换一个新密码。别处的登录会全部结束。")
    return {"url": reverse("staff_change_password"), "label": _("修改密码"), "help_text": help_text}


@hooks.register("register_account_menu_item", order=30)
def add_second_factor_entry(request: HttpRequest) -> dict[str, Any]:
    help_text = _("登录时除了密码，再输入手机上的验证码，密码泄露了别人也进不来。")
    return {"url": reverse("staff_second_factor"), "label": _("第二重验证"), "help_text": help_text}


@hooks.register("before_move_page")
def ask_before_naming(request: HttpRequest, page: Page, destination: Page) -> None:
    """Wagtail asks for rights only when it moves; the question before names the page to everyone."""
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied


for action in [*BULK_ACTIONS, SetActive]:
    # After Wagtail's own of the same name, which they replace.
    hooks.register("register_bulk_action", action, order=100)
