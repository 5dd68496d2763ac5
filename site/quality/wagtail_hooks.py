"""The menu 内容质量, which screens about the state of the content join by ``register_quality_menu_item``."""

from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

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
    ]
