"""Looking after content in the admin: menu, dashboard line, and one click beside what is being edited."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from care.confirm import CONFIRMED, is_public
from care.people import People
from care.things import confirm_url, is_within, model_named, own_paths, page_of, things_within
from content_models.base.admin_views import ListingMenuItem
from content_models.base.models import Edition

CONFIRM = _("确认仍然有效")


@hooks.register("register_admin_urls")
def add_urls() -> list[Any]:
    return [path("care/", include("care.urls"))]


def _item(label: Any, name: str, icon: str, order: int) -> Any:
    def add() -> MenuItem:
        return ListingMenuItem(
            label, reverse(f"care:{name}"), name=f"care-{name}", icon_name=icon, order=order
        )

    return add


for label, name, icon, order in [
    (_("街道看板"), "boards", "table", 10),
    (_("待核对"), "due", "calendar-check", 20),
    (_("栏目更新"), "channels", "list-ul", 60),
    (_("失效链接"), "links", "link", 70),
    (_("没有人读的页面"), "unread", "view", 80),
]:
    hooks.register("register_quality_menu_item", _item(label, name, icon, order))


class OwnDue(Component):
    """How much of what the user looks after is due."""

    order = 70
    template_name = "care/panels/own_due.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["care/care.css"]}

    def __init__(self, mine: int, others: int) -> None:
        self.mine, self.others = mine, others

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"mine": self.mine, "others": self.others, "url": reverse("care:due")}


@hooks.register("construct_homepage_panels")
def add_own_due(request: HttpRequest, panels: list[Any]) -> None:
    if not user_has_any_page_permission(request.user):
        return
    due = things_within(own_paths(request.user), due_until=timezone.localdate())
    if due:
        people = People()
        mine = sum(people.is_for(request.user, thing) for thing in due)
        panels.append(OwnDue(mine, len(due) - mine))


# Beside what is being edited


def _posting(url: str, back: str) -> dict[str, Any]:
    """What makes a button of the header do at once what its address would ask about first."""
    return {
        "data-controller": "w-action",
        "data-action": "w-action#post:prevent",
        "data-w-action-url-value": url,
        "data-w-action-next-value": back,
    }


def _may_confirm(thing: Any, user: Any) -> bool:
    is_known = model_named(type(thing)._meta.label_lower) is not None
    return (
        is_known
        and is_public(thing)
        and is_within(page_of(thing).path, own_paths(user, rights=("publish_page",)))
    )


@hooks.register("register_page_header_buttons")
def add_to_page(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    page = page.specific
    if view_name == "edit" and _may_confirm(page, user):
        url = confirm_url(type(page), page.pk)
        back = reverse("wagtailadmin_pages:edit", args=[page.pk])
        yield Button(CONFIRM, url, icon_name="calendar-check", attrs=_posting(url, back), priority=5)


@hooks.register("register_edition_header_buttons")
def add_to_edition(edition: Edition, user: Any, back: str) -> Iterator[HeaderButton]:
    if _may_confirm(edition, user):
        url = confirm_url(type(edition), edition.pk)
        yield HeaderButton(CONFIRM, url=url, icon_name="calendar-check", attrs=_posting(url, back))


@hooks.register("register_log_actions")
def name_confirmations(actions: Any) -> None:
    """Confirmations stand in the history of a page or an edition."""

    @actions.register_action(CONFIRMED)
    class Confirmed(LogFormatter):
        label = CONFIRM

        def format_message(self, entry: Any) -> str:
            due = entry.data.get("review_due") or ""
            said = str(_("确认仍然有效，下次核对 %(day)s")) if due else str(_("确认仍然有效"))
            return said % {"day": due} if due else said
