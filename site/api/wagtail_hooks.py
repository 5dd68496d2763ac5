"""The ways to what other systems need: tokens, webhooks, preview links, code to embed a channel."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from api.access import scopes_of
from api.embed.screen import EmbedScreen, embed_button, may_be_embedded
from api.preview_screens import PreviewLink
from api.previews import APIS, may_read


class AdministratorsMenuItem(MenuItem):
    """For those who look after everybody's."""

    def is_shown(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return user.is_superuser


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLPattern | URLResolver]:
    return [
        path("tokens/", include("api.token_urls")),
        path("webhooks/", include("api.webhooks.urls")),
        path("previews/<int:pk>/", PreviewLink.as_view(), name="api_preview_link"),
        path("embed/<int:pk>/", EmbedScreen.as_view(), name="embed_channel"),
    ]


@hooks.register("register_page_header_buttons")
def add_preview_link(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """For pages that other front ends can show, to who works on them."""
    if type(page.specific) in APIS and may_read(user, page):
        address = reverse("api_preview_link", args=[page.pk])
        yield Button(_("给其他前端的预览链接"), address, icon_name="link-external", priority=70)


@hooks.register("register_account_menu_item")
def add_account_entry(request: HttpRequest) -> dict[str, Any] | None:
    if not scopes_of(request.user):
        return None
    help_text = _("让您的业务系统自动上传表格、读取草稿用的钥匙：新建、查看、停用。")
    return {"url": reverse("tokens:index"), "label": _("访问令牌"), "help_text": help_text}


@hooks.register("register_page_header_buttons")
def offer_embedding_beside_a_channel(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    if may_be_embedded(page):
        yield embed_button(page, priority=68)


@hooks.register("register_page_listing_more_buttons")
def offer_embedding_in_a_listing(page: Page, user: Any, next_url: str | None = None) -> Iterator[Button]:
    if may_be_embedded(page):
        yield embed_button(page, priority=55)


@hooks.register("register_settings_menu_item")
def add_settings_entry() -> MenuItem:
    return AdministratorsMenuItem(
        _("访问令牌"), reverse_lazy("tokens:index"), name="tokens", icon_name="key", order=905
    )


@hooks.register("register_settings_menu_item")
def add_webhooks_entry() -> MenuItem:
    return AdministratorsMenuItem(
        _("变更推送"), reverse_lazy("webhooks:index"), name="webhooks", icon_name="link-external", order=906
    )
