"""The ways to 成批发布 and 定时发布: menus, the first screen, and beside pages and editions."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.snippets.action_menu import ActionMenuItem as SnippetActionMenuItem

from publishing.bundles import compose, rights
from publishing.bundles.models import content_type_of
from publishing.lateness import BundlesToReview, ScheduleNotice, ScheduleScreen

SAVED_INTO = "action-bundle"


class EditorsMenuItem(MenuItem):
    """For those who work on some part of the site."""

    def is_shown(self, request: HttpRequest) -> bool:
        return user_has_any_page_permission(request.user)


@hooks.register("register_admin_urls")
def add_addresses() -> list[URLPattern | URLResolver]:
    return [
        path("bundles/", include("publishing.bundles.urls")),
        path("schedule/", ScheduleScreen.as_view(), name="publishing_schedule"),
    ]


@hooks.register("register_admin_menu_item")
def add_bundles_entry() -> MenuItem:
    return EditorsMenuItem(
        _("成批发布"),
        reverse_lazy("bundles:index"),
        name="bundles",
        icon_name="folder-open-inverse",
        order=165,
    )


@hooks.register("register_reports_menu_item")
def add_schedule_entry() -> MenuItem:
    return EditorsMenuItem(
        _("定时发布"),
        reverse_lazy("publishing_schedule"),
        name="schedule",
        icon_name="calendar-alt",
        order=650,
    )


# After the first screen was arranged.
@hooks.register("construct_homepage_panels", order=200)
def add_panels(request: HttpRequest, panels: list[Any]) -> None:
    panels.insert(0, ScheduleNotice())
    panels.insert(min(3, len(panels)), BundlesToReview())


def way_into_a_bundle(thing: Any, user: Any) -> str:
    """Where ``thing`` is put into a bundle; nothing for who may not, and for what cannot be in one."""
    if not thing.pk or not rights.may_belong(thing) or not compose.may_change(user, thing):
        return ""
    return reverse("bundles:add_to", args=[content_type_of(type(thing)).pk, thing.pk])


class SaveIntoBundle(ActionMenuItem):
    """Saves the draft like 保存草稿, and goes on to choose the bundle."""

    name = SAVED_INTO
    label = _("保存并加入成批发布")
    icon_name = "folder-open-inverse"

    def is_shown(self, context: Any) -> bool:
        return context["view"] == "edit" and super().is_shown(context)


class SaveSnippetIntoBundle(SnippetActionMenuItem):
    """The same for editions and banners."""

    name = SAVED_INTO
    label = _("保存并加入成批发布")
    icon_name = "folder-open-inverse"

    def is_shown(self, context: Any) -> bool:
        thing = context.get("instance")
        return thing is not None and rights.may_belong(thing) and super().is_shown(context)


@hooks.register("register_page_action_menu_item")
def offer_in_the_menu_of_pages() -> ActionMenuItem:
    return SaveIntoBundle(order=85)


@hooks.register("register_snippet_action_menu_item")
def offer_in_the_menu_of_editions(model: Any) -> SnippetActionMenuItem | None:
    return SaveSnippetIntoBundle(order=85) if model in rights.kinds() else None


@hooks.register("after_edit_page")
def go_on_from_a_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    return _go_on(request, page.specific)


@hooks.register("after_edit_snippet")
def go_on_from_an_edition(request: HttpRequest, instance: Any) -> HttpResponse | None:
    return _go_on(request, instance)


def _go_on(request: HttpRequest, thing: Any) -> HttpResponse | None:
    if SAVED_INTO not in request.POST:
        return None
    address = way_into_a_bundle(thing, request.user)
    return redirect(address) if address else None


@hooks.register("register_edition_buttons")
def offer_beside_an_edition(edition: Any, user: Any) -> Iterator[Button]:
    if edition.status in ("draft", "taken_back") and (address := way_into_a_bundle(edition, user)):
        yield Button(str(_("加入成批发布")), address, icon_name="folder-open-inverse", priority=25)


@hooks.register("register_page_header_buttons")
def offer_beside_a_page(
    page: Page, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    is_offered = view_name == "edit" and page.has_unpublished_changes
    if is_offered and (address := way_into_a_bundle(page.specific, user)):
        yield Button(str(_("加入成批发布")), address, icon_name="folder-open-inverse", priority=66)
