"""The menu 内容质量, which screens about the state of the content join by ``register_quality_menu_item``."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from quality.conflict_views import Conflicts
from quality.health_views import Findings, Health
from quality.override_views import LetPass, Overrides, Withdraw
from quality.paste.views import clean_paste
from quality.places import own_paths
from quality.rule_views import EditWords, Rules, may_set_rules
from quality.side_panel import ChecksPanel, FindingsOnCreate, FindingsOnEdit
from staff.page_forms import show_beside

quality_menu = Menu(register_hook_name="register_quality_menu_item")
show_beside(ChecksPanel)


@hooks.register("register_admin_menu_item")
def add_menu() -> MenuItem:
    return SubmenuMenuItem(_("内容质量"), quality_menu, name="quality", icon_name="circle-check", order=170)


@hooks.register("register_admin_urls")
def register_addresses() -> list[Any]:
    return [
        # Below the address of the form they are asked for.
        path("pages/<int:page_id>/edit/findings/", FindingsOnEdit.as_view(), name="quality_findings"),
        path(
            "pages/add/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>/findings/",
            FindingsOnCreate.as_view(),
            name="quality_findings_of_new",
        ),
        path(
            "quality/let-pass/<slug:app_label>/<slug:model_name>/<int:pk>/",
            LetPass.as_view(),
            name="quality_let_pass",
        ),
        path("quality/overrides/", Overrides.as_view(), name="quality_overrides"),
        path("quality/overrides/<int:pk>/withdraw/", Withdraw.as_view(), name="quality_withdraw_override"),
        path("quality/paste/", clean_paste, name="quality_clean_paste"),
        path("quality/health/", Health.as_view(), name="quality_health"),
        path("quality/health/findings/", Findings.as_view(), name="quality_findings_kept"),
        path("quality/conflicts/", Conflicts.as_view(), name="quality_conflicts"),
        path("quality/rules/", Rules.as_view(), name="quality_rules"),
        path("quality/rules/words/<slug:code>/", EditWords.as_view(), name="quality_words"),
    ]


class ForEditors(MenuItem):
    """Shown to people who work on content."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(own_paths(request.user))


class ForTheDistrict(MenuItem):
    """Shown to those who set the rules."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_set_rules(request.user)


@hooks.register("register_quality_menu_item")
def add_health() -> MenuItem:
    return ForEditors(
        _("内容体检"), reverse("quality_health"), name="health", icon_name="circle-check", order=10
    )


@hooks.register("register_quality_menu_item")
def add_conflicts() -> MenuItem:
    return ForEditors(
        _("证明冲突"), reverse("quality_conflicts"), name="conflicts", icon_name="warning", order=20
    )


@hooks.register("register_quality_menu_item")
def add_rules() -> MenuItem:
    return ForTheDistrict(_("检查规则"), reverse("quality_rules"), name="rules", icon_name="cogs", order=90)


@hooks.register("register_quality_menu_item")
def add_overrides() -> MenuItem:
    return ForEditors(_("放行记录"), reverse("quality_overrides"), icon_name="unlocked", order=800)


@hooks.register("insert_global_admin_js")
def add_paste_cleaner() -> str:
    return format_html(
        '<script src="{}" data-clean-paste="{}" data-title="{}" data-changed="{}" data-before="{}"'
        ' data-after="{}" data-cleaned="{}" data-as-is="{}" data-cancel="{}"></script>',
        static("quality/paste.js"),
        reverse("quality_clean_paste"),
        _("粘贴的内容可以整理一下"),
        _("整理会改动这些："),
        _("粘贴的原样"),
        _("整理以后"),
        _("用整理后的"),
        _("按原样粘贴"),
        _("不粘贴"),
    )


@hooks.register("insert_global_admin_css")
def add_paste_style() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("quality/paste.css"))
