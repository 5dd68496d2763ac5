"""The way to the tokens: from one's account, and for administrators from the settings."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from api.access import may_upload


class TokensMenuItem(MenuItem):
    """For those who look after everybody's."""

    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_superuser


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLResolver]:
    return [path("tokens/", include("api.token_urls"))]


@hooks.register("register_account_menu_item")
def add_account_entry(request: HttpRequest) -> dict[str, Any] | None:
    if not may_upload(request.user):
        return None
    help_text = _("让您的业务系统自动上传表格用的钥匙：新建、查看、停用。")
    return {"url": reverse("tokens:index"), "label": _("访问令牌"), "help_text": help_text}


@hooks.register("register_settings_menu_item")
def add_settings_entry() -> MenuItem:
    return TokensMenuItem(
        _("访问令牌"), reverse_lazy("tokens:index"), name="tokens", icon_name="key", order=905
    )
