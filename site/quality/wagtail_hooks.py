"""The menu 内容质量, which screens about the state of the content join by ``register_quality_menu_item``."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

quality_menu = Menu(register_hook_name="register_quality_menu_item")


@hooks.register("register_admin_menu_item")
def add_menu() -> MenuItem:
    return SubmenuMenuItem(_("内容质量"), quality_menu, name="quality", icon_name="circle-check", order=170)
