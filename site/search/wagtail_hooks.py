"""The menu 居民搜索, and the line on the dashboard that leads to what was not found."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.ui.components import Component
from wagtail.snippets.models import register_snippet

from content_models.base.admin_views import JobGroup
from search.admin_views import MessagesViewSet, SearchesViewSet, SynonymViewSet
from search.report import Report, Show

WEEK = 7  # days


class SearchGroup(JobGroup):
    menu_label = _("居民搜索")
    menu_name = "search-group"
    menu_icon = "glasses"
    menu_order = 165
    items = (SearchesViewSet, MessagesViewSet, SynonymViewSet)


register_snippet(SearchGroup)


class NotFound(Component):
    """How many texts of the last week had no result."""

    order = 60
    template_name = "search/panels/not_found.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["search/admin.css"]}

    def __init__(self, number: int) -> None:
        self.number = number

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        query = urlencode({"show": Show.FAILED.value, "days": str(WEEK)})
        return {"number": self.number, "url": f"{reverse('searches:index')}?{query}"}


@hooks.register("construct_homepage_panels")
def add_what_was_not_found(request: HttpRequest, panels: list[Any]) -> None:
    if user_has_any_page_permission(request.user) and (number := Report(WEEK).texts(Show.FAILED).count()):
        panels.append(NotFound(number))
